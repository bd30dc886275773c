import type { Attributes, AttributeValue } from '../model/attributes';

/** Longest string kept, in UTF-16 units; the rest is cut off and counted. */
const MAX_STRING_LENGTH = 262_144;
/** Estimated bytes that one attribute, and all of a span, may take. */
const MAX_ATTRIBUTE_BYTES = 2 * MAX_STRING_LENGTH + 1_024;
const MAX_SPAN_BYTES = 2 * 1_024 * 1_024;
const MAX_DEPTH = 32;
/** Of one object; the SDK's own limit for a span is 128. */
const MAX_KEYS = 4_096;
const BYTES_PER_VALUE = 16;

/** Runs along while one span is mapped, so that its cost stays bounded whatever it carries. */
export interface AttributeMeter {
  /** Estimated heap bytes of what was kept: an upper bound, two bytes a character. */
  bytes: number;
  /** Attributes that are missing or were cut. */
  dropped: number;
}

/** Whatever it is as text, cut off at the longest length kept; never throws. */
export function toBoundedText(value: unknown, meter?: AttributeMeter): string {
  const text = typeof value === 'string' ? value : describe(value);
  if (text.length <= MAX_STRING_LENGTH) return text;
  if (meter !== undefined) meter.dropped += 1;
  return cut(text);
}

function describe(value: unknown): string {
  try {
    return String(value);
  } catch {
    return typeof value; // no primitive comes of it
  }
}

/** A plain slice would keep the whole original alive. */
function cut(text: string): string {
  return Buffer.from(text.slice(0, MAX_STRING_LENGTH), 'utf16le').toString('utf16le');
}

/**
 * Own enumerable attributes in canonical form. Total: what cannot be represented (symbols, functions,
 * cycles, getters that throw, too deep or too large) is left out and counted.
 */
export function toCanonicalAttributes(
  source: object | null | undefined,
  meter: AttributeMeter,
): Attributes {
  const result = Object.create(null) as Record<string, AttributeValue>;
  const keys = ownKeys(source, meter);
  const kept = keys.length > MAX_KEYS ? keys.slice(0, MAX_KEYS) : keys;
  meter.dropped += keys.length - kept.length;
  const walk: Walk = { meter, limit: 0, ancestors: [] };
  for (const key of kept) {
    const value = toBoundedValue(source as Record<string, unknown>, key, walk);
    if (value !== undefined) result[key] = value;
  }
  return result;
}

function ownKeys(source: object | null | undefined, meter: AttributeMeter): readonly string[] {
  if (source === null || source === undefined) return [];
  try {
    return Object.keys(source);
  } catch {
    meter.dropped += 1;
    return [];
  }
}

function toBoundedValue(
  source: Record<string, unknown>,
  key: string,
  walk: Walk,
): AttributeValue | undefined {
  const { meter } = walk;
  walk.limit = Math.min(meter.bytes + MAX_ATTRIBUTE_BYTES, MAX_SPAN_BYTES);
  try {
    const raw = source[key];
    if (raw === undefined) return undefined;
    take(meter, 2 * key.length, walk.limit);
    const value = toValue(raw, walk);
    if (value === undefined) meter.dropped += 1;
    return value;
  } catch {
    walk.ancestors.length = 0; // where it threw
    meter.dropped += 1;
    return undefined;
  }
}

/** One for all attributes of an object: this runs in the application's `span.end()`. */
interface Walk {
  readonly meter: AttributeMeter;
  /** Of the meter, for the attribute at hand. */
  limit: number;
  /** Objects that contain the value at hand: finds cycles and counts the depth. */
  readonly ancestors: object[];
}

function toValue(value: unknown, walk: Walk): AttributeValue | undefined {
  take(walk.meter, BYTES_PER_VALUE, walk.limit);
  switch (typeof value) {
    case 'string':
      return toBoundedString(value, walk);
    case 'number':
      return toNumber(value);
    case 'boolean':
      return value;
    case 'bigint':
      return toInteger(value);
    case 'object':
      return value === null ? null : toNested(value, walk);
    default:
      return undefined;
  }
}

function toBoundedString(value: string, { meter, limit }: Walk): string {
  take(meter, 2 * Math.min(value.length, MAX_STRING_LENGTH), limit);
  if (value.length <= MAX_STRING_LENGTH) return value;
  meter.dropped += 1;
  return cut(value);
}

function toNumber(value: number): AttributeValue {
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? { double: '-0' } : value;
  if (Number.isInteger(value)) return { double: value };
  if (Number.isFinite(value)) return value;
  return { double: String(value) as 'NaN' | 'Infinity' | '-Infinity' };
}

function toInteger(value: bigint): AttributeValue | undefined {
  if (BigInt.asIntN(64, value) !== value) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : { int: value.toString() };
}

function toNested(value: object, walk: Walk): AttributeValue | undefined {
  const { ancestors, meter, limit } = walk;
  if (ArrayBuffer.isView(value)) {
    take(meter, 3 * value.byteLength, limit);
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return { bytes: bytes.toString('base64') };
  }
  if (ancestors.length >= MAX_DEPTH || ancestors.includes(value)) return undefined;
  ancestors.push(value);
  const nested = Array.isArray(value) ? toArray(value, walk) : { map: toMap(value, walk) };
  ancestors.pop();
  return nested;
}

/** What cannot be represented becomes `null`, so that the others keep their places. */
function toArray(values: readonly unknown[], walk: Walk): AttributeValue {
  const result: AttributeValue[] = [];
  for (let index = 0; index < values.length; index += 1) {
    const value = toValue(values[index], walk);
    if (value === undefined && values[index] !== undefined) walk.meter.dropped += 1;
    result.push(value ?? null);
  }
  return result;
}

function toMap(source: object, walk: Walk): Attributes {
  const result = Object.create(null) as Record<string, AttributeValue>;
  for (const key of Object.keys(source)) {
    take(walk.meter, 2 * key.length, walk.limit);
    const raw = (source as Record<string, unknown>)[key];
    if (raw === undefined) continue;
    const value = toValue(raw, walk);
    if (value === undefined) walk.meter.dropped += 1;
    else result[key] = value;
  }
  return result;
}

function take(meter: AttributeMeter, bytes: number, limit: number): void {
  if (meter.bytes + bytes > limit) throw new RangeError('attribute too large');
  meter.bytes += bytes;
}
