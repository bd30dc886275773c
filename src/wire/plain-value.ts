import type { Attributes, AttributeValue } from '../model/attributes';

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
  if (isList(value)) return value.map(toPlainValue);
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

/** `Array.isArray` does not narrow readonly arrays. */
function isList(value: AttributeValue): value is readonly AttributeValue[] {
  return Array.isArray(value);
}
