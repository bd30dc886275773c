import { wordsOf } from './key-words';

/**
 * Does the key name a secret? Compared by words, so that `apiKey`, `api_key` and `X-Api-Key` are one
 * and `max_tokens`, `token_count` and `time_to_first_token` are none.
 */
export function isSecretKey(key: string, extraKeys: ReadonlySet<string>): boolean {
  if (extraKeys.has(key.toLowerCase())) return true;
  const words = wordsOf(key);
  return words.some((word, at) => {
    if (secretWords.has(word)) return true;
    const before = words[at - 1];
    if (word === 'key') return before !== undefined && keyedBy.has(before);
    if (word === 'string') return before === 'connection';
    return word === 'token' && at === words.length - 1 && !countedBefore.has(before ?? '');
  });
}

const secretWords: ReadonlySet<string> = new Set([
  'authorization',
  'apikey',
  'password',
  'passwd',
  'passphrase',
  'pwd',
  'secret',
  'secrets',
  'cookie',
  'cookies',
  'credential',
  'credentials',
  'dsn',
]);

/** `<word>_key` is a secret; a plain key, `selected_key_id` or `group_key` is none. */
const keyedBy: ReadonlySet<string> = new Set([
  'api',
  'private',
  'access',
  'encryption',
  'signing',
  'account',
]);

const countedBefore: ReadonlySet<string> = new Set([
  'first',
  'last',
  'next',
  'per',
  'max',
  'min',
  'input',
  'output',
  'prompt',
  'completion',
  'total',
  'stop',
  'special',
  'eos',
  'bos',
  'pad',
]);
