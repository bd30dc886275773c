import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError, StoreUnavailableError } from '../../src/errors';
import { openStore } from '../../src/store';
import { openSqlite } from '../../src/store/database/sqlite-database';
import { resolveStoreOptions } from '../../src/store/store-options';
import { createKeyCache } from '../../src/store/ingest/key-cache';
import { spanId, traceId } from '../support/make-span';
import { createHarness, interpreted } from './contract/harness';

describe('SQLite', () => {
  const harness = createHarness('sqlite');
  const folder = mkdtempSync(join(tmpdir(), 'otel-evolution-sqlite-'));
  afterAll(async () => {
    await harness.dispose();
    rmSync(folder, { recursive: true, force: true });
  });
  const fileOf = (url: string): string => url.slice('sqlite:'.length);
  const one = (number: number) => ({
    spans: [interpreted({ traceId: traceId(number) }, { role: 'agent' })],
    rewards: [],
  });

  it('writes ahead, syncs the log itself and keeps its files to their owner', async () => {
    const url = harness.newUrl();
    const store = await harness.openAt(url);
    await store.write(one(1));
    for (const suffix of ['', '-wal', '-shm']) {
      expect(statSync(fileOf(url) + suffix).mode & 0o777).toBe(0o600);
    }
    const database = await openSqlite(
      { file: fileOf(url), inMemory: false },
      resolveStoreOptions({}),
    );
    const pragmas = (): Promise<unknown> =>
      database.write('shared', async (session) => [
        await session.all('PRAGMA journal_mode'),
        await session.all('PRAGMA synchronous'),
        await session.all('PRAGMA busy_timeout'),
      ]);
    expect(await pragmas()).toEqual([
      [{ journal_mode: 'wal' }],
      [{ synchronous: 2 }],
      [{ timeout: 25 }],
    ]);
    // From the second transaction on the log is synced beside it, before anything is told (`log-sync.test`).
    expect(await pragmas()).toMatchObject([{}, [{ synchronous: 1 }], {}]);
    await expect(
      database.read((session) => session.run(`DELETE FROM spans`)),
    ).rejects.toMatchObject({ cause: { code: 'SQLITE_READONLY' } });
    await database.close();
  });

  it('works in memory', async () => {
    const store = await openStore('sqlite::memory:');
    await store.write(one(1));
    expect((await store.listExecutions({})).items).toHaveLength(1);
    expect((await store.migrate()).pending).toEqual([]);
    await store.close();
    await store.close();
  });

  const manyOf = (trace: number, spans: number) => ({
    spans: Array.from({ length: spans }, (_, n) =>
      interpreted({ traceId: traceId(trace + Math.floor(n / 10)), spanId: spanId(n % 10) }),
    ),
    rewards: [],
  });

  it('takes small calls between the slices of a large one', async () => {
    const store = await harness.open();
    let largeEnded = false;
    const large = store.write(manyOf(1_000, 8_000)).then(() => (largeEnded = true));
    let small = 0;
    for (; !largeEnded && small < 8; small += 1) await store.write(one(small + 1));
    expect(largeEnded).toBe(false);
    expect(small).toBe(8);
    await large;
  });

  it('stores a large call to its end while small ones come without a pause', async () => {
    const store = await harness.open();
    let ended = false;
    const large = store.write(manyOf(1_000, 4_000)).then(() => (ended = true));
    let number = 0;
    let most = 0;
    const knock = async (): Promise<void> => {
      while (!ended && number < 2_000) await store.write(one((number += 1)));
      most = Math.max(most, number);
    };
    await Promise.all([large, ...Array.from({ length: 4 }, knock)]);
    // Every other transaction is the large call's: eight of its slices, four small calls beside each.
    expect(most).toBeLessThan(200);
  });

  it('says that it is closed', async () => {
    const store = await harness.open();
    await store.close();
    await expect(store.write(one(1))).rejects.toMatchObject({ code: 'closed' });
    await expect(store.getTask('t')).rejects.toMatchObject({ code: 'closed' });
    await expect(store.queryLinks({})).rejects.toMatchObject({ code: 'closed' });
    await expect(store.storePattern({} as never)).rejects.toMatchObject({ code: 'closed' });
    await expect(store.createTask({})).rejects.toMatchObject({ code: 'closed' });
    await expect(
      store.readClosedExecutions({})[Symbol.asyncIterator]().next(),
    ).rejects.toMatchObject({
      code: 'closed',
    });
  });

  it('gives up on a locked file after its time, and goes on after it', async () => {
    const url = harness.newUrl();
    const store = await harness.openAt(url, { retryMillis: 300 });
    await store.write(one(1));
    const other = await harness.connect(url);
    await other.raw('BEGIN IMMEDIATE');
    // Held until it is given up.
    await expect(store.write(one(2))).rejects.toMatchObject({
      name: StoreUnavailableError.name,
      code: 'database_unavailable',
    });
    const waiting = store.write(one(3));
    await other.raw('ROLLBACK');
    expect((await waiting).accepted).toBe(1);
    expect(await store.getTrace(traceId(2))).toEqual([]);
    await other.destroy();
  });

  it('tells a full database from others, keeps reading, and goes on when there is room', async () => {
    const url = harness.newUrl();
    const store = await harness.openAt(url);
    await store.write(one(1));
    const database = await openSqlite(
      { file: fileOf(url), inMemory: false },
      resolveStoreOptions({}),
    );
    await database.write('shared', (session) => session.run('PRAGMA max_page_count = 10'));
    const fill = database.write('shared', (session) =>
      session.run(`INSERT INTO ledger (pattern_id, body) VALUES ('p', ?)`, ['x'.repeat(1_000_000)]),
    );
    await expect(fill).rejects.toMatchObject({
      code: 'database_full',
      name: 'StoreUnavailableError',
    });
    await database.close();
    expect(await store.getTrace(traceId(1))).toHaveLength(1);
    expect((await store.write(one(2))).accepted).toBe(1);
  });

  it.each([
    ['a folder that is not there', join('missing', 'x.db')],
    ['a folder in place of a file', '.'],
  ])('says it when it cannot open %s', async (_what, path) => {
    await expect(openStore(`sqlite:${join(folder, path)}`)).rejects.toThrow(StoreUnavailableError);
  });

  it('says it when the file is no database', async () => {
    const file = join(folder, 'text.db');
    writeFileSync(
      file,
      'This is no database, it is a text of more than a hundred bytes.'.repeat(20),
    );
    await expect(openStore(`sqlite:${file}`)).rejects.toMatchObject({
      code: 'database_damaged',
      message: expect.stringContaining('is no SQLite database') as string,
      hint: expect.not.stringMatching(/again in/) as string,
    });
  });

  it('tells a wrong statement from a database that is away', async () => {
    const database = await openSqlite(
      { file: ':memory:', inMemory: true },
      resolveStoreOptions({}),
    );
    await expect(database.read((session) => session.all('SELECT nonsense'))).rejects.toMatchObject({
      code: 'SQLITE_ERROR',
    });
    await expect(
      database.read((session) => session.ask('SELECT nonsense', [])),
    ).rejects.toMatchObject({
      code: 'SQLITE_ERROR',
    });
    await database.close();
  });

  it('forgets the oldest keys of shared rows, and finds them again', async () => {
    const database = await openSqlite(
      { file: ':memory:', inMemory: true },
      resolveStoreOptions({}),
    );
    const cache = createKeyCache({ table: 'things', idColumn: 'id', bodyColumn: null }, 1);
    const resolve = (id: string) =>
      database.write('shared', async (session) => {
        cache.restart();
        return (await cache.resolve(session, new Map([[id, null]]))).get(id);
      });
    await database.write('shared', (session) =>
      session.run('CREATE TABLE things (key INTEGER PRIMARY KEY, id TEXT UNIQUE)'),
    );
    for (const [id, key] of [
      ['a', 1],
      ['b', 2],
      ['b', 2],
      ['a', 1],
    ] as const) {
      expect(await resolve(id)).toBe(key);
      cache.publish();
    }
    await database.close();
  });

  it('says it when the database does not give back what was written, or lost its key', async () => {
    const url = harness.newUrl();
    const store = await harness.openAt(url);
    const other = await harness.connect(url);
    await other.raw(
      `CREATE TRIGGER lie AFTER INSERT ON settings WHEN NEW.name = 'ping'
       BEGIN UPDATE settings SET value = 'something else' WHERE name = 'ping'; END`,
    );
    await expect(store.ping()).rejects.toThrow('does not give back');
    await other('settings').where({ name: 'content_key' }).delete();
    await expect(store.contentKey()).rejects.toThrow('lost its content key');
    await other.destroy();
  });

  it('refuses another URL', async () => {
    await expect(openStore('mysql://root:secret@host/db')).rejects.toThrow(ConfigError);
  });

  it('folds what another process left dirty', async () => {
    const url = harness.newUrl();
    const first = await harness.openAt(url);
    await first.write(one(1));
    const second = await harness.openAt(url);
    expect((await second.listExecutions({})).items).toHaveLength(1);
    await second.write(one(2));
    expect((await first.listExecutions({})).items).toHaveLength(2);
  });

  it('derives at the next open what a killed process left, before anything is written', async () => {
    const url = harness.newUrl();
    const first = await harness.openAt(url);
    await first.write(one(1));
    await first.close();
    const other = await harness.connect(url);
    await other.raw(`UPDATE traces SET dirty = 2, execution_key = NULL, state = NULL`);
    await other.raw(`DELETE FROM executions`);
    await other.raw(`INSERT INTO leases (name, holder, beat) VALUES ('derive', 'killed', 7)
      ON CONFLICT (name) DO UPDATE SET holder = 'killed'`);
    await harness.openAt(url);
    const derived = async (): Promise<unknown[]> => other('executions').select('spans');
    for (const until = Date.now() + 15_000; Date.now() < until; await sleep(50)) {
      if ((await derived()).length > 0) break;
    }
    expect(await derived()).toEqual([{ spans: 1 }]);
    const third = await harness.openAt(url);
    expect((await third.listExecutions({})).items).toHaveLength(1);
  }, 30_000);

  it('is written by two processes at once, and one that is killed leaves nothing undone', async () => {
    const url = harness.newUrl();
    const store = await harness.openAt(url);
    const child = fork(join(__dirname, 'writer-process.mjs'), [url], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const acknowledged: string[] = [];
    child.on('message', (id) => acknowledged.push(id as string));
    let own = 0;
    while (acknowledged.length < 40 && child.exitCode === null) {
      own += 1;
      await store.write(one(1_000_000 + own));
    }
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(acknowledged.length).toBeGreaterThanOrEqual(40);
    for (const id of acknowledged) expect(await store.getTrace(id)).toHaveLength(1);
    const { executions } = await store.getTotals();
    expect(executions).toBeGreaterThanOrEqual(own + acknowledged.length);
  }, 60_000);
});
