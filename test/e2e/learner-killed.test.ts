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
let runs = 0;
let cli: CliBundle;
beforeAll(async () => {
  cli = await bundleCli();
});

afterAll(async () => {
  await cli.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs of 40 tasks that return; `check` helps. */
async function add({ sink, store }: Evolution, count: number): Promise<void> {
  const made = Array.from({ length: count }, (_, i) => {
    const n = runs + i;
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
  runs += count;
  await sink.accept({
    spans: made.map(({ span }) => span),
    rewards: made.map(({ reward }) => reward),
  });
  await store.closeExecutions({ nowUnixNano: 10n ** 19n / 5n, rule: 'ended' });
}

/** `learn` again and again, until one of them is killed after so many milliseconds of its life. */
async function learnAndKill(afterMillis: readonly number[]): Promise<number> {
  let finished = 0;
  for (const millis of afterMillis) {
    const child = spawn(process.execPath, [cli.path, 'learn', '--db', databaseUrl, '--json'], {
      stdio: 'ignore',
    });
    const ended = once(child, 'exit') as Promise<[number | null]>;
    const killer = setTimeout(() => child.kill('SIGKILL'), millis);
    const [code] = await ended;
    clearTimeout(killer);
    if (code === 0) finished += 1;
  }
  return finished;
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

test('killed at any moment, each execution is counted once, and each test is run once', async () => {
  const evolution = await createEvolution({ databaseUrl });
  // The last of each lives long enough to end.
  const moments = [300, 450, 600, 800, 1_000, 30_000];
  for (let round = 0; round < 3; round += 1) {
    await add(evolution, 250);
    expect(await learnAndKill(moments)).toBeGreaterThan(0);
  }
  await add(evolution, 250);
  const summary = await evolution.learner.learn();
  expect(summary).toMatchObject({ executions: 1_000, units: 1_000 });
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
  await evolution.close();
}, 60_000);
