import type { AttributeValue } from '../model/attributes';

export type MutableAttributes = Record<string, AttributeValue>;

/**
 * Keys are hostile: without a prototype, `__proto__` is a key like any other. `Object.create(null)` would
 * start as a hash table; this way spans with the same keys share one layout, which is two to four times
 * faster to fill and a third faster to write as JSON.
 */
export function emptyAttributes(): MutableAttributes {
  return Object.setPrototypeOf({}, null) as MutableAttributes;
}

export function canonicalInt(value: bigint): AttributeValue {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : { int: value.toString() };
}

export function canonicalDouble(value: number): AttributeValue {
  if (Number.isInteger(value)) return { double: Object.is(value, -0) ? '-0' : value };
  if (Number.isFinite(value)) return value;
  return { double: String(value) as 'NaN' | 'Infinity' | '-Infinity' };
}

/** The longest prefix of whole characters within `maxBytes` of UTF-8. */
export function cutText(utf8: Buffer, maxBytes: number): string {
  let end = maxBytes;
  while (end > 0 && (utf8[end]! & 0xc0) === 0x80) end -= 1;
  return utf8.toString('utf8', 0, end);
}
