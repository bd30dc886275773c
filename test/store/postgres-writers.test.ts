import type { Knex } from 'knex';
import type { EvolutionStore, IngestResult } from '../../src/model/ports';
import { createStore } from '../../src/store/create-store';
import type { Database } from '../../src/store/database/database';
import { openPostgres } from '../../src/store/database/postgres-database';
import { valueHash } from '../../src/store/ingest/claims';
import { resolveStoreOptions } from '../../src/store/store-options';
import { attributes, spanId, traceId } from '../support/make-span';
import { createHarness, interpreted } from './contract/harness';
import { makeReward } from './make-reward';

type Batch = Parameters<EvolutionStore['write']>[0];

const count = 40;

describe('writers side by side on Postgres', () => {
  const harness = createHarness('postgres');
  afterAll(() => harness.dispose());

  it('4: more than 32 items serialised all writers: forty are stored while the transaction with forty others is held open', async () => {
    const url = harness.newUrl();
    const other = await harness.connect(url);
    const store = await harness.openAt(
      `${url}&application_name=beside_${process.pid}`,
      oneConnection,
    );
    // What all share is known: who brings it first is waited for.
    await store.write({ spans: runs(1, ['nobody']), rewards: [rewardFor('r', 'somebody')] });
    const holder = await openHolder(url, other);
    const [mine, others] = await valuesApart(other);
    const pairs: readonly (readonly [Batch, Batch])[] = [
      [
        { spans: runs(1_000, mine), rewards: [] },
        { spans: runs(2_000, mine), rewards: [] },
      ],
      [
        { spans: [], rewards: mine.map((value, n) => rewardFor(`mine ${n}`, value)) },
        { spans: [], rewards: others.map((value, n) => rewardFor(`others ${n}`, value)) },
      ],
    ];
    for (const [held, beside] of pairs) {
      const end = await holder.store(held);
      expect(await store.write(beside)).toMatchObject({ accepted: count, refused: [] });
      expect(await end()).toMatchObject({ accepted: count, refused: [] });
    }
    const [hour] = await store.readHourly({ agentId: 'a' });
    expect(hour).toMatchObject({ executions: 2 * count + 1, rewarded: 2 * count + 1 });
    const { items } = await store.queryRewards({ limit: 1_000 });
    const joined = items.filter(({ resolved }) => resolved).map(({ id }) => id.split(' ')[0]);
    expect(joined.filter((kind) => kind === 'own')).toHaveLength(2 * count + 1);
    expect(joined.filter((kind) => kind === 'mine')).toHaveLength(count);
    await holder.close();
  });
});

/** Of one agent in one hour, each judged by its own root, with the values that others have, too. */
function runs(from: number, values: readonly string[]) {
  return values.map((value, n) => {
    const trace = traceId(from + n);
    const target = { kind: 'span', traceId: trace, spanId: spanId(1) } as const;
    return interpreted(
      { traceId: trace, spanId: spanId(1), attributes: attributes({ 'run.id': value }) },
      {
        ...{ role: 'agent', taskId: `task ${from + n}`, executionId: `run ${from + n}` },
        agent: { id: 'a', name: null, version: null, type: null },
        rewards: [makeReward({ id: `own ${from + n}`, target })],
      },
    );
  });
}

const rewardFor = (id: string, value: string) =>
  makeReward({ id, target: { kind: 'query', matches: [{ key: 'run.id', value }] } });

const oneConnection = { databaseConnections: 1 };

/** A connection that adds to other rows of sums than `beside` does: two of 64 may share them, and then wait for each other. */
async function openHolder(url: string, other: Knex): Promise<ReturnType<typeof openHolding>> {
  for (;;) {
    const holder = await openHolding(url);
    const { rows } = await other.raw<{ rows: { slots: string }[] }>(
      `SELECT count(DISTINCT pid % 64) AS slots FROM pg_stat_activity WHERE application_name IN ('beside_${process.pid}', 'holding_${process.pid}')`,
    );
    if (rows[0]!.slots === '2') return holder;
    await holder.close();
  }
}

/** A store whose transactions with spans or rewards stay open, when they have done their work, until they are told to end. */
async function openHolding(url: string) {
  const parsed = new URL(url);
  const schema = parsed.searchParams.get('schema')!;
  parsed.searchParams.delete('schema');
  parsed.searchParams.set('application_name', `holding_${process.pid}`);
  const options = resolveStoreOptions(oneConnection);
  const database = await openPostgres({ url: parsed.href, schema }, options);
  let stored = (): void => undefined;
  let ended = Promise.resolve();
  const holding: Database = {
    ...database,
    write: (lock, work, onCommit) =>
      database.write(
        lock,
        async (session) => {
          let stores = false;
          const result = await work({
            ...session,
            all: (sql, values) => {
              stores ||= /^INSERT INTO (traces|rewards) /.test(sql);
              return session.all(sql, values);
            },
          });
          if (stores) {
            stored();
            await ended;
          }
          return result;
        },
        onCommit,
      ),
  };
  const store = createStore(holding, schema, options);
  await store.ping();
  return {
    /** Resolves when all is done but the commit. @returns what commits */
    async store(batch: Batch): Promise<() => Promise<IngestResult>> {
      let end = (): void => undefined;
      ended = new Promise((resolve) => (end = resolve));
      const reached = new Promise<void>((resolve) => (stored = resolve));
      const written = store.write(batch);
      await Promise.race([reached, written]);
      return () => {
        end();
        return written;
      };
    },
    close: () => store.close(),
  };
}

/** Twice forty values whose claims take locks of their own: there are 512, and two who ask for one wait for each other. */
async function valuesApart(connection: Knex): Promise<readonly [string[], string[]]> {
  const [row] = await connection<{ readonly key: string; readonly name: string }>(
    'match_keys',
  ).where({
    name: 'run.id',
  });
  const values: string[] = [];
  const taken = new Set<number>();
  for (let n = 0; values.length < 2 * count; n += 1) {
    const match = `${row!.key}/${valueHash('run.id', `run ${n}`)}`;
    const { rows } = await connection.raw<{ rows: { bucket: number }[] }>(
      'SELECT hashtext(?) & 511 AS bucket',
      [match],
    );
    if (taken.has(rows[0]!.bucket)) continue;
    taken.add(rows[0]!.bucket);
    values.push(`run ${n}`);
  }
  return [values.slice(0, count), values.slice(count)];
}
