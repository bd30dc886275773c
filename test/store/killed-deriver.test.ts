import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { EvolutionStore } from '../../src/model/ports';
import { openStore } from '../../src/store';
import { createHarness, type StoreHarness } from './contract/harness';
import { readState } from './contract/permutations';
import { batchesOf, closeAll, writeOne } from './worlds';

const options = { clock: { nowUnixNano: () => 7n }, readWaitMillis: 60_000 };
/** STORE_KILLS asks for more, STORE_SEED for another world. */
const kills = Number(process.env.STORE_KILLS ?? 2);
const seed = Number(process.env.STORE_SEED ?? 20);
/** So small that most of what is derived is long. */
const spansPerSlice = 4;

/**
 * `kill -9` before and after the commits of writes, derivation, lease and closing. Whatever was acknowledged is there once, and what
 * was derived is what a derivation of everything at once gives.
 */
describe.each(['sqlite', 'postgres'] as const)('a deriver that is killed, on %s', (dialect) => {
  const harness = createHarness(dialect);
  afterAll(() => harness.dispose(), 120_000);

  it(`loses nothing, keeps nothing twice: ${kills} kills`, async () => {
    const url = await databaseWithKey(harness);
    const { moments } = await life({ url, seed, from: 0, dieAt: 0, spansPerSlice });
    expect(moments).toBeGreaterThan(40);
    const whole = await stateAt(url);
    expect(await fromScratch(harness, seed)).toEqual(whole);

    const killed = await databaseWithKey(harness);
    let from = 0;
    let deaths = 0;
    const spread = Math.max(12, Math.floor(moments! / kills));
    for (;;) {
      const dieAt = 2 + ((seed + 7 * deaths) % spread);
      const end = await life({
        url: killed,
        seed,
        from,
        dieAt: deaths < kills ? dieAt : 0,
        spansPerSlice,
      });
      from = end.written ?? from;
      if (end.moments !== undefined) break;
      deaths += 1;
    }
    expect(deaths).toBeGreaterThanOrEqual(kills / 2);
    expect(await stateAt(killed)).toEqual(whole);
    await makeAllDirty(harness, killed);
    expect(await stateAt(killed)).toEqual(whole);
  }, 300_000);
});

interface Life {
  readonly written?: number;
  /** Commits before and after, of one that came to its end. */
  readonly moments?: number;
}

async function life(told: {
  readonly url: string;
  readonly seed: number;
  readonly from: number;
  readonly dieAt: number;
  readonly spansPerSlice: number;
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
  const url = await databaseWithKey(harness);
  const store = await openStore(url, options);
  await writeOne(store, batchesOf(seed).flat());
  await closeAll(store);
  await store.close();
  return stateAt(url);
}

async function stateAt(url: string): Promise<unknown> {
  const store = await openStore(url, options);
  const state = { read: await readState(store), frozen: await frozenOf(store) };
  await store.close();
  return state;
}

async function frozenOf(store: EvolutionStore): Promise<unknown> {
  const { executions } = await store.readFrozen(0, 1_000);
  return [...executions].sort((a, b) => (a.id < b.id ? -1 : 1));
}

async function makeAllDirty(harness: StoreHarness, url: string): Promise<void> {
  const connection = await harness.connect(url);
  await connection.raw('UPDATE traces SET dirty = 2, state = NULL');
  await connection.raw('UPDATE executions SET dirty = 2');
  await connection.destroy();
}
