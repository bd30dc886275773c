/** Narrow reading of values that came from `JSON.parse`: `null` where something else stands there. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function asObject(value: unknown): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : null;
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

export function asNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** A count or an amount of which 0 means that nobody measured it. */
export function asPositive(value: unknown): number | null {
  const number = asNumber(value);
  return number !== null && number > 0 ? number : null;
}

/** An own member, so that a key called `__proto__` or `constructor` finds nothing inherited. */
export function member(value: unknown, key: string): unknown {
  const object = asObject(value);
  return object !== null && Object.hasOwn(object, key) ? object[key] : undefined;
}

/** A bare integer that a JavaScript number may not hold, as the value of a key. */
const longInteger = /("[^"\\]*"\s*:\s*)(-?(?:9\d{15}|\d{17,}))(?=\s*[,}])/g;

/**
 * Parses JSON; an integer that `JSON.parse` would round becomes its text, which OTLP/JSON and Jaeger
 * allow. Text is never changed: within a string quotes are escaped, so none ends a key there.
 *
 * @throws SyntaxError when the text is no JSON
 */
export function parseJson(text: string): unknown {
  return JSON.parse(text.replace(longInteger, '$1"$2"')) as unknown;
}
