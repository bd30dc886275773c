import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from 'sqlite3';
import { OutageSpool } from '../../src/runtime/outage-spool';
import { openStore, prepareRows, type OpenedStore } from '../../src/store';
import { makeMeaning } from '../support/make-meaning';
import { attributes, makeSpan, traceId } from '../support/make-span';
import { waitFor } from '../support/wait-for';

let folder: string;
let store: OpenedStore;
let other: Database;
const spools: OutageSpool[] = [];
const lines: string[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'otel-evolution-outage-'));
  const file = join(folder, 'evolution.db');
  store = await openStore(`sqlite:${file}`, { retryMillis: 100, sqliteDriver: 'sqlite3' });
  other = new Database(file);
  lines.length = 0;
});
afterEach(async () => {
  await run('ROLLBACK').catch(() => undefined);
  for (const spool of spools.splice(0)) await spool.close();
  await new Promise((resolve) => other.close(resolve));
  await store.close();
  rmSync(folder, { recursive: true });
});

const place = (): string => join(folder, 'spool');
const waiting = (): string[] => readdirSync(place()).filter((name) => name.endsWith('.rows'));

/** Of another connection: `BEGIN IMMEDIATE` keeps everybody else from writing. */
function run(sql: string): Promise<void> {
  return new Promise((resolve, reject) =>
    other.run(sql, (error) => (error ? reject(error) : resolve())),
  );
}

async function open(maxBytes?: number): Promise<OutageSpool> {
  const spool = await OutageSpool.open({
    ...{ folder: place(), store, maxBytes },
    log: (line) => lines.push(line),
  });
  spools.push(spool);
  return spool;
}

function rowsOf(number: number) {
  const span = makeSpan({
    traceId: traceId(number),
    startTimeUnixNano: 2n ** 64n - 1n,
    attributes: attributes({ ['__proto__']: { int: '9007199254740993' } }),
  });
  return prepareRows({ spans: [{ span, meaning: makeMeaning() }], rewards: [] });
}

const stored = async (number: number): Promise<unknown> =>
  (await store.getTrace(traceId(number)))[0];

test('while the database is away what comes is kept on disk, and stored in order when it is back', async () => {
  const spool = await open();
  await spool.writePrepared(rowsOf(1));
  expect(waiting()).toEqual([]);
  await run('BEGIN IMMEDIATE');
  const answers = [2, 3, 4].map((number) => spool.writePrepared(rowsOf(number)));
  expect(await Promise.all(answers)).toEqual(
    Array(3).fill({ accepted: 1, duplicates: 0, refused: [] }),
  );
  expect(spool.takesOver).toBe(true);
  expect(spool.bytes).toBeGreaterThan(0);
  expect(waiting().length).toBeGreaterThan(0);
  expect(statSync(place()).mode & 0o777).toBe(0o700);
  expect(statSync(join(place(), waiting()[0]!)).mode & 0o777).toBe(0o600);
  expect(await stored(2)).toBeUndefined();
  await run('ROLLBACK');
  await waitFor('stored', async () => (await stored(4)) !== undefined);
  await waitFor('empty', () => Promise.resolve(!spool.takesOver));
  expect(await stored(2)).toMatchObject({
    startTimeUnixNano: 2n ** 64n - 1n,
    attributes: { ['__proto__']: { int: '9007199254740993' } },
  });
  expect([waiting(), spool.bytes]).toEqual([[], 0]);
  expect(lines).toEqual([
    'spool: The database is locked by another process. Until then requests are kept.',
    'spool: the database takes writes again; 3 records were stored.',
  ]);
  expect((await spool.writePrepared(rowsOf(5))).accepted).toBe(1);
  expect(await stored(5)).toBeDefined();
});

test('what waits when the process ends is stored by the next; a torn end was never acknowledged', async () => {
  const spool = await open();
  await run('BEGIN IMMEDIATE');
  await spool.writePrepared(rowsOf(1));
  await spool.writePrepared(rowsOf(2));
  await spool.close();
  const [name] = waiting();
  appendFileSync(join(place(), name!), Buffer.from('000000ff12345678aabb', 'hex'));
  await run('ROLLBACK');
  const next = await open();
  await waitFor('stored', async () => (await stored(2)) !== undefined);
  expect(await stored(1)).toBeDefined();
  await waitFor('empty', () => Promise.resolve(waiting().length === 0));
  expect(next.bytes).toBe(0);
});

test('beyond its size the caller is told that the database is away, and what was kept stays', async () => {
  const spool = await open(20_000);
  await run('BEGIN IMMEDIATE');
  let kept = 0;
  const error: unknown = await (async () => {
    for (; kept < 1_000; kept += 1) await spool.writePrepared(rowsOf(kept + 1));
  })().catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: 'database_unavailable',
    message: 'The database is away and the spool is full.',
  });
  expect(kept).toBeGreaterThan(5);
  await run('ROLLBACK');
  await waitFor('stored', async () => (await stored(kept)) !== undefined);
  await waitFor('room', () => spool.writePrepared(rowsOf(kept + 1)).catch(() => null));
});

test('two processes do not share a folder; one that was killed leaves it to the next', async () => {
  await (await open()).close();
  writeFileSync(join(place(), 'lock'), String(process.ppid));
  await expect(open()).rejects.toMatchObject({ code: 'config_invalid' });
  writeFileSync(join(place(), 'lock'), '999999999');
  await open();
});
