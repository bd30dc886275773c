import { MASKED, maskText } from '../../../src/semantics/redaction/mask-text';
import { seededRandom } from '../seeded-random';

const random = seededRandom(20_261_123);
const ALNUM = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const HEX = '0123456789abcdef';

/** Format → the secret, and the text in which it stands. */
const formats: Readonly<Record<string, () => { readonly secret: string; readonly text?: string }>> =
  {
    openai: () => ({ secret: `sk-${word(48)}` }),
    'openai project': () => ({ secret: `sk-proj-${word(24)}-${word(30)}_${word(20)}` }),
    anthropic: () => ({ secret: `sk-ant-api03-${word(40)}-${word(8)}AA` }),
    'github classic': () => ({
      secret: `${pick(['ghp', 'gho', 'ghu', 'ghs', 'ghr'])}_${word(36)}`,
    }),
    'github fine-grained': () => ({ secret: `github_pat_${word(22)}_${word(59)}` }),
    gitlab: () => ({ secret: `glpat-${word(20)}` }),
    slack: () => ({ secret: `${pick(['xoxb', 'xoxp'])}-${digits(11)}-${digits(12)}-${word(24)}` }),
    'aws access key': () => ({ secret: `${pick(['AKIA', 'ASIA'])}${word(16, UPPER)}` }),
    'google api key': () => ({ secret: `AIza${word(35)}` }),
    'google oauth': () => ({ secret: `ya29.${word(60)}` }),
    stripe: () => ({ secret: `sk_live_${word(24)}` }),
    sendgrid: () => ({ secret: `SG.${word(22)}.${word(43)}` }),
    'hugging face': () => ({ secret: `hf_${word(34)}` }),
    npm: () => ({ secret: `npm_${word(36)}` }),
    databricks: () => ({ secret: `dapi${word(32, HEX)}` }),
    jwt: () => ({ secret: `eyJ${word(30)}.eyJ${word(60)}.${word(43)}` }),
    pem: () => {
      const body = `${word(64)}\n${word(64)}\n${word(20)}==`;
      return {
        secret: body,
        text: `-----BEGIN ${pick(['RSA ', 'EC ', ''])}PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----`,
      };
    },
    bearer: () => {
      const secret = `${word(20)}.${digits(3)}${word(20)}`;
      return { secret, text: `Authorization: ${pick(['Bearer', 'bearer'])} ${secret}` };
    },
    'password in a URL': () => {
      const secret = `${word(5)}!${word(6)}`;
      return {
        secret,
        text: `${pick(['postgres', 'redis', 'https'])}://app:${secret}@db.example.com:5432/x`,
      };
    },
    'member of JSON': () => {
      const secret = `${word(4)}-${word(4)}`;
      const name = pick(['password', 'api_key', 'clientSecret', 'access_token', 'Cookie']);
      return { secret, text: JSON.stringify({ user: 'anna', [name]: secret, port: 5432 }) };
    },
    'member of JSON in JSON': () => {
      const secret = word(12);
      return { secret, text: JSON.stringify({ body: JSON.stringify({ password: secret }) }) };
    },
    'parameter of a URL': () => {
      const secret = word(18);
      const name = pick(['api_key', 'access_token', 'sig']);
      return { secret, text: `https://example.com/v1/items?limit=10&${name}=${secret}&page=2` };
    },
    'connection string': () => {
      const secret = word(14);
      return { secret, text: `Server=db.example.com;User Id=app;Password=${secret};Encrypt=true` };
    },
  };

describe('maskText', () => {
  test('there are at least 300 secrets in 20 formats', () => {
    expect(Object.keys(formats).length * PER_FORMAT).toBeGreaterThanOrEqual(300);
    expect(Object.keys(formats).length).toBeGreaterThanOrEqual(20);
  });

  test.each(Object.keys(formats))('masks every secret of the format %s', (format) => {
    for (let n = 0; n < PER_FORMAT; n++) {
      const { secret, text = secret } = (
        formats[format] as () => { secret: string; text?: string }
      )();
      for (const around of [text, `Use ${text} for it.`, `line one\n"${text}",\nline three`]) {
        const masked = maskText(around);
        expect(masked).not.toContain(secret);
        expect(masked).toContain(MASKED);
      }
    }
  });

  test('leaves 1,000 clean texts alone, but for one in a hundred', () => {
    const touched = Array.from({ length: 1_000 }, cleanText).filter(
      (text) => maskText(text) !== text,
    );
    expect(touched.length).toBeLessThanOrEqual(10);
  });

  test('keeps what stands around a secret', () => {
    expect(maskText('postgres://app:hunter22@db:5432/x?sslmode=require')).toBe(
      'postgres://[masked]@db:5432/x?sslmode=require',
    );
    expect(maskText('{"user":"anna","password":"hunter22","port":1}')).toBe(
      '{"user":"anna","password":"[masked]","port":1}',
    );
    expect(maskText('curl -H "Authorization: Bearer abc123abc123abc123"')).toBe(
      'curl -H "Authorization: Bearer [masked]"',
    );
  });

  test('masks a private key whose end was cut off', () => {
    const text = `key: -----BEGIN PRIVATE KEY-----\n${word(64)}\n${word(64)}`;
    expect(maskText(text)).toBe('key: [masked]');
  });

  test('masking twice is masking once', () => {
    for (const make of Object.values(formats)) {
      const { secret, text = secret } = make();
      expect(maskText(maskText(text))).toBe(maskText(text));
    }
  });

  // Each would take minutes if one pattern went back over what it has read.
  test.each([
    ['sk-', 'sk-'],
    ['eyJ', 'eyJ'],
    ['eyJ with dots', 'eyJaaaaaaaa.'],
    ['schemes', '://'],
    ['open credentials', '://a:b'],
    ['PEM beginnings', '-----BEGIN PRIVATE KEY-----'],
    ['bearers', 'Bearer '],
    ['members', '"password":'],
    ['names', 'token_'],
    ['parameters', '&token'],
    ['equals', 'password='],
    ['quotes', '\\"secret'],
  ])('takes linear time on many %s', (_, piece) => {
    const time = (size: number): number => {
      const text = piece.repeat(Math.ceil(size / piece.length));
      const start = process.cpuUsage();
      maskText(text);
      const { user, system } = process.cpuUsage(start);
      return user + system;
    };
    time(20_000);
    const [small, large] = [time(100_000), time(800_000)];
    // Eight times the text; quadratic would be 64 times the time.
    expect(large).toBeLessThan(Math.max(small, 20_000) * 30);
  });
});

const PER_FORMAT = 15;

function word(length: number, alphabet = ALNUM): string {
  let text = '';
  // A digit at a fixed place, as every real token of this length has one somewhere.
  for (let at = 0; at < length; at++) {
    text += at === 2 && alphabet === ALNUM ? '7' : alphabet[Math.floor(random() * alphabet.length)];
  }
  return text;
}

function digits(length: number): string {
  return word(length, '0123456789');
}

function pick<T>(items: readonly T[]): T {
  return items[Math.floor(random() * items.length)] as T;
}

/** What agents say and send that looks a little like a secret and is none. */
function cleanText(): string {
  const subject = [
    'The agent',
    'A user',
    'This task',
    'The disk-based cache',
    'Risk-aware planning',
  ];
  const verb = [
    'counts tokens of',
    'asks for the password policy of',
    'reads',
    'signs in to',
    'secretly likes',
  ];
  const object = [
    'the sk-learn pipeline',
    'api keys in general',
    'example.com',
    'Bearer bonds',
    'a basic understanding of cookies',
  ];
  const id = `${word(8, HEX)}-${word(4, HEX)}-4${word(3, HEX)}-a${word(3, HEX)}-${word(12, HEX)}`;
  const sentence = `${pick(subject)} ${pick(verb)} ${pick(object)} and then stops.`;
  return pick([
    () => sentence,
    () => `${sentence} ${pick(subject)} ${pick(verb)} ${pick(object)}: max_tokens=${digits(4)}.`,
    () => id,
    () => `chatcmpl-${word(28)}`,
    () => word(32, HEX),
    () =>
      `https://example.com/docs/${pick(['token-counting', 'secrets', 'passwords'])}?page=${digits(2)}#top`,
    () => JSON.stringify({ model: 'gpt-4o-mini', max_tokens: 512, id, text: sentence }),
    () => JSON.stringify({ role: 'user', content: `${sentence} Is a password needed?` }),
    () => `const passwordLength = getPassword().length; // ${sentence}`,
    () => `${pick(['anna', 'ben'])}@example.com wrote at 12:3${digits(1)}: ${sentence}`,
    () => `git@github.com:example/${pick(['repo', 'token-tools'])}.git`,
    () => `sha512-${word(86)}==`,
    () => `/usr/lib/node_modules/sk-${pick(['learn', 'image', 'video'])}/index.js:${digits(2)}`,
    () =>
      `The secret: ${pick(['practice', 'patience', 'always test'])}. Password: at least 12 characters.`,
    () => `task-${digits(13)}-disk-${word(6)}`,
    () =>
      `projects/example-${digits(6)}/locations/europe-west4/publishers/google/models/gemini-2.5-flash`,
    () => `data:image/png;base64,iVBORw0KGgo${word(120)}=`,
    () =>
      `usage: prompt_tokens=${digits(3)} completion_tokens=${digits(2)} time_to_first_token=${digits(3)}`,
  ])();
}
