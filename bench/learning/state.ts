/**
 * Target 11, what an execution costs between looks: features and state in memory, at 10,000 and at `--history`
 * executions; through the store, by cursor; and one look over `--look` units.
 *
 *   --history N      executions (200000; the target says 1000000)
 *   --look N         units of the look (20000; the target says 100000); 0 leaves it out
 *   --candidates N   behaviours beside what tools give (900)
 *   --store N        executions read from a database (20000); 0 leaves it out
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createFollower } from '../../src/learning/units/follower';
import { generateCandidates } from '../../src/learning/candidates/candidates';
import { resolveLearningSettings } from '../../src/learning/units/learning-settings';
import { createUnitCollector } from '../../src/learning/units/unit-collector';
import type { ClosedExecution, ExecutionStep } from '../../src/model/learning';
import { createEvolution } from '../../src';
import { seededRandom } from '../../src/stats';
import { createLab, print } from './harness';
import { makeRun } from './streams';
import { storeRuns } from './store-runs';

const { values } = parseArgs({
  options: {
    history: { type: 'string', default: '200000' },
    look: { type: 'string', default: '20000' },
    candidates: { type: 'string', default: '900' },
    store: { type: 'string', default: '20000' },
  },
});
const [history, look, features, stored] = [
  values.history,
  values.look,
  values.candidates,
  values.store,
].map(Number) as [number, number, number, number];
const random = seededRandom('state');
const settings = resolveLearningSettings();
const tools = ['search', 'read', 'write', 'book', 'cancel', 'pay'];

/** Six calls of six tools, and a few of many behaviours, each in some 2 to 10 % of the runs. */
function makeExecution(n: number, count: number): ClosedExecution {
  const steps = Array.from({ length: 6 }, (_, i): ExecutionStep => {
    const tool = tools[Math.floor(random() * tools.length)]!;
    return {
      ...{ traceId: 't', spanId: String(i), parentSpanId: null, name: tool, role: 'tool', tool },
      ...{ model: null, error: random() < 0.1, errorType: null, toolArgumentsHash: String(i) },
      ...{ requestor: null, startTimeUnixNano: BigInt(i), endTimeUnixNano: BigInt(i + 1) },
    };
  });
  const tags: string[] = [];
  for (let k = 0; k < count * 0.04; k += 1) tags.push(`f${Math.floor(random() * count)}`);
  return makeRun(n, {
    taskId: `task-${n % Math.max(1, Math.floor(count * 3))}`,
    steps,
    tags,
    config: { window: random() < 0.5 ? 'tail' : 'head' },
    outcome: { reward: random() < 0.5 ? 1 : 0 },
    cut: 1,
  });
}

/** Batches of 10,000, each made before its time is taken. */
function measureMemory(): object {
  const collector = createUnitCollector({ ...settings, maxExecutions: Math.max(1_000, history) });
  const batch = 10_000;
  const micros: number[] = [];
  for (let from = 0; from < history; from += batch) {
    const runs = Array.from({ length: batch }, (_, i) => makeExecution(from + i, features));
    const start = process.cpuUsage();
    for (const run of runs) collector.add(run);
    const { user, system } = process.cpuUsage(start);
    micros.push((user + system) / batch);
  }
  const middle = (part: readonly number[]): number =>
    [...part].sort((a, b) => a - b)[Math.floor(part.length / 2)] ?? NaN;
  const [first, last] = [micros.slice(1, 4), micros.slice(-5)];
  globalThis.gc?.();
  const heapMiB = process.memoryUsage().heapUsed / 2 ** 20;
  const table = collector.table();
  const candidates = generateCandidates(table, settings, { mergeAliases: false }).length;
  return {
    executions: history,
    candidates,
    microsAtTenThousand: middle(first),
    microsAtTheEnd: middle(last),
    ratio: middle(last) / middle(first),
    executionsPerSecond: Math.round(1e6 / middle(last)),
    heapMiB: Math.round(heapMiB),
  };
}

async function measureStore(): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-state-'));
  try {
    const evolution = await createEvolution({ databaseUrl: `sqlite:${join(folder, 'runs.db')}` });
    await storeRuns(
      evolution,
      Array.from({ length: stored }, (_, n) => makeExecution(n, features)),
    );
    const follower = createFollower(evolution.store, settings);
    const start = performance.now();
    await follower.follow(undefined);
    const seconds = (performance.now() - start) / 1e3;
    await evolution.close();
    return { executions: follower.size, executionsPerSecond: Math.round(follower.size / seconds) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureLook(): Promise<object> {
  const runs = Array.from({ length: look }, (_, n) => makeExecution(n, 250));
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  const lab = createLab(runs);
  const [start, clock] = [process.cpuUsage(), performance.now()];
  const { candidates, tested } = await lab.learn();
  const { user, system } = process.cpuUsage(start);
  return {
    units: look,
    candidates,
    tested,
    cpuSeconds: (user + system) / 1e6,
    seconds: (performance.now() - clock) / 1e3,
    moreMiB: Math.round((process.memoryUsage().rss - before) / 2 ** 20),
    peakMiB: Math.round(process.resourceUsage().maxRSS / 2 ** 10),
  };
}

const parts = {
  memory: history > 0 ? measureMemory() : null,
  store: stored > 0 ? await measureStore() : null,
  look: look > 0 ? await measureLook() : null,
};
print({ target: '11', ...parts });
