import { integer, pick, word } from './secret-samples';

const HEX = '0123456789abcdef';
const hex = (length: number): string => word(length, HEX);
const digits = (length: number): string => word(length, '0123456789');
const uuid = (): string => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;

const subjects = [
  'The agent',
  'A user',
  'This task',
  'The disk-based cache',
  'Risk-aware planning',
  'Our basic plan',
  'The key result',
  'Mrs. Baker-Smith',
];
const verbs = [
  'counts tokens of',
  'asks for the password policy of',
  'reads',
  'signs in to',
  'secretly likes',
  'rotates the keys of',
  'has no access token for',
  'cancels',
];
const objects = [
  'the sk-learn pipeline',
  'api keys in general',
  'example.com',
  'Bearer bonds',
  'a basic understanding of cookies',
  'flight HAT136 from JFK',
  'reservation ZFA04Y',
  'the session cookie banner',
  'key-value stores',
  'pa-system settings',
];
const sentence = (): string => `${pick(subjects)} ${pick(verbs)} ${pick(objects)} and then stops.`;
const name = (): string => pick(['anna', 'ben', 'mia_li_3668', 'raj_sanchez_7340', 'o.schmidt']);
const model = (): string =>
  pick([
    'gpt-4o-mini-2024-07-18',
    'claude-sonnet-4-5-20250929',
    'gemini-2.5-flash-preview-05-20',
    'meta-llama/Llama-3.3-70B-Instruct-Turbo',
    'us.anthropic.claude-3-5-sonnet-20241022-v2:0',
    'ft:gpt-4o-mini-2024-07-18:acme::A1b2C3d4',
    'qwen2.5-coder:32b-instruct-q4_K_M',
    'mistral-large-2411',
  ]);

/** Realistic values of attributes that look a little like secrets and are none. */
const shapes: readonly (() => string)[] = [
  sentence,
  () => `${sentence()} ${sentence()} max_tokens=${digits(4)}.`,
  () => `${sentence()}\n\n- ${sentence()}\n- ${sentence()}\n`,
  // Ids.
  uuid,
  () => uuid().toUpperCase(),
  () => `chatcmpl-${word(28)}`,
  () => `resp_${hex(48)}`,
  () => `msg_01${word(22)}`,
  () => `call_${word(24)}`,
  () => `toolu_01${word(22)}`,
  () => `run-${uuid()}`,
  () => `task-${digits(13)}-disk-${word(6)}`,
  () => `req_${hex(32)}`,
  () => `thread_${word(24)}`,
  () => `asst_${word(24)}`,
  () => `file-${word(22)}`,
  () => `inv-${uuid()}`,
  () => `01${word(24, '0123456789ABCDEFGHJKMNPQRSTVWXYZ')}`,
  () => hex(16),
  () => hex(24),
  () => hex(32),
  () => hex(40),
  () => hex(64),
  () => `00-${hex(32)}-${hex(16)}-01`,
  () => `sha256:${hex(64)}`,
  () => `sha512-${word(86)}==`,
  () => `W/"${hex(2)}-${word(27)}"`,
  () => word(integer(20) + 8),
  () => `user_${digits(6)}`,
  () => `arn:aws:lambda:eu-west-1:${digits(12)}:function:triage-${pick(['prod', 'dev'])}`,
  () =>
    `projects/example-${digits(6)}/locations/europe-west4/publishers/google/models/gemini-2.5-flash`,
  () => `AC${hex(32)}`,
  // Paths, addresses, URLs.
  () => `/usr/lib/node_modules/sk-${pick(['learn', 'image', 'video'])}/index.js:${digits(2)}`,
  () => `/home/${name()}/.config/secrets/README.md`,
  () => `C:\\Users\\${name()}\\AppData\\Local\\Temp\\tmp${hex(8)}\\result.json`,
  () => `src/auth/token-service.ts:${integer(400)}:${integer(80)}`,
  () => `s3://bucket-${digits(4)}/year=2026/month=11/part-${digits(5)}-${uuid()}.snappy.parquet`,
  () =>
    `https://example.com/docs/${pick(['token-counting', 'secrets', 'passwords', 'api-keys'])}?page=${digits(2)}#top`,
  () => `https://api.example.com/v1/users/${uuid()}/orders?limit=10&cursor=${word(20)}&sort=price`,
  () =>
    `https://en.wikipedia.org/wiki/${pick(['Basic_access_authentication', 'Bearer_token', 'Password'])}`,
  () => `https://example.com/?utm_source=mail&utm_campaign=${word(10)}&gclid=${word(50)}`,
  () => `postgres://localhost:5432/app?sslmode=disable`,
  () => `http://10.${integer(255)}.${integer(255)}.4:8080/healthz`,
  () => `git@github.com:example/${pick(['repo', 'token-tools'])}.git`,
  () => `${name()}@example.com`,
  () => `mailto:${name()}@example.com?subject=Your%20password%20was%20changed`,
  () => `fe80::${hex(4)}:${hex(4)}:fe${hex(2)}:${hex(4)}`,
  // Names, versions, numbers, times.
  model,
  () => `${integer(9)}.${integer(40)}.${integer(20)}-beta.${integer(9)}+sha.${hex(7)}`,
  () => String(integer(1e9) / 1e3),
  () => `-${integer(100)}.${digits(6)}e-${integer(20)}`,
  () => digits(19),
  () => `2026-11-${10 + integer(20)}T14:55:18.${digits(9)}Z`,
  () => `+49 171 ${digits(7)}`,
  () => `$${integer(9_000)}.${digits(2)}`,
  () =>
    pick([
      'application/json; charset=utf-8',
      'text/event-stream',
      'en-US,en;q=0.9',
      'gzip, deflate, br',
    ]),
  () =>
    `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/1${digits(2)}.0.0.0 Safari/537.36`,
  () => `openai-python/1.${integer(99)}.0 (linux; x64) CPython/3.12`,
  // Code, errors, queries.
  () => `const passwordLength = getPassword().length; // ${sentence()}`,
  () =>
    `TypeError: Cannot read properties of undefined (reading 'token')\n    at parse (/app/dist/parser.js:${integer(400)}:17)`,
  () => `Error: connect ECONNREFUSED 127.0.0.1:${5000 + integer(999)}`,
  () => `HTTP 401: invalid x-api-key`,
  () => `KeyError: 'api_key'`,
  () => `SELECT id, name FROM users WHERE token IS NOT NULL AND id = ${integer(999)} LIMIT 20`,
  () => `kubectl get secret app-config -n prod -o yaml`,
  () => `docker run --rm -p 80${digits(2)}:80 -e NODE_ENV=production app:${hex(12)}`,
  () => `def get_token(self, key: str) -> str:\n    return self.tokens[key]`,
  () => `import os\nkey = os.environ["OPENAI_API_KEY"]\nclient = OpenAI(api_key=key)`,
  () =>
    `The secret: ${pick(['practice', 'patience', 'always test'])}. Password: at least 12 characters.`,
  () =>
    `usage: prompt_tokens=${digits(3)} completion_tokens=${digits(2)} time_to_first_token=${digits(3)}`,
  () => `stop=["<|eot_id|>"], top_p=0.9, seed=${digits(5)}`,
  // JSON, markup, data.
  () => JSON.stringify({ model: model(), max_tokens: 512, id: uuid(), text: sentence() }),
  () => JSON.stringify({ role: 'user', content: `${sentence()} Is a password needed?` }),
  () =>
    JSON.stringify({
      user_id: name(),
      reservation_id: word(6),
      payment_id: `credit_card_${digits(7)}`,
    }),
  () => JSON.stringify({ next_page: uuid(), token_count: 17, has_secret: false, keys: ['a', 'b'] }),
  () => JSON.stringify({ name: 'get_weather', parameters: { type: 'object', required: ['city'] } }),
  () => `data:image/png;base64,iVBORw0KGgo${word(120)}=`,
  () => word(200),
  () => `/9j/4AAQSkZJRgABAQ${word(160)}`,
  () => `<p class="password-hint">${sentence()}</p>`,
  () => `# ${pick(subjects)}\n\n| key | value |\n| --- | --- |\n| plan | ${word(6)} |`,
  () => `"Basic" and "Bearer" are the two schemes that ${pick(subjects).toLowerCase()} knows.`,
  () => `${name()} wrote at 12:3${integer(9)}: ${sentence()}`,
  () =>
    pick([
      '生成されたトークンの数',
      'Der Schlüssel zum Erfolg: Geduld',
      'mot de passe oublié ?',
      '🔑 keys found: 3',
    ]),
];

/** The nth of a seeded stream: every shape in turn. */
export function harmlessValue(n: number): string {
  return (shapes[n % shapes.length] as () => string)();
}
