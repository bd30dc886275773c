/**
 * Attribute values in one canonical, JSON-safe form: `JSON.stringify` and `JSON.parse` give the same
 * value back, and nothing that OTLP can say is lost.
 *
 * - string, boolean, null and arrays stand for themselves;
 * - a bare number is an int64 within ±(2^53 - 1) if it is an integer, else a double;
 * - everything else is a tagged object with exactly one key.
 *
 * A bare object never occurs, so a tag can never be mistaken for data.
 */
export type AttributeValue =
  string | number | boolean | null | TaggedValue | readonly AttributeValue[];

export type TaggedValue =
  /** An int64 beyond ±(2^53 - 1), in decimal. */
  | { readonly int: string }
  /** A double whose value is an integer, or that JSON cannot write. */
  | { readonly double: number | '-0' | 'NaN' | 'Infinity' | '-Infinity' }
  /** Base64. */
  | { readonly bytes: string }
  | { readonly map: Attributes };

/** Keys are hostile input: on objects with a null prototype, read with own-key access only. */
export type Attributes = Readonly<Record<string, AttributeValue>>;

export type MutableAttributes = Record<string, AttributeValue>;

/**
 * Without a prototype `__proto__` is a key like any other. `Object.create(null)` would
 * start as a hash table; this way spans with the same keys share one layout, which is two to four times
 * faster to fill and a third faster to write as JSON.
 */
export function emptyAttributes(): MutableAttributes {
  return Object.setPrototypeOf({}, null) as MutableAttributes;
}

/** `Array.isArray` does not narrow readonly arrays. */
export function isAttributeList(value: AttributeValue): value is readonly AttributeValue[] {
  return Array.isArray(value);
}

/** The one text of a value, for people, predicates, filters and matches: 1 and 1.0 read the same. */
export function attributeText(value: AttributeValue): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return String(value);
  if (isAttributeList(value)) return JSON.stringify(value);
  if ('int' in value) return value.int;
  if ('double' in value) return String(value.double);
  return 'bytes' in value ? value.bytes : JSON.stringify(value);
}
