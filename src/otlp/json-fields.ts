import { toUSVString } from 'node:util';
import { OtlpDecodeError } from './otlp-decode-error';

/** A JSON object as `JSON.parse` makes it; `null` and an absent key both mean the default. */
export type JsonObject = Readonly<Record<string, unknown>>;

const MAX_UINT32 = 2 ** 32 - 1;
const MAX_UINT64 = 2n ** 64n - 1n;
const MAX_INT64 = 2n ** 63n - 1n;

const ADVICE: Readonly<Record<string, string>> = {
  resourceSpans: 'send traces to /v1/traces',
  resourceLogs: 'send logs to /v1/logs',
  resourceMetrics: 'metrics are not taken here',
};

/** The request whose records lie in `field`; another signal's request is refused by name. */
export function requestOf(value: unknown, field: string): JsonObject {
  const request = asObject(value, 'request');
  for (const [other, advice] of Object.entries(ADVICE)) {
    if (Object.hasOwn(request, other) && !Object.hasOwn(request, field)) {
      throw new OtlpDecodeError(`expected ${field}, came ${other}: ${advice}`);
    }
  }
  return request;
}

export function asObject(value: unknown, what: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as JsonObject;
  }
  throw mismatch(what, 'an object', value);
}

export function objectField(from: JsonObject, name: string): JsonObject | null {
  const value = from[name] ?? null;
  return value === null ? null : asObject(value, name);
}

export function listField(from: JsonObject, name: string): readonly unknown[] {
  const value = from[name] ?? [];
  if (Array.isArray(value)) return value;
  throw mismatch(name, 'a list', value);
}

/** Lone surrogates, which UTF-8 cannot say, become U+FFFD. */
export function textField(from: JsonObject, name: string): string {
  const value = from[name] ?? '';
  if (typeof value === 'string') return toUSVString(value);
  throw mismatch(name, 'a string', value);
}

export function booleanField(from: JsonObject, name: string): boolean {
  const value = from[name] ?? false;
  if (typeof value === 'boolean') return value;
  throw mismatch(name, 'true or false', value);
}

/** Hex in any case; whether it is an id is decided when the record is complete. */
export function idField(from: JsonObject, name: string): string {
  return textField(from, name).toLowerCase();
}

export function enumField(from: JsonObject, name: string): number {
  const value = from[name] ?? 0;
  if (Number.isInteger(value)) return value as number;
  throw mismatch(name, 'an integer (OTLP/JSON has no enum names)', value);
}

export function uint32Field(from: JsonObject, name: string): number {
  return Number(integer(from[name] ?? 0, name, 0n, BigInt(MAX_UINT32)));
}

export function uint64Field(from: JsonObject, name: string): bigint {
  return integer(from[name] ?? 0, name, 0n, MAX_UINT64);
}

export function int64Field(from: JsonObject, name: string): bigint {
  return integer(from[name] ?? 0, name, -MAX_INT64 - 1n, MAX_INT64);
}

export function doubleField(from: JsonObject, name: string): number {
  const value = from[name];
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && value.trim() !== '') {
    const number = Number(value);
    if (!Number.isNaN(number) || value === 'NaN') return number;
  }
  throw mismatch(name, 'a number, "NaN", "Infinity" or "-Infinity"', value);
}

export function bytesField(from: JsonObject, name: string): Buffer {
  const value = from[name] ?? '';
  if (typeof value === 'string' && /^[A-Za-z0-9+/_-]*={0,2}$/.test(value)) {
    return Buffer.from(value, 'base64');
  }
  throw mismatch(name, 'base64', value);
}

function integer(value: unknown, name: string, lowest: bigint, highest: bigint): bigint {
  const whole =
    Number.isInteger(value) || (typeof value === 'string' && /^-?\d{1,20}$/.test(value));
  const number = whole ? BigInt(value as number | string) : null;
  if (number !== null && number >= lowest && number <= highest) return number;
  throw mismatch(name, `an integer from ${lowest} to ${highest}`, value);
}

function mismatch(name: string, expected: string, came: unknown): OtlpDecodeError {
  return new OtlpDecodeError(`${name}: expected ${expected}, came ${describe(came)}`);
}

/** Never walks into the value, which may be large or deep. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
}
