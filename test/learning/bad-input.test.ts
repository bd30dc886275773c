import { createPatternLearner } from '../../src/learning';
import { formatLearnResult } from '../../src/cli/format/patterns';
import type { ClosedExecution } from '../../src/model/learning';
import { seededRandom } from '../../src/stats';
import { makeExecution, toolSteps } from '../support/make-execution';
import { attributes } from '../support/make-span';
import { listMemory, readerOf, steppingClock } from '../support/memory-learning';

// Streams that can teach nothing, or little: no crash, no nonsense number, a sentence that says what is missing.

async function learnFrom(runs: readonly ClosedExecution[]) {
  const memory = listMemory();
  const learner = createPatternLearner({
    ...{ reader: readerOf(runs), memory, clock: steppingClock() },
  });
  const summary = await learner.learn();
  return { summary, memory, text: formatLearnResult(summary, { columns: null }) };
}

const random = seededRandom('bad input');
const coin = (): number => (random() < 0.5 ? 1 : 0);
const make = (count: number, change: (n: number) => Partial<ClosedExecution>): ClosedExecution[] =>
  Array.from({ length: count }, (_, n) => makeExecution(n, change(n)));
const judged = (n: number): Partial<ClosedExecution> => ({
  taskId: `task-${n % 40}`,
  replication: Math.floor(n / 40),
  tags: coin() === 1 ? ['idle'] : [],
  outcome: { reward: coin() },
});

test.each([
  ['no run', [], /Nothing to learn from: no closed execution is stored/],
  ['one run', make(1, judged), /Not enough evidence: 1 run with an outcome, and no candidate/],
  ['two runs', make(2, judged), /Not enough evidence: 2 runs with an outcome, and no candidate/],
  ['runs that nobody judged', make(300, (n) => ({ taskId: `task-${n % 40}` })), /Judge runs/],
  [
    'every outcome the same',
    make(300, (n) => ({ ...judged(n), outcome: { reward: 1 } })),
    /Not enough evidence|0 findings/,
  ],
])('%s', async (_, runs, said) => {
  const { summary, memory, text } = await learnFrom(runs);
  expect(text).toMatch(said);
  expect(text).not.toMatch(/NaN|Infinity|undefined/);
  expect(summary.promoted).toMatchObject({ observed: 0, confirmed: 0 });
  expect(memory.patterns.size).toBe(0);
});

test.each([
  ['one task and one stratum', (n: number) => ({ ...judged(n), taskId: 'task', replication: n })],
  [
    'constant columns',
    (n: number) => ({
      ...judged(n),
      steps: toolSteps(n, ['read']),
      config: attributes({ mode: 'only' }),
      costUsd: 1,
      durationNano: 1_000_000n,
    }),
  ],
  [
    'attributes whose value is unique per run',
    (n: number) => ({
      ...judged(n),
      rootAttributes: attributes({ ticket: `t-${n}`, amount: n * 1.37 }),
      config: attributes({ seed: n }),
    }),
  ],
])('%s: nothing is claimed, and every number of the ledger is one', async (_, change) => {
  const { summary, memory, text } = await learnFrom(make(400, change));
  expect(summary.units).toBe(400);
  expect(text).not.toMatch(/NaN|Infinity|undefined/);
  expect(memory.patterns.size).toBe(0);
  for (const { pValue, qValue, estimate, predicate } of memory.entries) {
    for (const value of [pValue, qValue]) {
      if (value !== null) expect(value >= 0 && value <= 1).toBe(true);
    }
    if (estimate !== null) expect(Number.isFinite(estimate)).toBe(true);
    expect(predicate).not.toMatch(/ticket=|seed=\d/);
  }
});
