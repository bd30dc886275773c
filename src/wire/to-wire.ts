import type { AttributeValue } from '../model/attributes';

/** JSON as HTTP and `--json` send it. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Model keys whose value is somebody else's map: its keys stay as they came, its values are attributes. */
const freeMaps: ReadonlySet<string> = new Set([
  'attributes',
  'config',
  'rewards',
  'dimensions',
  'propensities',
  'settings',
]);

/**
 * A model value as it leaves: keys in snake_case, 64-bit integers as decimal strings, times named
 * `…At` and the like in RFC 3339 with nanoseconds, intervals as `[lower, upper]`, attribute values
 * as plain JSON.
 */
export function toWire(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(toWire);
  if (typeof value !== 'object') throw new TypeError(`No wire form for a ${typeof value}.`);
  if (isInterval(value)) return [toWire(value.lower), toWire(value.upper)];
  const wire: Record<string, Json> = {};
  for (const [key, inner] of Object.entries(value)) {
    if (inner === undefined) continue;
    if (typeof inner === 'bigint' && instantName.test(key)) {
      wire[toSnakeCase(key.replace(/UnixNano$/, ''))] = formatInstant(inner);
    } else if (freeMaps.has(key) && isMap(inner)) {
      wire[toSnakeCase(key)] = toPlainMap(inner as Readonly<Record<string, AttributeValue>>);
    } else {
      wire[toSnakeCase(key)] = toWire(inner);
    }
  }
  return wire;
}

/** Instants of the store's own clock; spans keep `*_unix_nano`. */
const instantName = /(?:^at|At|firstSeen|lastTested)UnixNano$/;

/** Nanoseconds since 1970 as RFC 3339 with nine decimals, e.g. `2026-01-31T08:00:00.000000001Z`. */
export function formatInstant(unixNano: bigint): string {
  const seconds = unixNano / 1_000_000_000n;
  const nanos = unixNano % 1_000_000_000n;
  const date = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return `${date}.${nanos.toString().padStart(9, '0')}Z`;
}

/** An attribute value as plain JSON: what JSON cannot say exactly becomes a string. */
export function toPlainValue(value: AttributeValue): Json {
  if (value === null || typeof value !== 'object') return value;
  if (isList(value)) return value.map(toPlainValue);
  if ('map' in value) return toPlainMap(value.map);
  if ('int' in value) return value.int;
  if ('bytes' in value) return value.bytes;
  return value.double;
}

function toPlainMap(map: Readonly<Record<string, AttributeValue>>): Json {
  const plain = Object.create(null) as Record<string, Json>;
  for (const key of Object.keys(map)) plain[key] = toPlainValue(map[key] ?? null);
  return plain;
}

function toSnakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function isInterval(value: object): value is { lower: number; upper: number } {
  return 'lower' in value && 'upper' in value && Object.keys(value).length === 2;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `Array.isArray` does not narrow readonly arrays. */
function isList(value: AttributeValue): value is readonly AttributeValue[] {
  return Array.isArray(value);
}
