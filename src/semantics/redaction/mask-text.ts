export const MASKED = '[masked]';

/**
 * Masks what looks like a secret inside a text and returns the same string where nothing does.
 * Every quantifier is bounded or starts at a fixed cue, so the time is linear in the text.
 */
export function maskText(text: string): string {
  if (text.length < 8 || !CUE.test(text)) return text;
  let masked = text;
  for (const [pattern, replacement] of patterns) masked = masked.replace(pattern, replacement);
  return masked;
}

/** One of these stands in every text that any pattern matches; most texts have none. */
const CUE =
  /sk[-_]|rk_|gh[pousr]_|b_pat_|xox|AKIA|ASIA|AIza|eyJ|PRIVATE KEY|earer|EARER|asic |:\/\/|glpat|npm_|hf_|gsk_|SG\.|ya29|hvs\.|dop_|shp|dapi|ecret|ECRET|assw|ASSW|pwd|PWD|oken["\\=]|OKEN["\\=]|ey["\\=]|EY["\\=]|ig=|nature=|rization|redential|ookie/;

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
  [new RegExp(`${START}xox[abeoprs]-[A-Za-z0-9-]{10,255}`, 'g'), MASKED],
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
