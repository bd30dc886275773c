export const MASKED = '[masked]';

/**
 * Masks what looks like a secret inside a text and returns the same string where nothing does.
 * Every quantifier is bounded or starts at a fixed cue, so the time is linear in the text.
 */
export function maskText(text: string): string {
  if (!mayHoldSecret(text) || !CUE.test(text)) return text;
  let masked = text;
  for (const [pattern, replacement] of patterns) masked = masked.replace(pattern, replacement);
  return masked;
}

/** Token formats have a run of this many word characters; ordinary words are shorter. */
const TOKEN_RUN = 16;

/**
 * The cheap question first, one step a character: a long run of token characters, or the signs of
 * `user:password@host`, `name=value` and `"name": "value"`.
 */
function mayHoldSecret(text: string): boolean {
  if (text.length < 8) return false;
  let run = 0;
  let signs = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const sign = code < 128 ? (signOf[code] ?? 0) : 0;
    if (sign === WORD) {
      if (++run === TOKEN_RUN) return true;
      continue;
    }
    run = 0;
    signs |= sign;
  }
  return (signs & EQUALS) !== 0 || (signs & PAIR) === PAIR || (signs & AT) !== 0;
}

const WORD = 1;
const EQUALS = 2;
const COLON = 4;
const QUOTE = 8;
const AT = 16;
const PAIR = COLON | QUOTE;

const signOf = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[\w.~+/-]/.test(character)) return WORD;
  return { '=': EQUALS, ':': COLON, '"': QUOTE, '@': AT }[character] ?? 0;
});

/** One of these stands in every text that any pattern matches; most texts have none. */
const CUE =
  /sk[-_]|rk_|gh[pousr]_|b_pat_|xox|AKIA|ASIA|AIza|eyJ|PRIVATE KEY|earer|EARER|asic |ASIC |:\/\/[^\s/@]{0,385}@|glpat|npm_|hf_|gsk_|SG\.|ya29|hvs\.|dop_|shp|dapi|ecret|ECRET|assw|ASSW|pwd|PWD|oken["\\=]|OKEN["\\=]|ey["\\=]|EY["\\=]|ig=|nature=|rization|redential|ookie/;

const DIGIT_SOON = '(?=[\\w-]{0,64}\\d)';
const START = '(?<![A-Za-z0-9_])';
/** Names of members and parameters that hold secrets. */
const SECRET_NAME =
  '[\\w-]{0,32}(?:api[_-]?key|access[_-]?key|account[_-]?key|private[_-]?key|passw(?:or)?d|pwd|secret|token|authorization|credentials?|cookie)';

const patterns: readonly (readonly [RegExp, string])[] = [
  // PEM private keys, also where the end is cut off.
  [
    /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g,
    MASKED,
  ],
  // OpenAI, Anthropic and others; Stripe.
  [new RegExp(`${START}sk-${DIGIT_SOON}[\\w-]{16,512}`, 'g'), MASKED],
  [new RegExp(`${START}[sr]k_(?:live|test)_\\w{10,255}`, 'g'), MASKED],
  // GitHub, GitLab, npm.
  [new RegExp(`${START}(?:gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_\\w{20,255})`, 'g'), MASKED],
  [new RegExp(`${START}glpat-[\\w-]{20,255}`, 'g'), MASKED],
  [new RegExp(`${START}npm_[A-Za-z0-9]{36}`, 'g'), MASKED],
  // Slack, SendGrid, Hugging Face, Groq, Vault, DigitalOcean, Shopify, Databricks.
  [new RegExp(`${START}xox[abeoprs]-[A-Za-z0-9-]{11,255}`, 'g'), MASKED],
  [new RegExp(`${START}SG\\.[\\w-]{16,64}\\.[\\w-]{16,64}`, 'g'), MASKED],
  [new RegExp(`${START}(?:hf|gsk)_[A-Za-z0-9]{30,255}`, 'g'), MASKED],
  [new RegExp(`${START}hvs\\.[\\w-]{24,255}`, 'g'), MASKED],
  [new RegExp(`${START}(?:dop_v1|shp(?:at|ca|pa|ss))_[a-f0-9]{32,64}`, 'g'), MASKED],
  [new RegExp(`${START}dapi[a-f0-9]{32}`, 'g'), MASKED],
  // AWS, Google.
  [new RegExp(`${START}(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])`, 'g'), MASKED],
  [new RegExp(`${START}AIza[\\w-]{30,64}`, 'g'), MASKED],
  [new RegExp(`${START}ya29\\.[\\w-]{20,512}`, 'g'), MASKED],
  // JSON web tokens.
  [/(?<![\w-])eyJ[\w-]{8,8192}\.[\w-]{8,8192}(?:\.[\w-]{0,8192})?/g, MASKED],
  // HTTP credentials.
  [
    /(?<![A-Za-z])(bearer|basic)( +)(?=[\w.~+/=-]{0,64}[\d=])[\w.~+/=-]{16,8192}/gi,
    `$1$2${MASKED}`,
  ],
  // user:password@ in a URL.
  [/(:\/\/)[^\s:/@?#"']{0,128}:[^\s/@"']{1,256}@/g, `$1${MASKED}@`],
  // Members of JSON inside a text, escaped or not.
  [new RegExp(`(\\\\?"${SECRET_NAME}\\\\?"\\s{0,4}:\\s{0,4}\\\\?")[^"\\\\]+`, 'gi'), `$1${MASKED}`],
  // Parameters of a URL and of a connection string.
  [
    new RegExp(`((?:[?&;]|^)(?:${SECRET_NAME}|sig|signature)=)[^&;\\s"']{4,8192}`, 'gi'),
    `$1${MASKED}`,
  ],
];
