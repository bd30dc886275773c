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
