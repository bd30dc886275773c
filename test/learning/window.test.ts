import { createPatternLearner } from '../../src/learning';
import { generateCandidates } from '../../src/learning/candidates/candidates';
import { resolveLearningSettings } from '../../src/learning/units/learning-settings';
import { collectUnits, createUnitCollector } from '../../src/learning/units/unit-collector';
import type { ClosedExecution } from '../../src/model/learning';
import { seededRandom } from '../../src/stats';
import { makeExecution, toolSteps } from '../support/make-execution';
import { attributes } from '../support/make-span';
import { listMemory, readerOf, steppingClock } from '../support/memory-learning';

const settings = resolveLearningSettings({ maxExecutions: 1_000 });

function runsOf(count: number, sizeOf: (i: number) => number = () => 0): ClosedExecution[] {
  const random = seededRandom('window');
  return Array.from({ length: count }, (_, i) =>
    makeExecution(i, {
      taskId: `task-${i % 50}`,
      replication: Math.floor(i / 50),
      attempt: i % 10 === 9 ? 2 : 1,
      config: attributes({ mode: random() < 0.5 ? 'x' : 'y' }),
      inputTokens: Math.round(sizeOf(i) + 1_000 * random()),
      steps: toolSteps(i, random() < 0.5 ? ['search', 'read'] : ['read']),
      outcome: { reward: random() < 0.5 ? 1 : 0 },
    }),
  );
}

test('the latest executions are kept, in any order of arrival, and the rest is counted', () => {
  const runs = runsOf(4_000);
  const random = seededRandom('order');
  const shuffled = runs
    .map((run) => ({ run, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ run }) => run);
  const [inOrder, outOfOrder] = [runs, shuffled].map((order) => {
    const collector = createUnitCollector(settings);
    let most = 0;
    for (const run of order) {
      collector.add(run);
      most = Math.max(most, collector.size);
    }
    expect(most).toBeLessThanOrEqual(1_250);
    return collector.table();
  });
  expect(inOrder?.units.map(({ id }) => id)).toEqual(
    runs
      .slice(-1_000)
      .filter(({ attempt }) => attempt === 1)
      .map(({ id }) => id),
  );
  expect(inOrder?.counts).toMatchObject({ executions: 4_000, kept: 1_000, retries: 100 });
  expect(outOfOrder?.units.map(({ id }) => id)).toEqual(inOrder?.units.map(({ id }) => id));
  expect(outOfOrder?.present).toEqual(inOrder?.present);
  expect(outOfOrder?.counts).toEqual(inOrder?.counts);
});

test('what stays says the same as if the rest had never been, but for the edges of bins', async () => {
  const runs = runsOf(3_000);
  const collector = createUnitCollector(settings);
  for (const run of runs) collector.add(run);
  const [all, latest] = [collector.table(), await collectUnits(runs.slice(-1_000))];
  expect(all.present).toEqual(latest.present);
  expect(all.levels).toEqual(latest.levels);
  const bins = (table: typeof all): string[] =>
    generateCandidates(table, settings, { mergeAliases: false })
      .map(({ predicate }) => predicate.text)
      .filter((text) => text.startsWith('num:input_tokens'));
  expect(bins(all)).toEqual(bins(await collectUnits(runs)));
  expect(bins(all)).not.toEqual(bins(latest));
});

test('learn says that it learns from the latest, and its looks go on doubling over all', async () => {
  const memory = listMemory();
  const runs = runsOf(2_400);
  const learnOf = (count: number) =>
    createPatternLearner({
      reader: readerOf(runs.slice(0, count)),
      memory,
      clock: steppingClock(),
      settings,
    }).learn();
  expect(await learnOf(1_100)).toMatchObject({
    executions: 1_100,
    units: 900,
    leftOut: { older: 100, retries: 100 },
    look: { number: 1 },
    nextLookAtUnits: 1_980,
  });
  expect(await learnOf(2_100)).toMatchObject({ look: null });
  expect(await learnOf(2_400)).toMatchObject({ units: 900, look: { number: 2 } });
});

test('numbers that have left their bins are cut again at a doubling, beside the first edges', async () => {
  const edgesOf = async (runs: readonly ClosedExecution[]): Promise<string[]> => {
    const table = await collectUnits(runs);
    return generateCandidates(table, resolveLearningSettings(), { mergeAliases: false })
      .map(({ predicate }) => predicate.text)
      .filter((text) => text.startsWith('num:input_tokens'));
  };
  const steady = runsOf(1_200).map((run) => ({ ...run, attempt: 1 }));
  expect(await edgesOf(steady)).toHaveLength(4);
  const drifting = runsOf(1_200, (i) => (i < 600 ? 0 : 5_000)).map((run) => ({
    ...run,
    attempt: 1,
  }));
  const first = await edgesOf(drifting.slice(0, 250));
  const later = await edgesOf(drifting);
  expect(later).toEqual(expect.arrayContaining(first.slice(0, 1)));
  expect(later.length).toBeGreaterThan(4);
  // Between doublings nothing moves.
  expect(await edgesOf(drifting.slice(0, 1_010))).toEqual(await edgesOf(drifting.slice(0, 1_180)));
});
