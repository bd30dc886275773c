import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEvolution, type Evolution } from '../../src';
import type { LedgerEntry } from '../../src/model/pattern';
import { seededRandom } from '../../src/stats';
import { bundleCli, type CliBundle } from '../support/server-process';
import { makeReward } from '../store/make-reward';
import { attributes, makeSpan, spanId, traceId } from '../support/make-span';

// A learner that is killed at any moment, and another that goes on: each execution counts once.

const folder = mkdtempSync(join(tmpdir(), 'learner-killed-'));
const databaseUrl = `sqlite:${join(folder, 'runs.db')}`;
const random = seededRandom('killed');
let cli: CliBundle;
beforeAll(async () => {
  cli = await bundleCli();
});

afterAll(async () => {
  await cli.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs of 40 tasks that return; `check` helps. */
async function add({ sink, store }: Evolution, from: number, count: number): Promise<void> {
  const made = Array.from({ length: count }, (_, i) => {
    const n = from + i;
    const checks = random() < 0.5;
    const startTimeUnixNano = 1_700_000_000_000_000_000n + BigInt(n) * 60_000_000_000n;
    const span = makeSpan({
      traceId: traceId(n + 1),
      spanId: spanId(1),
      startTimeUnixNano,
      endTimeUnixNano: startTimeUnixNano + 1_000_000_000n,
      attributes: attributes({
        'task.id': `task-${n % 40}`,
        'execution.id': `run-${n}`,
        'execution.replication': Math.floor(n / 40),
        'evolution.tags': checks ? ['check'] : [],
        'gen_ai.operation.name': 'invoke_agent',
      }),
    });
    const value = random() < (checks ? 0.8 : 0.3) ? 1 : 0;
    const target = { kind: 'execution', executionId: `run-${n}` } as const;
    return { span, reward: makeReward({ id: `reward-${n}`, target, value, rawValue: value }) };
  });
  await sink.accept({
    spans: made.map(({ span }) => span),
    rewards: made.map(({ reward }) => reward),
  });
  await store.closeExecutions({ nowUnixNano: 10n ** 19n / 5n, rule: 'ended' });
}

/** One `learn`, killed after so many milliseconds of its life; whether it ended by itself before. */
async function learnUntil(millis: number, database: string): Promise<boolean> {
  const child = spawn(process.execPath, [cli.path, 'learn', '--db', database, '--json'], {
    stdio: 'ignore',
  });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const killer = setTimeout(() => child.kill('SIGKILL'), millis);
  const [code] = await ended;
  clearTimeout(killer);
  return code === 0;
}

async function ledgerOf({ store }: Evolution): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.readLedger({ limit: 1_000, cursor });
    entries.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return entries;
}

/** Every look once, its tests once each, and between looks no test twice. */
async function expectCountedOnce(evolution: Evolution): Promise<void> {
  const looks = await evolution.store.readLooks();
  expect(looks.map(({ number }) => number)).toEqual(looks.map((_, i) => i + 1));
  const entries = await ledgerOf(evolution);
  for (const { number, tested } of looks) {
    const own = entries.filter(({ look, test }) => look === number && test === undefined);
    expect(own.filter(({ pValue }) => pValue !== null)).toHaveLength(tested);
  }
  const between = entries.flatMap(({ test, patternId, step }) =>
    test === undefined ? [] : [`${patternId} ${test} ${step ?? ''}`],
  );
  expect(new Set(between).size).toBe(between.length);
}

const never = 60_000;

test('killed at any moment, each execution is counted once, and each test is run once', async () => {
  const evolution = await createEvolution({ databaseUrl });
  for (let round = 0; round < 3; round += 1) {
    await add(evolution, 250 * round, 250);
    for (const millis of [300, 450, 600, 800, 1_000]) await learnUntil(millis, databaseUrl);
    expect(await learnUntil(never, databaseUrl)).toBe(true);
  }
  await add(evolution, 750, 250);
  const summary = await evolution.learner.learn();
  expect(summary).toMatchObject({ executions: 1_000, units: 1_000 });
  await expectCountedOnce(evolution);
  await evolution.close();
}, 120_000);

test('two learners on one Postgres, one of them killed: the other counts each execution once', async () => {
  const shared = `${process.env.TEST_PG_URL}?schema=two_learners_${process.pid}`;
  const evolution = await createEvolution({ databaseUrl: shared });
  try {
    for (const [round, millis] of [700, 1_500, never].entries()) {
      await add(evolution, 250 * 2 ** round - 250, 250 * 2 ** round);
      const both = [learnUntil(never, shared), learnUntil(millis, shared)];
      expect((await Promise.all(both))[0]).toBe(true);
    }
    const summary = await evolution.learner.learn();
    expect(summary).toMatchObject({ executions: 1_750, units: 1_750, look: null });
    // At 250, 750 and 1,750: of two that look at once the second finds the look taken.
    const looks = await evolution.store.readLooks();
    expect(looks.map(({ units }) => units)).toEqual([250, 750, 1_750]);
    await expectCountedOnce(evolution);
  } finally {
    await evolution.close();
  }
}, 120_000);
