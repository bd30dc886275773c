import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { EvolutionStore } from '../../src/model/ports';
import { openStore } from '../../src/store';
import { createHarness, type StoreHarness } from './contract/harness';
import { readState } from './contract/permutations';
import { batchesOf, closeAll, upkeepSteps, writeOne } from './worlds';

const options = { clock: { nowUnixNano: () => 7n }, readWaitMillis: 60_000 };
/** STORE_KILLS asks for more, STORE_SEED for another world. */
const kills = Number(process.env.STORE_KILLS ?? 2);
const seed = Number(process.env.STORE_SEED ?? 20);
/** So small that most of what is derived is long. */
const spansPerSlice = 4;

/**
 * `kill -9` before and after the commits of writes, derivation, match keys, lease and closing; of a new reading, of
 * removals and of what they leave to derive. Whatever was acknowledged is there once, and what was derived is what a
 * derivation of everything at once gives.
 */
describe.each(['sqlite', 'postgres'] as const)('a deriver that is killed, on %s', (dialect) => {
  const harness = createHarness(dialect);
  afterAll(() => harness.dispose(), 120_000);

  it(`loses nothing, keeps nothing twice: ${kills} kills`, async () => {
    const url = await databaseWithKey(harness);
    const moments = await live({ url, work: 'write', kills: 0 });
    expect(moments).toBeGreaterThan(40);
    const whole = await stateAt(url);
    expect(await fromScratch(harness, seed)).toEqual(whole);

    const killed = await databaseWithKey(harness);
    await live({ url: killed, work: 'write', kills, moments });
    expect(await stateAt(killed)).toEqual(whole);
    await makeAllDirty(harness, killed);
    expect(await stateAt(killed)).toEqual(whole);
  }, 300_000);

  it(`ends as if nothing had been, in a new reading and in removals: ${kills} kills`, async () => {
    const url = await worldAt(await databaseWithKey(harness));
    const before = await stateAt(url);
    let moments = 0;
    const atCommit = (): number => (moments += 1);
    const store = await openStore(url, { ...options, spansPerSlice, atCommit });
    for (const step of upkeepSteps) await step(store);
    await store.close();
    expect(moments).toBeGreaterThan(40);
    const whole = await stateAt(url);
    expect(whole).not.toEqual(before);

    const killed = await worldAt(await databaseWithKey(harness));
    await live({ url: killed, work: 'upkeep', kills, moments });
    expect(await stateAt(killed)).toEqual(whole);
    expect(await rowsOf(harness, killed)).toEqual(await rowsOf(harness, url));
  }, 300_000);
});

interface Lives {
  readonly url: string;
  readonly work: 'write' | 'upkeep';
  readonly kills: number;
  /** Of a life without a death, over which the deaths are spread. */
  readonly moments?: number;
}

/** Processes, one after the other, until one comes to the end. @returns its commits, before and after */
async function live({ url, work, kills: wanted, moments = 0 }: Lives): Promise<number> {
  let from = 0;
  let deaths = 0;
  const spread = Math.max(12, Math.floor(moments / Math.max(1, wanted)));
  for (;;) {
    const dieAt = deaths < wanted ? 2 + ((seed + 7 * deaths) % spread) : 0;
    const end = await life({ url, seed, from, dieAt, spansPerSlice, work });
    from = end.done ?? from;
    if (end.moments !== undefined) {
      expect(deaths).toBeGreaterThanOrEqual(wanted / 2);
      return end.moments;
    }
    deaths += 1;
  }
}

/** What a removal must not leave behind. */
async function rowsOf(harness: StoreHarness, url: string): Promise<unknown> {
  const connection = await harness.connect(url);
  const counts: Record<string, number> = {};
  const tables = [
    'spans',
    'traces',
    'span_tags',
    'span_links',
    'span_matches',
    'rewards',
    'claims',
  ];
  for (const table of [...tables, 'resources', 'scopes', 'frozen']) {
    const [row] = await connection(table).count({ rows: '*' });
    counts[table] = Number(row!.rows);
  }
  // Of each as many rows as there were connections that added to it.
  const hours = connection('rollups').distinct('hour', 'agent_id', 'task_type', 'model');
  counts.rollups = (await hours).length;
  await connection.destroy();
  return counts;
}

interface Life {
  /** Batches or steps. */
  readonly done?: number;
  /** Commits before and after, of one that came to its end. */
  readonly moments?: number;
}

async function life(told: {
  readonly url: string;
  readonly seed: number;
  readonly from: number;
  readonly dieAt: number;
  readonly spansPerSlice: number;
  readonly work: Lives['work'];
}): Promise<Life> {
  const child = fork(join(__dirname, 'dying-process.mjs'), [JSON.stringify(told)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let last: Life = {};
  child.on('message', (message) => (last = { ...last, ...(message as Life) }));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code !== 0 && signal !== 'SIGKILL') throw new Error(`ended with ${code ?? signal}`);
  return last;
}

/** Versions of a span are told apart under the database's key. */
async function databaseWithKey(harness: StoreHarness): Promise<string> {
  const url = harness.newUrl();
  await (await openStore(url)).close();
  const connection = await harness.connect(url);
  await connection('settings').where({ name: 'content_key' }).update({ value: 'c2FtZQ==' });
  await connection.destroy();
  return url;
}

async function fromScratch(harness: StoreHarness, seed: number): Promise<unknown> {
  return stateAt(await worldAt(await databaseWithKey(harness), [batchesOf(seed).flat()]));
}

/** Written and closed in this process. */
async function worldAt(url: string, batches = batchesOf(seed)): Promise<string> {
  const store = await openStore(url, options);
  for (const batch of batches) await writeOne(store, batch);
  await closeAll(store);
  await store.close();
  return url;
}

async function stateAt(url: string): Promise<unknown> {
  const store = await openStore(url, options);
  const state = { read: await readState(store), frozen: await frozenOf(store) };
  await store.close();
  return state;
}

async function frozenOf(store: EvolutionStore): Promise<unknown> {
  const { executions } = await store.readFrozen(0, 1_000);
  // A reading that ended, and was killed before it could say so, is done again: it counts, and reads the same.
  return executions
    .map((execution) => ({ ...execution, meaningVersion: Math.min(execution.meaningVersion, 2) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

async function makeAllDirty(harness: StoreHarness, url: string): Promise<void> {
  const connection = await harness.connect(url);
  await connection.raw('UPDATE traces SET dirty = 2, state = NULL');
  await connection.raw('UPDATE executions SET dirty = 2');
  await connection.destroy();
}
