import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createEvolution,
  createEvolutionAPI,
  issueToken,
  serve,
  type Evolution,
  type Service,
} from '../../src/runtime';
import type { IssuedTokenJson, TokenJson } from '../../src/wire';
import { issuedTokenSchema, tokenListSchema, tokenSchema } from '../../src/wire';
import { expectDocument } from '../support/expect-document';
import { runCli } from '../support/run-cli';

// Tokens from the command line to the request that they allow, or no longer do.

let folder: string;
let db: string;
let service: Service;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otel-evolution-tokens-'));
  db = `sqlite:${join(folder, 'evolution.db')}`;
  service = await serve({ databaseUrl: db, port: 0, learn: false, log: () => {} });
});

afterAll(async () => {
  await service.close();
  await rm(folder, { recursive: true });
});

async function create(...options: readonly string[]): Promise<IssuedTokenJson> {
  const { code, out, err } = await runCli(['token', 'create', ...options, '--db', db, '--json']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const issued = JSON.parse(out) as IssuedTokenJson;
  expectDocument(issuedTokenSchema, issued);
  return issued;
}

function call(path: string, secret: string, body?: unknown): Promise<Response> {
  return fetch(service.url + path, {
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
}

async function refusalOf(answer: Response): Promise<object> {
  const { detail } = (await answer.json()) as { detail: string };
  return { status: answer.status, detail };
}

const otlp = {
  resourceSpans: [
    {
      scopeSpans: [
        {
          spans: [
            {
              traceId: 'ab'.repeat(16),
              spanId: 'cd'.repeat(8),
              name: 'chat',
              startTimeUnixNano: '1790000000000000000',
              endTimeUnixNano: '1790000001000000000',
            },
          ],
        },
      ],
    },
  ],
};

test('with an ingest token OTLP is stored, and nothing is read', async () => {
  const { secret } = await create('--scope', 'ingest');
  expect((await call('/v1/traces', secret, otlp)).status).toBe(200);
  expect((await service.evolution.store.getTotals()).spans).toBe(1);
  for (const path of ['/api/v1/spans', '/metrics', '/readyz']) {
    expect((await call(path, secret)).status).toBe(403);
  }
});

test('with a read token nothing is written', async () => {
  const { secret } = await create('--scope', 'read');
  expect((await call('/api/v1/spans', secret)).status).toBe(200);
  expect((await call('/v1/traces', secret, otlp)).status).toBe(403);
  expect((await call('/api/v1/learn', secret, {})).status).toBe(403);
});

test('a revoked token is refused from then on, also where nobody needs one', async () => {
  const { id, secret } = await create('--scope', 'read,ingest', '--name', 'short-lived');
  expect((await call('/api/v1/spans', secret)).status).toBe(200);
  const revoked = await runCli(['token', 'revoke', id, '--db', db, '--json']);
  expectDocument(tokenSchema, JSON.parse(revoked.out));
  const refused = { status: 401, detail: `The token ${id} was revoked.` };
  expect(await refusalOf(await call('/api/v1/spans', secret))).toEqual(refused);
  expect((await call('/v1/traces', secret, otlp)).status).toBe(401);
});

test('an expired token is refused', async () => {
  const { token, secret } = await issueToken(service.evolution, {
    scopes: ['admin'],
    lifetimeMillis: 0,
  });
  const refused = { status: 401, detail: `The token ${token.id} has expired.` };
  expect(await refusalOf(await call('/api/v1/spans', secret))).toEqual(refused);
});

test('a secret that was changed, or that nobody made, is refused', async () => {
  const { secret } = await create('--scope', 'admin');
  const changed = secret.slice(0, -2) + (secret.endsWith('AA') ? 'BB' : 'AA');
  const refused = { status: 401, detail: 'This token is not known.' };
  expect(await refusalOf(await call('/api/v1/spans', changed))).toEqual(refused);
  const invented = `evo_${'0'.repeat(12)}_${'a'.repeat(43)}`;
  expect(await refusalOf(await call('/api/v1/spans', invented))).toEqual(refused);
});

test('the secret is on stdout only, once, and not in the database', async () => {
  const { code, out, err } = await runCli(['token', 'create', '--scope', 'write', '--db', db]);
  expect(code).toBe(0);
  expect(out).toMatch(/^evo_[0-9a-f]{12}_[\w-]{43}\n$/);
  const secret = out.trim().split('_').slice(2).join('_');
  expect(err).toContain('for write, for ever');
  expect(err).not.toContain(secret);
  const list = await runCli(['token', 'list', '--db', db]);
  expect(list.out).toContain(out.slice(4, 16));
  expect(list.out).not.toContain(secret);
  const stored = (await service.evolution.store.listTokens()).map((token) =>
    JSON.stringify(token, (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    ),
  );
  expect(stored.join()).not.toContain(secret);
});

test('--expires is counted from now', async () => {
  const { created_at: created, expires_at: expires } = await create(
    ...['--scope', 'read', '--expires', '30d'],
  );
  expect(Date.parse(expires!) - Date.parse(created)).toBe(30 * 86_400_000);
});

test('list --json says all but secrets', async () => {
  const { secret, ...token } = await create('--scope', 'read', '--name', 'dashboards');
  const { out } = await runCli(['token', 'list', '--db', db, '--json']);
  const list = JSON.parse(out) as { items: TokenJson[] };
  expectDocument(tokenListSchema, list);
  expect(list.items[0]).toEqual(token);
  expect(out).not.toContain(secret);
});

test.each([
  ['no scope', ['create'], 3],
  ['an unknown scope', ['create', '--scope', 'ingest,root'], 3],
  ['a time without a unit', ['create', '--scope', 'read', '--expires', '30'], 3],
  ['an id that nobody has', ['revoke', 'ffffffffffff'], 1],
])('%s is refused', async (_name, command, code) => {
  const result = await runCli(['token', ...command, '--db', db]);
  expect(result.code).toBe(code);
  expect(result.out).toBe('');
});

test('beyond loopback a token that may be used is enough to listen, a revoked one is not', async () => {
  const databaseUrl = `sqlite:${join(folder, 'open.db')}`;
  const evolution = await createEvolution({ databaseUrl });
  try {
    const options = { databaseUrl, host: '0.0.0.0', port: 0, learn: false, log: () => {} };
    await expect(serve(options)).rejects.toThrow('would let anybody');
    const { token, secret } = await issueToken(evolution, { scopes: ['read'] });
    const open = await serve(options);
    const url = `http://127.0.0.1:${new URL(open.url).port}/api/v1/tasks`;
    expect((await fetch(url)).status).toBe(401);
    expect((await fetch(url, { headers: { authorization: `Bearer ${secret}` } })).status).toBe(200);
    await open.close();
    await evolution.store.revokeToken(token.id, 1n);
    await expect(serve(options)).rejects.toThrow('would let anybody');
  } finally {
    await evolution.close();
  }
});

test('createEvolutionAPI takes the same tokens', async () => {
  const { evolution }: { evolution: Evolution } = service;
  const api = await createEvolutionAPI(evolution);
  const { secret } = await create('--scope', 'read');
  const ask = (headers: Record<string, string>): Promise<Response> =>
    api.fetch(new Request('http://localhost/api/v1/tasks', { headers }));
  expect((await ask({})).status).toBe(401);
  expect((await ask({ authorization: `Bearer ${secret}` })).status).toBe(200);
});
