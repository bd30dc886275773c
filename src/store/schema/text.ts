/**
 * Text that both databases hold alike: NUL and lone surrogates become U+FFFD (Postgres refuses the
 * first, and UTF-8 cannot hold the second).
 */
export function cleanText(text: string): string {
  return unstorable.test(text) ? text.replace(unstorableAll, '\ufffd') : text;
}

export function cleanTextOrNull(text: string | null): string | null {
  return text === null ? null : cleanText(text);
}

/** Longest id, name or tag, in characters, that both databases can index. */
export const maxIdLength = 512;

/** JSON text with the same replacement inside keys and strings. */
export function cleanJson(value: unknown): string {
  const json = JSON.stringify(value);
  // JSON.stringify writes NUL and lone surrogates as escapes, and an escaped backslash as a pair.
  return json.includes('\\u') ? json.replace(escapes, replaceEscape) : json;
}

const unstorable = /[\0\p{Surrogate}]/u;
const unstorableAll = new RegExp(unstorable.source, 'gu');
const escapes = /\\(?:u[0-9a-f]{4}|.)/g;

function replaceEscape(escape: string): string {
  return escape === '\\u0000' || /^\\ud[89a-f]/.test(escape) ? '\ufffd' : escape;
}
