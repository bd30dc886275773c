import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runConformance, serve, type Service } from '../../src/runtime';
import { runCli } from '../support/run-cli';

let folder: string;
let service: Service | null = null;
let other: Server | null = null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otel-evolution-conformance-'));
});
afterEach(async () => {
  await service?.close();
  service = null;
  await new Promise((resolve) => (other === null ? resolve(null) : other.close(resolve)));
  other = null;
  await rm(folder, { recursive: true });
});

/** Sections of the specifications, as their tables of contents have them. */
const sections: Readonly<Record<string, readonly string[]>> = {
  'https://opentelemetry.io/docs/specs/otlp/': [
    ...['binary-protobuf-encoding', 'json-protobuf-encoding', 'otlphttp-request'],
    ...['otlphttp-response', 'full-success-1', 'partial-success-1', 'failures-1', 'bad-data'],
    ...['otlphttp-throttling', 'all-other-responses', 'otlphttp-connection', 'duplicate-data'],
  ],
  'https://www.rfc-editor.org/rfc/rfc9110': [
    'section-8.3.1', // Media Type
    'section-8.4', // Content-Encoding
    'section-15.5.6', // 405 Method Not Allowed
    'section-15.5.14', // 413 Content Too Large
    'section-15.5.16', // 415 Unsupported Media Type
  ],
  'https://www.rfc-editor.org/rfc/rfc9112': ['section-7.1'], // Chunked Transfer Coding
};

async function startOurs(): Promise<Service> {
  const databaseUrl = `sqlite:${join(folder, 'rules.db')}`;
  service = await serve({ databaseUrl, port: 0, learn: false, log: () => undefined });
  return service;
}

test('our own receiver passes all of it, in both encodings, compressed or not', async () => {
  const { url, evolution } = await startOurs();
  const results = await runConformance({
    url,
    count: async (traceId) => (await evolution.store.getTrace(traceId)).length,
  });
  expect(results.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
  expect(results.length).toBeGreaterThanOrEqual(70);
  expect(new Set(results.map(({ variant }) => variant)).size).toBe(4);
  for (const { reference } of results) {
    const [page = '', section] = reference.split('#');
    expect(page).toMatch(/^https:\/\/\w+/);
    if (page in sections) expect(sections[page]).toContain(section);
  }
}, 120_000);

test('the command prints what passes; without --count what needs it is not passed over in silence', async () => {
  const { url } = await startOurs();
  const { code, out, err } = await runCli(['conformance', url]);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^MUST +(\d+) of \1 passed, 4 need --count$/m);
  expect(out).toMatch(/^robustness +(\d+) of \1 passed, 4 need --count$/m);
}, 120_000);

test('a server that says 200 to everything fails where it matters, and the command with it', async () => {
  other = createServer((request, response) => {
    request.resume().once('end', () => response.writeHead(200).end());
  });
  await new Promise<void>((resolve) => other!.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const line = ['conformance', `http://127.0.0.1:${port}`, '--count', 'echo 0', '--json'];
  const { code, out } = await runCli(line);
  expect(code).toBe(1);
  const { results } = JSON.parse(out) as { results: { id: string; outcome: string }[] };
  const failed = new Set(results.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id));
  for (const id of [
    'bad-data',
    'content-type-of-answer',
    'stored',
    'partial-success',
    'gzip-bomb',
  ]) {
    expect(failed).toContain(id);
  }
  expect(failed).not.toContain('empty-request');
}, 120_000);

test('an endpoint that is not there is told once, with exit code 5', async () => {
  const { code, err } = await runCli(['conformance', 'http://127.0.0.1:1987']);
  expect(code).toBe(5);
  expect(err).toMatch(/^error: Nothing answers at http:.*ECONNREFUSED/);
  expect((await runCli(['conformance', 'localhost:4318'])).code).toBe(3);
}, 60_000);
