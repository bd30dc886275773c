import { createPatternLearner } from '../../../src/learning';
import { createDonorPool, withDonors } from '../../../src/learning/audit/donors';
import { generateCandidates } from '../../../src/learning/candidates/candidates';
import { hasBit } from '../../../src/learning/units/bitset';
import { resolveLearningSettings } from '../../../src/learning/units/learning-settings';
import { outcomeColumn } from '../../../src/learning/units/outcome-column';
import { collectUnits } from '../../../src/learning/units/unit-collector';
import { compareWithin, createWorkbench } from '../../../src/learning/comparison/workbench';
import type { ClosedExecution } from '../../../src/model/learning';
import type { SelfAudit } from '../../../src/model/learned';
import { seededRandom } from '../../../src/stats';
import { readTauBenchRuns } from '../../support/bench-runs';
import { describeWithData } from '../../support/data-dir';
import { makeExecution } from '../../support/make-execution';
import { attributes } from '../../support/make-span';
import { listMemory, readerOf, steppingClock } from '../../support/memory-learning';

async function audit(executions: readonly ClosedExecution[]): Promise<SelfAudit> {
  const memory = listMemory();
  const learner = createPatternLearner({
    reader: readerOf(executions),
    memory,
    clock: steppingClock(),
  });
  await learner.learn();
  const tests = memory.entries.length;
  const found = await learner.audit();
  expect(memory.entries).toHaveLength(tests);
  return found;
}

interface World {
  readonly effect: number;
  /** Success and behaviour rise together with time. */
  readonly drift: number;
  readonly repeats: number;
}

/** A tag that helps, one that follows the time and one that does nothing. */
function world(n: number, { effect, drift, repeats }: World): ClosedExecution[] {
  const random = seededRandom(`audit ${n} ${effect} ${drift} ${repeats}`);
  return Array.from({ length: n }, (_, i) => {
    const late = (drift * (i - n / 2)) / n;
    const helps = random() < 0.5;
    const tags = [
      ...(helps ? ['helps'] : []),
      ...(random() < 0.5 + late ? ['late'] : []),
      ...(random() < 0.5 ? ['idle'] : []),
    ];
    return makeExecution(i, {
      taskId: `task-${Math.floor(random() * (n / repeats))}`,
      config: attributes({ mode: random() < 0.5 ? 'a' : 'b' }),
      tags,
      outcome: { reward: random() < 0.45 + late + (helps ? effect / 2 : -effect / 2) ? 1 : 0 },
    });
  });
}

test('beside a real effect, decoys and placebos are claimed no more often than the level', async () => {
  const found = await audit(world(800, { effect: 0.4, drift: 0, repeats: 8 }));
  expect(found.looks).toHaveLength(1);
  for (const share of [found.decoys, found.placebos]) {
    expect(share.of).toBeGreaterThanOrEqual(60);
    expect(share.interval!.lower).toBeLessThanOrEqual(found.bar);
  }
  for (const { level, decoys, placebos } of found.calibration) {
    expect(decoys.interval!.lower).toBeLessThanOrEqual(level);
    expect(placebos.interval!.lower).toBeLessThanOrEqual(level);
  }
});

test('under drift, which placebos share, the comparison is free of it', async () => {
  const found = await audit(world(1_000, { effect: 0, drift: 0.8, repeats: 5 }));
  expect(found.calibration[0]!.placebos.interval!.lower).toBeLessThanOrEqual(0.05);
});

test('a placebo convicts a comparison that leaves the drift in', async () => {
  const table = await collectUnits(world(1_000, { effect: 0, drift: 0.8, repeats: 5 }));
  const settings = resolveLearningSettings();
  const bench = createWorkbench(table, settings);
  const candidate = generateCandidates(table, settings).find(
    ({ predicate }) => predicate.text === 'tag:late',
  )!;
  const column = outcomeColumn(table, 'reward', settings);
  const pool = createDonorPool(['agent', 'epoch'], false, table, settings);
  const copy = withDonors(candidate, pool, 'placebo', seededRandom('drift'));
  expect(bench.score(copy, column, compareWithin([])).pValue).toBeLessThan(1e-6);
  expect(bench.score(copy, column, bench.comparisonOf(candidate)).pValue).toBeGreaterThan(0.01);
});

test('a copy is as common as the original in every cell, and never from the own task', async () => {
  const table = await collectUnits(world(400, { effect: 0, drift: 0.8, repeats: 4 }));
  const settings = resolveLearningSettings();
  const candidate = generateCandidates(table, settings).find(
    ({ predicate }) => predicate.text === 'tag:late',
  )!;
  const pool = createDonorPool(['epoch'], false, table, settings);
  expect(pool.isComplete).toBe(true);
  const copy = withDonors(candidate, pool, 'placebo', seededRandom('copy'));
  const common = (bits: typeof copy.bits): number[] =>
    pool.cells.map((tasks) => tasks.flat().filter((position) => hasBit(bits, position)).length);
  expect(common(copy.bits)).toEqual(common(candidate.bits));
  expect(copy.support).toBe(candidate.support);
  expect(copy.bits).not.toEqual(candidate.bits);
});

test('a cell that one task fills lends nothing; with one task nothing can be audited', async () => {
  const executions = world(200, { effect: 0, drift: 0, repeats: 4 });
  const one = executions.map((execution) => ({ ...execution, taskId: 'only' }));
  const table = await collectUnits(one);
  const pool = createDonorPool([], false, table, resolveLearningSettings());
  expect(pool.cells).toEqual([]);
  const found = await audit(one);
  expect(found.decoys).toEqual({ claimed: 0, of: 0, interval: null });
});

test('what is constant within tasks stays so in its copy', async () => {
  const table = await collectUnits(world(400, { effect: 0, drift: 0, repeats: 4 }));
  const settings = resolveLearningSettings();
  const [candidate] = generateCandidates(table, settings);
  const pool = createDonorPool([], true, table, settings);
  const copy = withDonors(candidate!, pool, 'placebo', seededRandom('copy'));
  const byTask = new Map<number, Set<boolean>>();
  table.taskCodes.forEach((task, i) => {
    byTask.set(task, (byTask.get(task) ?? new Set()).add(hasBit(copy.bits, i)));
  });
  expect([...byTask.values()].every((values) => values.size === 1)).toBe(true);
});

test('nothing stored is no error', async () => {
  expect(await audit([])).toMatchObject({ decoys: { of: 0 }, placebos: { of: 0 }, dropped: [] });
});

describeWithData('tau-bench airline', () => {
  test('no copy is claimed, and what is dropped has a reason each', async () => {
    const found = await audit(readTauBenchRuns());
    expect(found.decoys.of).toBeGreaterThan(300);
    expect([found.decoys.claimed, found.placebos.claimed]).toEqual([0, 0]);
    expect(found.dropped.length).toBeGreaterThan(0);
    expect(found.dropped.every(({ reason }) => reason !== '')).toBe(true);
  });
});
