import type { Attributes, AttributeValue } from '../model/attributes';
import { asObject } from './json-value';

/** Attributes from values of JSON; what is `undefined` or `null` is left out. */
export function toAttributes(values: Readonly<Record<string, unknown>>): Attributes {
  const attributes = Object.create(null) as Record<string, AttributeValue>;
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined && value !== null) attributes[key] = toAttributeValue(value);
  }
  return attributes;
}

/** In the canonical form: an integer is an int64, every other number a double. */
export function toAttributeValue(value: unknown): AttributeValue {
  if (typeof value === 'number') return toNumber(value);
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (Array.isArray(value)) return value.map(toAttributeValue);
  const map = Object.create(null) as Record<string, AttributeValue>;
  for (const [key, entry] of Object.entries(asObject(value) ?? {})) {
    map[key] = toAttributeValue(entry);
  }
  return { map };
}

/** A number that is a double by its meaning, such as a cost, also where it is whole. */
export function toDouble(value: number): AttributeValue {
  if (Object.is(value, -0)) return { double: '-0' };
  if (Number.isNaN(value)) return { double: 'NaN' };
  if (!Number.isFinite(value)) return { double: value > 0 ? 'Infinity' : '-Infinity' };
  return Number.isInteger(value) ? { double: value } : value;
}

function toNumber(value: number): AttributeValue {
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? value : toDouble(value);
}
