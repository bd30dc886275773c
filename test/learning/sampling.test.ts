import { createPatternLearner, type LearningSettings } from '../../src/learning';
import type { ClosedExecution } from '../../src/model/learning';
import {
  assumedUnsampled,
  type Sampling,
  type SamplingDeclaration,
} from '../../src/model/sampling';
import { seededRandom } from '../../src/stats';
import { makeExecution } from '../support/make-execution';
import { listMemory, readerOf, steppingClock } from '../support/memory-learning';

function learnerOf(executions: readonly ClosedExecution[], settings: Partial<LearningSettings>) {
  const memory = listMemory();
  const reader = readerOf(executions);
  const learner = createPatternLearner({ reader, memory, clock: steppingClock(), settings });
  return { learner, memory };
}

const runs = (count: number, keep: (run: ClosedExecution, i: number) => Sampling | null) => {
  const random = seededRandom('sampling');
  return Array.from({ length: count }, (_, i) => {
    const helps = random() < 0.5;
    return makeExecution(i, {
      taskId: `task-${i % 100}`,
      replication: Math.floor(i / 100),
      tags: helps ? ['helps'] : [],
      outcome: { reward: random() < (helps ? 0.8 : 0.4) ? 1 : 0 },
    });
  }).flatMap((run, i) => {
    const sampling = keep(run, i);
    return sampling === null ? [] : [{ ...run, sampling }];
  });
};

const hasFailed = ({ outcome }: ClosedExecution): boolean => outcome['reward'] === 0;
const policy = (name: string): Sampling => ({
  ...assumedUnsampled,
  basis: 'policy',
  probability: null,
  policy: name,
});
const declare = (
  rate: number | null,
  ...policies: SamplingDeclaration['policies']
): Partial<LearningSettings> => ({ sampling: { rate, policies } });

/** True success of the stream. */
const truth = 0.6;

function expectTruth(summary: Awaited<ReturnType<typeof learn>>, weighted: boolean): void {
  const [reward] = summary.outcomes;
  expect(reward?.weighted).toBe(weighted);
  expect(reward?.interval.lower).toBeLessThan(truth);
  expect(reward?.interval.upper).toBeGreaterThan(truth);
}

const learn = (executions: readonly ClosedExecution[], settings: Partial<LearningSettings> = {}) =>
  learnerOf(executions, settings).learner.learn();

test('threshold: runs kept at different rates count by the inverse, in outcomes, arms and words', async () => {
  const random = seededRandom('threshold');
  // One process keeps all of its runs, which fail more often; another a tenth of its own.
  const kept = runs(6_000, (_, i) => {
    const probability = i % 2 === 0 ? 1 : 0.1;
    return random() < probability ? { ...assumedUnsampled, basis: 'threshold', probability } : null;
  });
  const { learner, memory } = learnerOf(kept, {});
  expectTruth(await learner.learn(), true);
  const helps = [...memory.patterns.values()].find(
    ({ predicate }) => predicate.text === 'tag:helps',
  );
  expect(helps?.sampling).toEqual({ basis: 'threshold', weighted: true });
  expect(helps?.explanation.reason).toContain('weighted by the inverse');
  const { n = 0, mean } = helps?.support.with ?? {};
  expect(mean).not.toBe((helps?.support.with.successes ?? 0) / n);
  expect(mean).toBeCloseTo(0.8, 1);
});

test('declared: one rate, or none, changes the basis and no estimate', async () => {
  const all = runs(1_000, () => assumedUnsampled);
  const plain = await learn(all);
  for (const rate of [1, 0.1]) {
    const summary = await learn(all, declare(rate));
    const [found, same] = [summary.outcomes[0]!, plain.outcomes[0]!];
    expect(found).toMatchObject({ mean: same.mean, weighted: false, basis: 'declared' });
    expect(found.interval.lower).toBeCloseTo(same.interval.lower, 12);
  }
});

test('policies: behind a uniform one, which stands for all, the others say nothing', async () => {
  const random = seededRandom('uniform first');
  const kept = runs(6_000, (run) => {
    if (random() < 0.2) return policy('uniform');
    return hasFailed(run) ? policy('failures') : null;
  });
  const declared = declare(
    null,
    { name: 'uniform', probability: 0.2 },
    { name: 'failures', probability: null },
  );
  const { learner, memory } = learnerOf(kept, declared);
  const summary = await learner.learn();
  expectTruth(summary, false);
  expect(summary.look).not.toBeNull();
  expect([...memory.patterns.values()].map(({ predicate }) => predicate.text)).toEqual([
    'tag:helps',
  ]);
});

test('policies: before a uniform one each run stands for itself; estimated, shown and not tested', async () => {
  const random = seededRandom('failures first');
  const kept = runs(6_000, (run) => {
    if (hasFailed(run)) return policy('failures');
    return random() < 0.2 ? policy('uniform') : null;
  });
  const declared = declare(
    null,
    { name: 'failures', probability: null },
    { name: 'uniform', probability: 0.2 },
  );
  const { learner, memory } = learnerOf(kept, declared);
  const summary = await learner.learn();
  expectTruth(summary, true);
  expect(memory.looks).toEqual([]);
  expect(summary.message).toContain('first in the list');
  const { candidates } = await learner.candidates();
  const helps = candidates.find(({ predicate }) => predicate.text === 'tag:helps');
  expect(helps).toMatchObject({ pMarginal: null, pStratified: null, status: 'candidate' });
  expect(helps?.reason).toContain('nothing is learned');
  expect(helps?.meanWith).toBeCloseTo(0.8, 1);
  expect(helps?.meanWithout).toBeCloseTo(0.4, 1);
});

test('counted: what was dropped by how it went is weighted by its count, and nothing is learned', async () => {
  const random = seededRandom('counted');
  let [successes, failures] = [0, 0];
  const kept = runs(3_000, (run, i) => {
    const failed = hasFailed(run);
    if (failed) failures += 1;
    else successes += 1;
    const sequence = { process: 'p', number: i + 1, successes, failures, failed };
    const isKept = failed || random() < 0.1;
    return isKept ? { ...assumedUnsampled, basis: 'counted', sequence } : null;
  });
  const summary = await learn(kept);
  expectTruth(summary, true);
  expect(summary).toMatchObject({ look: null });
  expect(summary.message).toContain('kept because of how they went');
});
