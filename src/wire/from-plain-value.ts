import type { Attributes, AttributeValue } from '../model/attributes';
import type { Json } from './plain-value';

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
