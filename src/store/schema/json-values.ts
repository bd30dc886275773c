import {
  type Attributes,
  type AttributeValue,
  emptyAttributes,
  isAttributeList,
} from '../../model/attributes';

/** Attributes from JSON text, without a prototype, so that `__proto__` is a key like any other. */
export function parseAttributes(json: string): Attributes {
  return withoutPrototype(JSON.parse(json) as Attributes);
}

/** A copy whose every object has no prototype. */
export function withoutPrototype(attributes: Attributes): Attributes {
  const copy = emptyAttributes();
  for (const key of Object.keys(attributes)) copy[key] = copyValue(attributes[key]!);
  return copy;
}

function copyValue(value: AttributeValue): AttributeValue {
  if (typeof value !== 'object' || value === null) return value;
  if (isAttributeList(value)) return value.map(copyValue);
  return 'map' in value ? { map: withoutPrototype(value.map) } : value;
}

/** Numbers by name without a prototype. */
export function numbersByName(
  entries: Iterable<readonly [string, number]>,
): Record<string, number> {
  const record = Object.create(null) as Record<string, number>;
  for (const [name, value] of entries) record[name] = value;
  return record;
}

/** JSON text of a value with 64-bit integers and numbers that JSON cannot write. */
export function stringifyExactly(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member === 'bigint') return { [integerTag]: String(member) };
    if (typeof member === 'number' && !Number.isFinite(member)) {
      return { [numberTag]: String(member) };
    }
    // Somebody's own key that looks like a tag must not be read as one.
    return hasTag(member) ? { [entriesTag]: Object.entries(member) } : member;
  });
}

export function parseExactly(json: string): unknown {
  return JSON.parse(json, (_key, member: unknown) => {
    if (!hasTag(member)) return member;
    if (integerTag in member) return BigInt(String(member[integerTag]));
    if (numberTag in member) return Number(member[numberTag]);
    return Object.fromEntries(member[entriesTag] as [string, unknown][]);
  });
}

const integerTag = '$int64';
const numberTag = '$number';
const entriesTag = '$entries';

function hasTag(member: unknown): member is Readonly<Record<string, unknown>> {
  return (
    typeof member === 'object' &&
    member !== null &&
    (integerTag in member || numberTag in member || entriesTag in member)
  );
}

/** Times are unsigned in OTLP and signed in SQL: the bits are kept, not the sign. */
export function int64Text(value: bigint): string {
  return String(BigInt.asIntN(64, value));
}

export function uint64(text: string): bigint {
  return BigInt.asUintN(64, BigInt(text));
}
