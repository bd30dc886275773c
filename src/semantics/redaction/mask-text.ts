import { signedFormats, tokenFormats } from './token-formats';

export const MASKED = '[masked]';

/**
 * Masks what looks like a secret inside a text and returns the same string where nothing does: known
 * token formats, `user:password@host`, and the values of members, parameters and headers whose names
 * say that they are secret. The time is linear in the text.
 */
export function maskText(text: string): string {
  const signs = signsOf(text);
  if (signs === 0) return text;
  let masked = text;
  if ((signs & LONG_RUN) !== 0) masked = maskTokens(masked);
  if ((signs & LONGER_RUN) !== 0) masked = maskSigned(masked);
  if ((signs & AT) !== 0) masked = masked.replace(credentialsInUrl, `$1${MASKED}@`);
  return (signs & NAMED) === 0 ? masked : maskNamed(masked);
}

/** Token formats have a run of this many word characters; ordinary words are shorter. */
const TOKEN_RUN = 16;
const SIGNED_RUN = 32;

const WORD = 1;
const AT = 2;
const ENDS_NAME = 4;
const LONG_RUN = 8;
const LONGER_RUN = 16;
const NAMED = 32;

const classOf = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[\w.~+/-]/.test(character)) return WORD;
  return { '=': ENDS_NAME, ':': ENDS_NAME, '%': ENDS_NAME, '@': AT }[character] ?? 0;
});

/** What may stand in the text, at one step a character, so that most texts cost no more. */
function signsOf(text: string): number {
  if (text.length < 8) return 0;
  let run = 0;
  let signs = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const kind = code < 128 ? (classOf[code] ?? 0) : 0;
    if (kind === WORD) {
      if (++run === TOKEN_RUN) signs |= LONG_RUN;
      else if (run === SIGNED_RUN) signs |= LONGER_RUN;
      continue;
    }
    run = 0;
    if (kind === AT) signs |= AT;
    else if (kind === ENDS_NAME && (signs & NAMED) === 0 && endsSecretName(text, at))
      signs |= NAMED;
  }
  return signs;
}

/** Does a name whose end is that of a secret's stand before, with or without quotes? */
function endsSecretName(text: string, end: number): boolean {
  let last = end - 1;
  while (last > 1 && isAround(text.charCodeAt(last))) last--;
  if (last < 2) return false;
  const code =
    ((text.charCodeAt(last - 2) | 32) << 16) |
    ((text.charCodeAt(last - 1) | 32) << 8) |
    (text.charCodeAt(last) | 32);
  return nameEnds.has(code);
}

/** Quotes, escapes and spaces. */
function isAround(code: number): boolean {
  return code === 34 || code === 39 || code === BACKSLASH || code === 32;
}

/** Last three letters of the names in `SECRET_NAME` and of the parameters that sign a URL. */
const nameEnds: ReadonlySet<number> = new Set(
  'key ken ret ord swd pwd ase jwt ion ial als kie ing dsn sid ier otp url sig ure'
    .split(' ')
    .map((end) => (end.charCodeAt(0) << 16) | (end.charCodeAt(1) << 8) | end.charCodeAt(2)),
);

interface Beginning {
  readonly text: string;
  readonly rest: RegExp;
}

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** By the first two characters. */
const beginnings: ReadonlyMap<number, readonly Beginning[]> = indexBeginnings();

function indexBeginnings(): Map<number, Beginning[]> {
  const index = new Map<number, Beginning[]>();
  for (const [, starts, source] of tokenFormats) {
    const rest = new RegExp(source, 'y');
    for (const start of starts) {
      for (const pair of pairsOf(start)) {
        index.set(pair, [...(index.get(pair) ?? []), { text: start, rest }]);
      }
    }
  }
  return index;
}

/** A beginning of one character may go on with any. */
function pairsOf(start: string): readonly number[] {
  if (start.length > 1) return [pairOf(start, 0)];
  return [...ALPHANUMERIC].map((next) => pairOf(start + next, 0));
}

function pairOf(text: string, at: number): number {
  return (text.charCodeAt(at) << 7) ^ text.charCodeAt(at + 1);
}

/** Which pairs may begin a token. */
const pairs = new Uint8Array(0x4000);
for (const pair of beginnings.keys()) pairs[pair] = 1;

const signed = signedFormats.map(
  ([, sign, whole]) =>
    [sign, new RegExp(`(?:(?<![A-Za-z0-9_])|(?<=\\\\[nrt]))(?:${whole})`, 'g')] as const,
);

function maskTokens(text: string): string {
  let masked = '';
  let done = 0;
  let next = text.charCodeAt(0);
  for (let at = 0; at < text.length - TOKEN_RUN; at++) {
    const code = next;
    next = text.charCodeAt(at + 1);
    if (pairs[((code << 7) ^ next) & 0x3fff] === 0 || !startsToken(text, at)) continue;
    const candidates = beginnings.get((code << 7) ^ next);
    if (candidates === undefined) continue;
    const token = tokenAt(text, at, candidates);
    if (token === null) continue;
    masked += text.slice(done, token.from) + MASKED;
    done = token.to;
    at = token.to - 1;
    next = text.charCodeAt(token.to);
  }
  return done === 0 ? text : masked + text.slice(done);
}

function maskSigned(text: string): string {
  let masked = text;
  for (const [sign, format] of signed) {
    if (masked.includes(sign)) masked = masked.replace(format, MASKED);
  }
  return masked;
}

/** A token begins a word, also after `\n` and `%3D` as they stand in escaped texts. */
function startsToken(text: string, at: number): boolean {
  if (at === 0 || text.charCodeAt(at) === DASH) return true;
  if (!isAlphanumeric(text.charCodeAt(at - 1))) return true;
  const second = text.charCodeAt(at - 2);
  return second === BACKSLASH || text.charCodeAt(at - 3) === PERCENT;
}

function tokenAt(
  text: string,
  at: number,
  candidates: readonly Beginning[],
): { readonly from: number; readonly to: number } | null {
  for (const { text: start, rest } of candidates) {
    if (!text.startsWith(start, at)) continue;
    rest.lastIndex = at + start.length;
    const found = rest.exec(text);
    if (found === null) continue;
    const [whole, kept] = found;
    const from = kept === undefined ? at : found.index + kept.length;
    return { from, to: found.index + whole.length };
  }
  return null;
}

const DASH = 45;
const BACKSLASH = 92;
const PERCENT = 37;

function isAlphanumeric(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 48 && code <= 57) ||
    (code >= 65 && code <= 90) ||
    code === 95
  );
}

/** user:password@ in a URL. */
const credentialsInUrl = /(:\/\/)[^\s:/@?#"']{0,128}:[^\s/@"']{1,256}@/g;

/** Names of members, parameters and headers that hold secrets. */
const SECRET_NAME =
  '[\\w-]{0,32}(?:(?:api|access|account|private|secret|subscription|signing|encryption|master|shared|auth|consumer|client|functions?|license|ssh)[_-]?key|passw(?:or)?d|passphrase|pwd|secret|(?<!(?:first|next|last|page|sync|continuation|stop|max|min)[_-]?)token|jwt|authorization|credentials?|cookie|connection[_-]?string|dsn|phpsessid|jsessionid|code[_-]?verifier|otp|webhook[_-]?url)';

/** What is no secret whatever its name. */
const PLAIN = '(?!(?:true|false|null|none|undefined|\\[masked\\])\\b)';

/** Members of JSON and of Python's and JavaScript's objects, escaped or not. */
const members = new RegExp(
  `((?:\\\\{0,3}["'])${SECRET_NAME}(?:\\\\{0,3}["'])\\s{0,4}:\\s{0,4}(?:\\\\{0,3}["']))(?!\\[masked\\])[^"'\\\\]+`,
  'gi',
);
/** Parameters of a URL, of a connection string, of a command line, of an environment. */
const parameters = new RegExp(
  `((?:[?&;,=\\s"'(]|^|%3F|%26|\\\\[nrt])(?:--?)?(?:${SECRET_NAME}|sig|signature|x-amz-signature)(?:=|%3D)["']?)${PLAIN}[^&;,\\s"')%]{4,8192}`,
  'gi',
);
/** Lines of headers and of settings: what follows looks made, not written. */
const headers = new RegExp(
  `((?:[\\s,;={(>"'[]|^|\\\\[nrt])${SECRET_NAME}\\s{0,2}:\\s{1,4})(?!bearer|basic|token)${PLAIN}(?=[^\\s,;]{0,64}\\d)[^\\s,;"']{8,8192}`,
  'gi',
);

function maskNamed(text: string): string {
  return text
    .replace(members, `$1${MASKED}`)
    .replace(headers, `$1${MASKED}`)
    .replace(parameters, `$1${MASKED}`);
}
