import { createPatternLearner } from '../../src/learning';
import type { ClosedExecution } from '../../src/model/learning';
import { seededRandom } from '../../src/stats';
import { makeExecution, toolSteps } from '../support/make-execution';
import { listMemory, readerOf, steppingClock, type ListMemory } from '../support/memory-learning';

async function learn(executions: readonly ClosedExecution[]) {
  const memory: ListMemory = listMemory();
  const settings = { maxConjunctions: 0 };
  const summary = await createPatternLearner({
    reader: readerOf(executions),
    memory,
    clock: steppingClock(),
    settings,
  }).learn();
  return { summary, patterns: [...memory.patterns.values()] };
}

test('a finding that all runs together seem to deny says both in its first sentence', async () => {
  const random = seededRandom('turned');
  // Easy tasks need no search; within a task it helps.
  const { patterns } = await learn(
    Array.from({ length: 800 }, (_, i) => {
      const isHard = i % 100 < 50;
      const searches = random() < (isHard ? 0.8 : 0.2);
      const chance = (isHard ? 0.1 : 0.7) + (searches ? 0.25 : 0);
      return makeExecution(i, {
        taskId: `task-${i % 100}`,
        replication: Math.floor(i / 100),
        taskType: isHard ? 'hard' : 'easy',
        steps: toolSteps(i, searches ? ['search', 'answer'] : ['answer']),
        outcome: { reward: random() < chance ? 1 : 0 },
      });
    }),
  );
  const [found] = patterns.filter(({ finding }) =>
    [finding.head, ...finding.alsoSeenAs].includes('tool:search'),
  );
  expect(found?.effect.estimate).toBeGreaterThan(0.1);
  expect(found?.explanation.reason).toMatch(
    /^[^.]* is associated with higher reward: .*; compared within task x agent and the same 50 runs the difference is \+0\.\d+, the other way round\./,
  );
});

test('learn says what its look could not settle, and how many more runs would', async () => {
  const random = seededRandom('open');
  const { summary, patterns } = await learn(
    Array.from({ length: 300 }, (_, i) => {
      const checks = random() < 0.5;
      return makeExecution(i, {
        taskId: `task-${i % 60}`,
        replication: Math.floor(i / 60),
        tags: checks ? ['checks'] : [],
        outcome: { reward: random() < (checks ? 0.58 : 0.42) ? 1 : 0 },
      });
    }),
  );
  expect(patterns).toEqual([]);
  expect(summary.notYetKnown).toHaveLength(1);
  expect(summary.notYetKnown[0]).toMatch(
    /^tag:checks: difference in reward 0\.\d+ \(p 0\.\d+\), not settled by 300 runs; about \d+ more would find an effect of this size\.$/,
  );
});

test('where nothing can be learned from, learn says what is missing', async () => {
  expect((await learn([])).summary.message).toBe(
    'Nothing to learn from: no closed execution is stored.',
  );
  const { summary } = await learn([makeExecution(0), makeExecution(1)]);
  expect(summary.message).toContain('no run has a usable outcome');
  expect(summary.message).toContain('"dimensions": ["status"]');
  expect(summary).toMatchObject({ outcomes: [], notes: [], leftOut: { withoutOutcome: 2 } });
});
