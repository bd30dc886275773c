import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from 'sqlite3';
import { serve, type Service } from '../../src/runtime';

let folder: string;
let service: Service | null = null;
const log: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otel-evolution-serving-'));
});
afterEach(async () => {
  await service?.close();
  service = null;
  await rm(folder, { recursive: true });
});

function send(spans: readonly object[]): Promise<Response> {
  return fetch(`${service!.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
  });
}

function span(n: number): object {
  return {
    traceId: 'ab'.repeat(16),
    spanId: n.toString(16).padStart(16, '0'),
    name: 'chat',
    startTimeUnixNano: '1790000000000000000',
    endTimeUnixNano: '1790000001000000000',
  };
}

function execute(database: Database, sql: string): Promise<void> {
  return new Promise((resolve, reject) =>
    database.exec(sql, (error) => (error ? reject(error) : resolve())),
  );
}

test('/readyz remembers the last failed write until one goes well; 503 within the deadline', async () => {
  const file = join(folder, 'locked.db');
  service = await serve({
    databaseUrl: `sqlite:${file}`,
    port: 0,
    learn: false,
    log: (line) => log.push(line),
  });
  expect((await send([span(1)])).status).toBe(200);
  const other = new Database(file);
  await execute(other, 'BEGIN IMMEDIATE');
  const refused = await send([span(2)]);
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toMatch(/^[1-4]$/);
  await execute(other, 'COMMIT');
  await new Promise<void>((resolve, reject) =>
    other.close((error) => (error ? reject(error) : resolve())),
  );
  // A probe would pass by now.
  await service.evolution.store.ping();
  const unready = await fetch(`${service.url}/readyz`);
  expect(unready.status).toBe(503);
  expect(((await unready.json()) as { detail: string }).detail).toContain('locked');
  expect((await send([span(2)])).status).toBe(200);
  expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
});

test('one request of 5,000 spans is stored whole, and a bad span in its midst is named by its place', async () => {
  service = await serve({
    databaseUrl: `sqlite:${join(folder, 'large.db')}`,
    port: 0,
    learn: false,
    log: (line) => log.push(line),
  });
  const spans = Array.from({ length: 5_000 }, (_, n) => span(n + 1));
  spans[3_210] = { ...spans[3_210], traceId: '' };
  const answer = await send(spans);
  expect(await answer.json()).toMatchObject({
    partialSuccess: { rejectedSpans: '1', errorMessage: 'span 3210: trace id is missing' },
  });
  expect((await service.evolution.store.getTotals()).spans).toBe(4_999);
});
