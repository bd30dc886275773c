import { knex, type Knex } from 'knex';
import { StoreUnavailableError } from '../../src/errors';
import { openStore } from '../../src/store';
import { openPostgres } from '../../src/store/database/postgres-database';
import { resolveStoreOptions } from '../../src/store/store-options';
import { attributes, spanId, traceId } from '../support/make-span';
import { makeReward } from './make-reward';
import { createHarness, interpreted } from './contract/harness';

describe('Postgres', () => {
  const harness = createHarness('postgres');
  let admin: Knex;
  beforeAll(() => {
    admin = knex({ client: 'pg', connection: process.env.TEST_PG_URL! });
  });
  afterAll(async () => {
    await admin.destroy();
    await harness.dispose();
  });
  const one = (number: number) => ({
    spans: [interpreted({ traceId: traceId(number) }, { role: 'agent' })],
    rewards: [],
  });
  const addressOf = (url: string) => {
    const parsed = new URL(url);
    const schema = parsed.searchParams.get('schema')!;
    parsed.searchParams.delete('schema');
    return { url: parsed.href, schema };
  };
  /** Server processes of connections under a name; other suites use the same server meanwhile. */
  const backends = async (applicationName: string): Promise<number[]> => {
    const { rows } = await admin.raw<{ rows: { pid: number }[] }>(
      `SELECT pid FROM pg_stat_activity WHERE application_name = ?`,
      [applicationName],
    );
    return rows.map((row) => row.pid);
  };

  it('says at once that nobody listens, however long it may wait for a lock', async () => {
    const options = { retryMillis: 600_000 };
    const opening = openStore('postgres://x:y@127.0.0.1:1/db', options);
    await expect(opening).rejects.toThrow(StoreUnavailableError);
  });

  it('says that the password is wrong or the database unknown', async () => {
    const url = new URL(process.env.TEST_PG_URL!);
    url.pathname = '/no_such_database';
    await expect(openStore(url.href)).rejects.toMatchObject({
      code: 'database_unavailable',
      message: 'The server has no database of this name.',
      hint: expect.not.stringMatching(/again in/) as string,
    });
    const stranger = new URL(process.env.TEST_PG_URL!);
    stranger.username = 'nobody_of_this_name';
    await expect(openStore(stranger.href)).rejects.toMatchObject({
      message: 'The database refused the user or the password.',
    });
    const encrypted = new URL(process.env.TEST_PG_URL!);
    encrypted.searchParams.set('sslmode', 'require');
    await expect(openStore(encrypted.href)).rejects.toMatchObject({
      message: 'The connection to the database could not be encrypted as asked.',
    });
  });

  it('goes on after its connections were cut', async () => {
    const store = await harness.openAt(`${harness.newUrl()}&application_name=to_be_cut`);
    await store.write(one(1));
    const pids = await backends('to_be_cut');
    expect(pids.length).toBeGreaterThan(0);
    for (const pid of pids) await admin.raw('SELECT pg_terminate_backend(?)', [pid]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await store.write(one(2))).accepted).toBe(1);
    expect((await store.getTotals()).spans).toBe(2);
  });

  it('stores nothing of a transaction whose connection is cut, and says so', async () => {
    const url = harness.newUrl();
    await (await harness.openAt(url)).write(one(1));
    const database = await openPostgres(addressOf(url), resolveStoreOptions({}));
    const cut = database.write('exclusive', async (session) => {
      await session.run(`INSERT INTO settings (name, value) VALUES ('lost', 'x')`);
      const [row] = await session.all<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await admin.raw('SELECT pg_terminate_backend(?)', [row!.pid]);
      await session.run(`INSERT INTO settings (name, value) VALUES ('lost too', 'x')`);
    });
    await expect(cut).rejects.toMatchObject({ code: 'database_unavailable' });
    const left = await database.read((session) =>
      session.all(`SELECT name FROM settings WHERE name LIKE 'lost%'`),
    );
    expect(left).toEqual([]);
    await database.close();
  });

  it('runs a transaction again that lost a race', async () => {
    const url = harness.newUrl();
    await (await harness.openAt(url)).ping();
    const database = await openPostgres(addressOf(url), resolveStoreOptions({}));
    let runs = 0;
    const result = await database.write('shared', async (session) => {
      runs += 1;
      await session.run(`INSERT INTO settings (name, value) VALUES (?, 'x')`, [`run ${runs}`]);
      if (runs < 3) {
        await session.run(`DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END $$`);
      }
      return runs;
    });
    expect(result).toBe(3);
    const kept = await database.read((session) =>
      session.all<{ name: string }>(`SELECT name FROM settings WHERE name LIKE 'run%'`),
    );
    expect(kept).toEqual([{ name: 'run 3' }]);
    await database.close();
  });

  it('stops a statement that takes too long', async () => {
    const url = harness.newUrl();
    await harness.openAt(url);
    const database = await openPostgres(
      addressOf(url),
      resolveStoreOptions({ statementTimeoutMillis: 100 }),
    );
    await expect(
      database.read((session) => session.all('SELECT pg_sleep(5)')),
    ).rejects.toMatchObject({
      code: 'database_unavailable',
    });
    await database.close();
  });

  it('waits for a lock no longer than it may', async () => {
    const url = harness.newUrl();
    const store = await harness.openAt(url, { statementTimeoutMillis: 200, retryMillis: 300 });
    const other = await harness.connect(url);
    await other.transaction(async (trx) => {
      await trx.raw('LOCK TABLE spans IN ACCESS EXCLUSIVE MODE');
      await expect(store.write(one(1))).rejects.toThrow(StoreUnavailableError);
    });
    expect((await store.write(one(1))).accepted).toBe(1);
    await other.destroy();
  });

  it('lets two stores write and fold the same traces at once', async () => {
    const url = harness.newUrl();
    const stores = [await harness.openAt(url), await harness.openAt(url)];
    await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const store = stores[index % 2]!;
        await store.write({
          spans: [1, 2, 3].map((trace) =>
            interpreted(
              { traceId: traceId(trace), spanId: spanId(index + 1) },
              { role: 'llm', executionId: 'shared', taskId: 't', costUsd: 1 },
            ),
          ),
          rewards: [],
        });
        if (index % 10 === 0) await store.listTasks({});
      }),
    );
    expect(await stores[0]!.getExecution('shared')).toMatchObject({ spans: 180, costUsd: 180 });
  });

  it('joins a reward by query with its span, committed at once by two connections: they never met', async () => {
    const url = harness.newUrl();
    const [first, second] = [await harness.openAt(url), await harness.openAt(url)];
    const rewardFor = (index: number) =>
      makeReward({
        id: `reward ${index}`,
        target: { kind: 'query', matches: [{ key: 'run.id', value: `run ${index}` }] },
      });
    // So that the key is known, and nobody waits for its admission.
    await first.write({ spans: [], rewards: [rewardFor(0)] });
    const rounds = 60;
    for (let index = 1; index <= rounds; index += 1) {
      const span = interpreted({
        traceId: traceId(index),
        attributes: attributes({ 'run.id': `run ${index}` }),
      });
      await Promise.all([
        first.write({ spans: [span], rewards: [] }),
        second.write({ spans: [], rewards: [rewardFor(index)] }),
      ]);
    }
    const { items } = await second.queryRewards({ limit: 1_000 });
    expect(items.filter(({ resolved }) => resolved)).toHaveLength(rounds);
  });

  it('a guest was told on stderr that pg will not queue statements for ever: one is given after the other', async () => {
    const told: string[] = [];
    const hear = (warning: Error): void => void told.push(warning.message);
    process.on('warning', hear);
    await jest.isolateModulesAsync(async () => {
      const { openStore: openFresh } = await import('../../src/store');
      const fresh = await openFresh(harness.newUrl());
      for (const n of [1, 2, 3]) await fresh.write(one(n));
      await fresh.write(one(2));
      await fresh.close();
    });
    await new Promise(setImmediate);
    process.off('warning', hear);
    expect(told.filter((message) => message.includes('client.query()'))).toEqual([]);
  });

  it('works without a schema of its own in the URL', async () => {
    const url = harness.newUrl();
    const { url: plain, schema } = addressOf(url);
    await admin.raw('CREATE SCHEMA ??', [schema]);
    const role = `${schema}_user`;
    await admin.raw(`CREATE ROLE ?? LOGIN SUPERUSER PASSWORD 'pw'`, [role]);
    await admin.raw('ALTER ROLE ?? SET search_path = ??', [role, schema]);
    const own = new URL(plain);
    own.username = role;
    own.password = 'pw';
    const store = await openStore(own.href);
    expect((await store.write(one(1))).accepted).toBe(1);
    await store.close();
    await admin.raw('DROP SCHEMA ?? CASCADE', [schema]);
    await admin.raw('DROP ROLE ??', [role]);
  });
});
