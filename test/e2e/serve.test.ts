import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { openStore } from '../../src/store';
import type { TrafficRequest } from '../support/agent-traffic';
import { AgentTraffic } from '../support/agent-traffic';
import { OtlpClient } from '../support/otlp-client';
import type { CliBundle, ServerProcess, ServerProcessOptions } from '../support/server-process';
import { bundleCli, startServer } from '../support/server-process';
import { startTcpProxy } from '../support/tcp-proxy';
import { toOtlpJson } from '../support/to-otlp-json';
import { waitFor } from '../support/wait-for';

let cli: CliBundle;
let folder: string;
const started: ServerProcess[] = [];

beforeAll(async () => {
  cli = await bundleCli();
  folder = await mkdtemp(join(tmpdir(), 'otel-evolution-serve-'));
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop('SIGKILL')));
});

afterAll(async () => {
  await cli.remove();
  await rm(folder, { recursive: true, force: true });
});

describe('serve', () => {
  let server: ServerProcess;
  const databaseUrl = (): string => `sqlite:${join(folder, 'serve.db')}`;

  beforeEach(async () => {
    server = await serve({ databaseUrl: databaseUrl() });
  });

  test.each([
    ['protobuf', 'gzip'],
    ['protobuf', 'identity'],
    ['json', 'gzip'],
    ['json', 'identity'],
  ])('stores %s, %s, and answers in kind', async (encoding, compression) => {
    const sent = await makeRequest(`${encoding}/${compression}`);
    const protobuf = gunzipSync(sent.body);
    const plain = encoding === 'json' ? Buffer.from(toOtlpJson(protobuf)) : protobuf;
    const contentType = encoding === 'json' ? 'application/json' : 'application/x-protobuf';
    const answer = await post(server, compression === 'gzip' ? gzipSync(plain) : plain, {
      'content-type': contentType,
      'content-encoding': compression,
    });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe(contentType);
    expect(answer.body.toString()).toBe(encoding === 'json' ? '{}' : '');
    expect(await storedOf(databaseUrl(), [sent])).toBe(sent.spans.length);
  });

  test.each([
    ['another method', 405, 'GET', '/v1/traces', {}, ''],
    ['another content type', 415, 'POST', '/v1/traces', { 'content-type': 'text/plain' }, 'hello'],
    ['what is no request', 400, 'POST', '/v1/traces', { 'content-type': 'application/json' }, '[]'],
    ['metrics', 404, 'POST', '/v1/metrics', { 'content-type': 'application/json' }, '{}'],
    ['an unknown path', 404, 'GET', '/nowhere', {}, ''],
  ])('answers %s with %d and lives', async (_name, status, method, path, headers, body) => {
    const answer = await fetch(server.url + path, {
      method,
      headers,
      ...(method === 'POST' && { body }),
    });
    expect(answer.status).toBe(status);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });

  test('one bad span is refused by itself', async () => {
    const span = {
      traceId: 'ab'.repeat(16),
      spanId: 'cd'.repeat(8),
      name: 'good',
      startTimeUnixNano: '1790000000000000000',
      endTimeUnixNano: '1790000001000000000',
    };
    const answer = await fetch(`${server.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        resourceSpans: [{ scopeSpans: [{ spans: [{ ...span, traceId: '0'.repeat(32) }, span] }] }],
      }),
    });
    expect(answer.status).toBe(200);
    const { partialSuccess } = (await answer.json()) as {
      partialSuccess: { rejectedSpans: string; errorMessage: string };
    };
    expect(Number(partialSuccess.rejectedSpans)).toBe(1);
    expect(partialSuccess.errorMessage).toMatch(/trace id/i);
    const store = await openStore(databaseUrl());
    expect(await store.getTrace(span.traceId)).toMatchObject([{ name: 'good' }]);
    await store.close();
  });

  test('is healthy, ready, and counts what it takes', async () => {
    const sent = await makeRequest('metrics');
    await mustAccept(server, sent);
    await mustAccept(server, sent); // a resend
    expect(await (await fetch(`${server.url}/healthz`)).json()).toMatchObject({
      status: 'ok',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
      node: process.versions.node,
      database: 'sqlite',
    });
    expect(await (await fetch(`${server.url}/readyz`)).json()).toEqual({ status: 'ready' });
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    const records = 'otel_evolution_otlp_records_total';
    expect(metrics).toContain(`${records}{signal="traces",outcome="stored"} ${sent.spans.length}`);
    expect(metrics).toContain(
      `${records}{signal="traces",outcome="duplicate"} ${sent.spans.length}`,
    );
  });

  test('refuses a request by another name, and a browser from another origin', async () => {
    const { port } = new URL(server.url);
    const sent = await makeRequest('host');
    for (const headers of [
      { host: `rebound.example:${port}` },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ]) {
      expect((await post(server, sent.body, headers)).status).toBe(403);
    }
    expect(await storedOf(databaseUrl(), [sent])).toBe(0);
    await mustAccept(server, sent);
  });

  test('SIGTERM: what has begun is answered and stored, nothing new begins, exit code 0', async () => {
    const sent = await makeRequest('drain');
    const half = sent.body.length >> 1;
    const call = request(`${server.url}/v1/traces`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-protobuf',
        'content-encoding': 'gzip',
        'content-length': sent.body.length,
      },
    });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      call.once('response', resolve);
      call.once('error', reject);
    });
    await new Promise<void>((resolve) => call.write(sent.body.subarray(0, half), () => resolve()));
    expect(await reachable(server)).toBe(true); // and so the half has arrived, too
    const ended = server.stop('SIGTERM');
    await waitFor('closed to new requests', async () => !(await reachable(server)));
    call.end(sent.body.subarray(half));
    expect((await answered).statusCode).toBe(200);
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(await storedOf(databaseUrl(), [sent])).toBe(sent.spans.length);
  });

  test('two processes on one file both take spans', async () => {
    const other = await serve({ databaseUrl: databaseUrl() });
    const traffic = new AgentTraffic({ seed: 'two', spansPerRequest: 40 });
    const sent = await Promise.all(Array.from({ length: 40 }, () => traffic.next()));
    const clients = [server, other].map(({ url }) => new OtlpClient(url, { connections: 2 }));
    const statuses = await Promise.all(
      sent.map(async ({ body }, n) => (await clients[n % 2]!.post(body)).status),
    );
    for (const client of clients) client.close();
    // A busy database may ask to come again; what was acknowledged is there.
    expect(new Set(statuses)).not.toContain(500);
    const accepted = sent.filter((_, n) => statuses[n] === 200);
    expect(accepted.length).toBeGreaterThan(20);
    expect(await storedOf(databaseUrl(), accepted)).toBe(accepted.length * 40);
  });

  test("an agent with the SDK's own exporter delivers, and its reward finds its run", async () => {
    // In a process of its own: the exporter loads its transport in a way that jest forbids.
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['examples/collector/agent.mjs', '.'],
      { env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: server.url } },
    );
    const { traceId, accuracy } = JSON.parse(stdout) as { traceId: string; accuracy: number };
    const store = await openStore(databaseUrl());
    const spans = await store.getTrace(traceId);
    expect(new Set(spans.map(({ role }) => role))).toEqual(new Set(['agent', 'tool']));
    expect(await store.getExecution(spans[0]!.executionId!)).toMatchObject({
      taskId: `largest-file:${process.cwd()}`,
      status: 'completed',
      spans: spans.length,
      rewards: { accuracy },
    });
    await store.close();
  });
});

describe('beyond loopback', () => {
  const options = (): Omit<ServerProcessOptions, 'cli'> => ({
    databaseUrl: `sqlite:${join(folder, 'wide.db')}`,
    host: '0.0.0.0',
  });

  test('serve refuses to start without a token', async () => {
    await expect(serve(options())).rejects.toThrow(/serve ended with 3[^]*EVOLUTION_TOKEN/);
  });

  test('and asks for the token', async () => {
    const token = 'correct-horse-battery-staple';
    const server = await serve({ ...options(), environment: { EVOLUTION_TOKEN: token } });
    const local = { url: server.url.replace('0.0.0.0', '127.0.0.1') };
    const sent = await makeRequest('token');
    const without = await post(local, sent.body);
    expect(without.status).toBe(401);
    expect(without.headers['www-authenticate']).toMatch(/^Bearer/);
    expect((await post(local, sent.body, { authorization: `Bearer ${token}x` })).status).toBe(401);
    expect((await post(local, sent.body, { authorization: `Bearer ${token}` })).status).toBe(200);
    expect((await fetch(`${local.url}/metrics`)).status).toBe(401);
    expect((await fetch(`${local.url}/healthz`)).status).toBe(200);
  });
});

test('Postgres away: 503 with Retry-After, not ready, nothing acknowledged; back: all is well', async () => {
  const direct = new URL(process.env.TEST_PG_URL!);
  direct.searchParams.set('schema', `serve_away_${process.pid}`);
  const proxy = await startTcpProxy({ host: direct.hostname, port: Number(direct.port) });
  const proxied = new URL(direct);
  proxied.port = String(proxy.port);
  const server = await serve({ databaseUrl: proxied.href });
  const [before, during] = [await makeRequest('before'), await makeRequest('during')];
  await mustAccept(server, before);

  await proxy.cut();
  const refused = await post(server, during.body);
  expect(refused.status).toBe(503);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
  expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(4);
  expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  expect(await storedOf(direct.href, [before])).toBe(before.spans.length);
  expect(await storedOf(direct.href, [during])).toBe(0);

  await proxy.restore();
  await waitFor('ready again', async () => (await fetch(`${server.url}/readyz`)).ok);
  await mustAccept(server, during);
  expect(await storedOf(direct.href, [during])).toBe(during.spans.length);
  expect(await server.stop('SIGTERM')).toEqual({ code: 0, signal: null });
  await proxy.cut();
}, 60_000);

it('answers 503 and says why when requests cannot be decoded', async () => {
  const broken = await bundleCli();
  try {
    await rm(join(dirname(broken.path), 'intake-worker.mjs'));
    const databaseUrl = `sqlite:${join(folder, 'undecoded.db')}`;
    const server = await startServer({ cli: broken.path, databaseUrl });
    started.push(server);
    const { body } = await makeRequest('undecoded');
    const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' };
    const { status, headers: answered } = await post(server, body, headers);
    expect(status).toBe(503);
    expect(answered['retry-after']).toMatch(/^[1-4]$/);
    await waitFor('the reason', () =>
      Promise.resolve(server.stderr().includes('intake-worker.mjs')),
    );
  } finally {
    await broken.remove();
  }
});

describe('serve --open', () => {
  const opened = (): string => join(folder, 'opened');

  async function openWith(program: string): Promise<ServerProcess> {
    await writeFile(join(folder, 'xdg-open'), `#!/bin/sh\n${program}\n`, { mode: 0o755 });
    const environment = { PATH: `${folder}:${process.env.PATH}` };
    const databaseUrl = `sqlite:${join(folder, 'open.db')}`;
    return serve({ databaseUrl, environment, options: ['--open'] });
  }

  test('hands the address of the dashboard to the browser', async () => {
    const server = await openWith(`printf %s "$1" > '${opened()}'`);
    const url = await waitFor('a browser', () => readFile(opened(), 'utf8').catch(() => null));
    expect(url).toBe(server.url);
  });

  test('says so where there is no browser, and serves', async () => {
    const server = await openWith('exit 3');
    await waitFor('a word', async () => server.stderr().includes(`open ${server.url} yourself`));
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });
});

async function serve(options: Omit<ServerProcessOptions, 'cli'>): Promise<ServerProcess> {
  const server = await startServer({ ...options, cli: cli.path });
  started.push(server);
  return server;
}

function makeRequest(seed: string): Promise<TrafficRequest> {
  return new AgentTraffic({ seed, spansPerRequest: 25 }).next();
}

async function post(
  { url }: Pick<ServerProcess, 'url'>,
  body: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): ReturnType<OtlpClient['post']> {
  const client = new OtlpClient(url, { connections: 1 });
  try {
    return await client.post(body, headers);
  } finally {
    client.close();
  }
}

async function mustAccept(server: ServerProcess, { body }: TrafficRequest): Promise<void> {
  const answer = await post(server, body);
  expect([answer.status, answer.body.toString()]).toEqual([200, '']);
}

/** How many of the spans a fresh reader of the database finds. */
async function storedOf(databaseUrl: string, requests: readonly TrafficRequest[]): Promise<number> {
  const store = await openStore(databaseUrl);
  let found = 0;
  for (const address of requests.flatMap(({ spans }) => spans)) {
    if ((await store.getSpan(address)) !== null) found += 1;
  }
  await store.close();
  return found;
}

async function reachable({ url }: ServerProcess): Promise<boolean> {
  return fetch(`${url}/healthz`).then(
    () => true,
    () => false,
  );
}
