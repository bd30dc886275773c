import { wordsOf } from './key-words';

/**
 * Does the key name a secret? Compared by words, so that `apiKey`, `api_key` and `X-Api-Key` are one
 * and `max_tokens`, `token_count` and `time_to_first_token` are none; and by the end of the key
 * without its separators, for names that are written in one (`secretkey`, `authtoken`).
 */
export function isSecretKey(key: string, extraKeys: ReadonlySet<string>): boolean {
  if (extraKeys.has(key.toLowerCase())) return true;
  const words = wordsOf(key);
  if (words.some((word, at) => isSecretWord(word, at, words))) return true;
  const last = words.at(-1) ?? '';
  return joined.some((name) => last.length >= name.length && last.endsWith(name));
}

function isSecretWord(word: string, at: number, words: readonly string[]): boolean {
  if (secretWords.has(word)) return true;
  const before = words[at - 1] ?? '';
  const isLast = at === words.length - 1;
  switch (word) {
    case 'key':
      return keyedBy.has(before) && !(words[at + 1] === 'id' && !idIsSecret.has(before));
    case 'keys':
      return before === 'api';
    case 'token':
      return (isLast || holders.has(words[at + 1] ?? '')) && !countedBefore.has(before);
    case 'tokens':
      return isLast && issuedTokens.has(before);
    case 'string':
    case 'str':
      return before === 'connection' || before === 'conn';
    case 'url':
      return before === 'webhook';
    case 'auth':
    case 'pat':
      return isLast;
    case 'pass':
      return isLast && loggedIn.has(before);
    case 'phrase':
      return before === 'seed' || before === 'pass' || before === 'recovery';
    case 'code':
    case 'codes':
      return isLast && oneTimeCodes.has(before);
    case 'signature':
      return isLast && signedBy.has(before);
    case 'verifier':
      return before === 'code' || before === 'oauth';
    case 'assertion':
      return before === 'client';
    default:
      return false;
  }
}

const secretWords: ReadonlySet<string> = new Set([
  'authorization',
  'apikey',
  'password',
  'passwords',
  'passwd',
  'passphrase',
  'passcode',
  'pwd',
  'secret',
  'secrets',
  'cookie',
  'cookies',
  'credential',
  'credentials',
  'creds',
  'dsn',
  'jwt',
  'bearer',
  'otp',
  'totp',
  'cvv',
  'cvc',
  'ssn',
  'csrf',
  'xsrf',
  'mnemonic',
  'keystore',
  'kubeconfig',
  'htpasswd',
  'jsessionid',
  'phpsessid',
]);

/** Names in one word, at the end of a key. */
const joined: readonly string[] = [
  'apikey',
  'apitoken',
  'apisecret',
  'accesskey',
  'accesstoken',
  'appsecret',
  'authkey',
  'authtoken',
  'bearertoken',
  'clientsecret',
  'connectionstring',
  'encryptionkey',
  'idtoken',
  'licensekey',
  'masterkey',
  'password',
  'privatekey',
  'refreshtoken',
  'secretkey',
  'sessionkey',
  'sessiontoken',
  'sharedkey',
  'signingkey',
  'sshkey',
  'subscriptionkey',
  'webhookurl',
];

/** `<word>_key` is a secret; a plain key, `selected_key_id` or `group_key` is none. */
const keyedBy: ReadonlySet<string> = new Set([
  'access',
  'account',
  'admin',
  'aes',
  'api',
  'auth',
  'client',
  'consumer',
  'deploy',
  'encryption',
  'function',
  'functions',
  'gpg',
  'hmac',
  'license',
  'master',
  'pgp',
  'private',
  'rsa',
  'sas',
  'secret',
  'service',
  'session',
  'shared',
  'signing',
  'ssh',
  'storage',
  'subscription',
  'vault',
  'webhook',
]);

/** The id of an API key names it and does not open anything; an AWS access key id is half of a pair. */
const idIsSecret: ReadonlySet<string> = new Set(['access']);

const holders: ReadonlySet<string> = new Set(['value', 'secret', 'string']);

const issuedTokens: ReadonlySet<string> = new Set(['access', 'refresh', 'auth', 'bearer', 'api']);

const loggedIn: ReadonlySet<string> = new Set([
  'admin',
  'db',
  'ftp',
  'mail',
  'pg',
  'proxy',
  'redis',
  'root',
  'smtp',
  'ssh',
  'user',
]);

const oneTimeCodes: ReadonlySet<string> = new Set(['mfa', 'recovery', 'backup', 'security', 'pin']);

const signedBy: ReadonlySet<string> = new Set(['amz', 'hub', 'webhook', 'goog', 'slack']);

const countedBefore: ReadonlySet<string> = new Set([
  'first',
  'last',
  'next',
  'page',
  'continuation',
  'sync',
  'per',
  'max',
  'min',
  'input',
  'output',
  'prompt',
  'completion',
  'cached',
  'reasoning',
  'total',
  'stop',
  'special',
  'eos',
  'bos',
  'pad',
  'unk',
  'mask',
  'sep',
  'cls',
]);
