import { attributeText, type AttributeValue } from '../model/attributes';

/**
 * A canonical value as a number, `NaN` and infinities included; `null` where it is none. Text that
 * is a decimal number counts, since Zipkin and some exporters know only text.
 */
export function numberOf(value: AttributeValue | undefined): number | null {
  if (typeof value === 'number') return value;
  if (typeof value === 'string') return DECIMAL.test(value) ? Number(value) : null;
  const scalar = taggedScalar(value);
  return scalar === null ? null : Number(scalar);
}

/** A canonical scalar as text, empty text as `null`. */
export function textOf(value: AttributeValue | undefined): string | null {
  if (value === undefined || value === null) return null;
  const isScalar = typeof value !== 'object' || taggedScalar(value) !== null;
  return (isScalar && attributeText(value)) || null;
}

export function booleanOf(value: AttributeValue | undefined): boolean | null {
  if (typeof value === 'boolean') return value;
  if (value === 'true') return true;
  if (value === 'false') return false;
  return null;
}

/** The texts of a list, or of the JSON list that a text-only exporter made of it. */
export function textsOf(value: AttributeValue | undefined): readonly string[] {
  if (typeof value === 'string') {
    if (!value.startsWith('[')) return value === '' ? [] : [value];
    const list = parseJson(value);
    return Array.isArray(list) ? list.filter(isNonEmptyText) : [value];
  }
  return Array.isArray(value) ? value.filter(isNonEmptyText) : [];
}

/** `undefined` where the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const DECIMAL = /^[-+]?(?:\d{1,40}\.?\d{0,40}|\.\d{1,40})(?:[eE][-+]?\d{1,3})?$/;

function isNonEmptyText(item: unknown): item is string {
  return typeof item === 'string' && item !== '';
}

/** A large integer or a special double. */
function taggedScalar(value: AttributeValue | undefined): string | number | null {
  if (typeof value !== 'object' || value === null) return null;
  const { int, double } = value as { readonly int?: unknown; readonly double?: unknown };
  const scalar = int ?? double;
  return typeof scalar === 'string' || typeof scalar === 'number' ? scalar : null;
}
