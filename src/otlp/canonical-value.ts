import type { AttributeValue } from '../model/attributes';

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
