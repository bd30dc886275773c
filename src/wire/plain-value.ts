import { isAttributeList, type Attributes, type AttributeValue } from '../model/attributes';

/** JSON as HTTP and `--json` send it. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Keys as they came, values as plain JSON. */
export interface PlainAttributes {
  [key: string]: Json;
}

/** An attribute value as plain JSON: what JSON cannot say exactly becomes a string. */
export function toPlainValue(value: AttributeValue): Json {
  if (value === null || typeof value !== 'object') return value;
  if (isAttributeList(value)) return value.map(toPlainValue);
  if ('map' in value) return toPlainAttributes(value.map);
  if ('int' in value) return value.int;
  if ('bytes' in value) return value.bytes;
  return value.double;
}

/** Keys are hostile input, `__proto__` among them: the result has no prototype. */
export function toPlainAttributes(attributes: Attributes): PlainAttributes {
  const plain = Object.create(null) as PlainAttributes;
  for (const key of Object.keys(attributes)) plain[key] = toPlainValue(attributes[key] ?? null);
  return plain;
}

/** Attributes in the canonical form: an integer is an int64, every other number a double. */
export function fromPlainAttributes(plain: Readonly<Record<string, Json>>): Attributes {
  const attributes = Object.create(null) as Record<string, AttributeValue>;
  for (const key of Object.keys(plain)) attributes[key] = fromPlainValue(plain[key] ?? null);
  return attributes;
}

function fromPlainValue(value: Json): AttributeValue {
  if (typeof value === 'number') {
    if (Object.is(value, -0)) return { double: '-0' };
    return Number.isInteger(value) && !Number.isSafeInteger(value) ? { double: value } : value;
  }
  if (value === null || typeof value !== 'object') return value;
  if (isList(value)) return value.map(fromPlainValue);
  return { map: fromPlainAttributes(value) };
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
