import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningServer, ServerOptions } from '../../src/api';
import { createMetrics, createServer } from '../../src/api';
import { systemClock } from '../../src/runtime/system-clock';
import { ConfigError, StoreUnavailableError } from '../../src/errors';
import { waitFor } from '../support/wait-for';

let server: RunningServer | null = null;
const errors: unknown[] = [];

afterEach(async () => {
  await server?.close();
  server = null;
  errors.length = 0;
});

async function start(change: Partial<ServerOptions> = {}): Promise<string> {
  server = await createServer({
    otlp: async ({ body }) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of body) chunks.push(chunk);
      return { status: 200, headers: { 'content-type': 'x/echo' }, body: Buffer.concat(chunks) };
    },
    metrics: createMetrics(() => Promise.resolve({ spans: 7 })),
    clock: systemClock,
    checkReady: () => Promise.resolve(),
    onError: (error) => errors.push(error),
    host: '127.0.0.1',
    port: 0,
    token: null,
    ...change,
  });
  return server.url;
}

/** `fetch` refuses to set Host and Origin. */
function get(url: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { headers, method, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

test('OTLP bodies stream to the protocol and its answer comes back as it is', async () => {
  const url = await start();
  const response = await fetch(`${url}/v1/traces`, { method: 'POST', body: 'hello' });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('x/echo');
  expect(await response.text()).toBe('hello');
});

test('health, readiness and metrics', async () => {
  const url = await start();
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: 'ready' });
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toContain('otel_evolution_stored{kind="spans"} 7');
});

test('/metrics shows what is done in the background, and what stored spans lost', async () => {
  const metrics = createMetrics(() => Promise.resolve({}));
  metrics.observeJobs(() =>
    Promise.resolve({
      backlog: { traces: 3, executions: 4 },
      failed: { traces: 1, executions: 0 },
      errors: [],
      leaseHolder: 'somebody',
      slices: 5,
      failures: 2,
      lastSliceMillis: 250,
      unlistedSpans: 12,
      lastCloseUnixNano: 1_700_000_000_500_000_000n,
      matchKeys: { known: 3, waiting: 1, refusedClaims: 2 },
      retention: {
        ...{ maxAgeMillis: null, maxBytes: 2e9 },
        ...{ lastRunUnixNano: null, removedTraces: 6, removedSpans: 60 },
      },
      learningRefusal: null,
    }),
  );
  const answered = { status: 200, accepted: 5, duplicates: 0, refused: 1, bytes: 9, seconds: 1 };
  metrics.observeOtlp({ signal: 'traces', ...answered, reduced: 2, reasons: [] });
  const url = await start({ metrics });
  const text = await (await fetch(`${url}/metrics`)).text();
  for (const line of [
    'derive_backlog{kind="traces"} 3',
    'derive_backlog{kind="executions"} 4',
    'derive_failed{kind="traces"} 1',
    'derive_slices_total 5',
    'derive_failures_total 2',
    'derive_last_slice_seconds 0.25',
    'unlisted_spans_total 12',
    'derive_lease_held 1',
    'last_close_timestamp_seconds 1700000000.5',
    'match_keys{kind="indexing"} 1',
    'match_key_refused_total 2',
    'retention_last_run_timestamp_seconds 0',
    'retention_removed_total{kind="spans"} 60',
    'otlp_reduced_total{signal="traces"} 2',
  ]) {
    expect(text).toContain(`otel_evolution_${line}\n`);
  }
});

test('/healthz says what runs here', async () => {
  const url = await start({ build: { version: '1.2.3', node: '20.19.0' } });
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({
    status: 'ok',
    version: '1.2.3',
    node: '20.19.0',
  });
});

test('LOCALHOST is localhost, and bearer is Bearer', async () => {
  const token = 'correct-horse-battery-staple';
  const url = await start({ token });
  const { port } = new URL(url);
  const ask = (host: string, authorization: string): Promise<number> =>
    get(`${url}/readyz`, { host: `${host}:${port}`, authorization });
  expect(await ask('LOCALHOST', `bearer ${token}`)).toBe(200);
  expect(await ask('LocalHost', `BEARER  ${token}`)).toBe(200);
  expect(await ask('localhost', `Basic ${token}`)).toBe(401);
  expect(await ask('localhost', `Bearer${token}`)).toBe(401);
  expect(await ask('localhost', 'Bearer ')).toBe(401);
});

test('a connection beyond the bound is closed at once', async () => {
  const url = await start({ maxConnections: 1 });
  const { port } = new URL(url);
  const first = connect(Number(port), '127.0.0.1');
  await once(first, 'connect');
  await expect(get(`${url}/healthz`, {})).rejects.toThrow(/ECONNRESET|hang up/);
  first.destroy();
  await once(first, 'close');
  await waitFor('room', async () => (await get(`${url}/healthz`, {}).catch(() => 0)) === 200);
});

/** Sends `GET /healthz` on a connection that stays open, and gives the answer. */
async function ask(socket: Socket): Promise<string> {
  let text = '';
  const read = (chunk: Buffer): void => void (text += chunk.toString());
  socket.on('data', read);
  socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
  while (!text.includes('"ok"')) await once(socket, 'data');
  socket.off('data', read);
  return text;
}

async function connected(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

test('a client that sends every five seconds met a connection that was being closed', async () => {
  const url = await start();
  const socket = await connected(url);
  expect(await ask(socket)).toMatch(/^keep-alive: timeout=620\r$/im);
  // Longer than exporters wait between two batches, and than a header may take to come.
  await sleep(11_500);
  expect(socket.readableEnded).toBe(false);
  expect(await ask(socket)).toMatch(/^HTTP\/1.1 200 /);
  socket.destroy();
}, 30_000);

test('idle connections make way, the longest idle first, before a new one is refused', async () => {
  const url = await start({ maxConnections: 4 });
  const [first, second, third] = [await connected(url), await connected(url), await connected(url)];
  for (const socket of [second, first, third]) await ask(socket);
  const closed = once(second, 'close');
  second.resume();
  const fourth = await connected(url);
  await closed;
  for (const socket of [first, third, fourth]) {
    expect(await ask(socket)).toMatch(/^HTTP\/1.1 200 /);
    socket.destroy();
  }
});

test('a connection whose answer was under way when the server closed kept it open', async () => {
  let answer = (): void => undefined;
  let begin = (): void => undefined;
  const asked = new Promise<void>((resolve) => (begin = resolve));
  const url = await start({
    otlp: () =>
      new Promise((resolve) => {
        answer = () => resolve({ status: 200, headers: {}, body: Buffer.from('"ok"') });
        begin();
      }),
  });
  const socket = await connected(url);
  socket.write('POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n');
  await asked;
  const closed = server!.close();
  server = null;
  answer();
  await closed;
});

test('a store that is away makes /readyz a 503 with a time to come back; /healthz lives', async () => {
  const url = await start({
    checkReady: () => Promise.reject(new StoreUnavailableError('The database is away.')),
  });
  const response = await fetch(`${url}/readyz`);
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('2');
  expect(await response.json()).toMatchObject({
    code: 'database_unavailable',
    detail: 'The database is away.',
  });
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test('an error of ours says nothing of itself, and is reported', async () => {
  const url = await start({ checkReady: () => Promise.reject(new Error('SELECT secret')) });
  const response = await fetch(`${url}/readyz`);
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain('secret');
  expect(errors).toHaveLength(1);
});

test('an unknown path is a problem+json', async () => {
  const response = await fetch(`${await start()}/nothing`);
  expect(response.status).toBe(404);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
});

describe('who may call', () => {
  test.each([
    ['this machine', { host: '127.0.0.1:4319' }, 200],
    ['localhost', { host: 'localhost' }, 200],
    ['IPv6 loopback', { host: '[::1]:4319' }, 200],
    ['a rebound name', { host: 'evil.example' }, 403],
    ['a name that only begins like ours', { host: '127.0.0.1.evil.example' }, 403],
    ['a page of another origin', { host: 'localhost', origin: 'http://evil.example' }, 403],
    ['an opaque origin', { host: 'localhost', origin: 'null' }, 403],
    ['our own page', { host: 'localhost:4319', origin: 'http://localhost:4319' }, 200],
  ])('%s', async (_name, headers, status) => {
    expect(await get(`${await start()}/readyz`, headers)).toBe(status);
  });

  test('beyond loopback without a token it does not start', async () => {
    await expect(start({ host: '0.0.0.0' })).rejects.toThrow(ConfigError);
  });

  test('a token is asked for everywhere but at /healthz', async () => {
    const token = 'a-token-of-some-length';
    const url = await start({ token });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const refused = await fetch(`${url}/v1/traces`, { method: 'POST', body: '' });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe('Bearer');
    const wrong = { authorization: `Bearer ${token}x` };
    expect((await fetch(`${url}/metrics`, { headers: wrong })).status).toBe(401);
    const right = { authorization: `Bearer ${token}` };
    expect((await fetch(`${url}/metrics`, { headers: right })).status).toBe(200);
  });
});

test('a port that is taken rejects', async () => {
  const url = new URL(await start());
  await expect(
    createServer({
      otlp: () => Promise.reject(new Error('unused')),
      metrics: createMetrics(() => Promise.resolve({})),
      clock: systemClock,
      checkReady: () => Promise.resolve(),
      onError: () => {},
      host: '127.0.0.1',
      port: Number(url.port),
      token: null,
    }),
  ).rejects.toThrow('the port is taken');
});
