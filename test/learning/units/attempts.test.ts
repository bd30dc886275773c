import { createPatternLearner, extractFeatures } from '../../../src/learning';
import { judgeAttempts, type UnmarkedRun } from '../../../src/learning/units/attempts';
import { judgeSampling, type SampledRun } from '../../../src/learning/units/sampling-check';
import type { SequenceStamp } from '../../../src/model/sampling';
import type { ClosedExecution } from '../../../src/model/learning';
import type { Sampling } from '../../../src/model/sampling';
import { seededRandom } from '../../../src/stats';
import { makeExecution, toolSteps } from '../../support/make-execution';
import { listMemory, readerOf, steppingClock } from '../../support/memory-learning';

function learn(runs: readonly ClosedExecution[], memory = listMemory()) {
  const reader = readerOf(runs);
  return createPatternLearner({ reader, memory, clock: steppingClock() }).learn();
}

/** `follows` says whether a task gets one more run. */
function unmarked(
  seed: string,
  follows: (success: boolean, random: () => number, k: number) => boolean,
): UnmarkedRun[] {
  const random = seededRandom(seed);
  const runs: UnmarkedRun[] = [];
  for (let task = 0; task < 100; task += 1) {
    for (let k = 0, more = true; more; k += 1) {
      const success = random() < 0.5;
      const start = BigInt(runs.length) * 10n;
      runs.push({
        taskId: `t${task}`,
        taskType: 'q',
        agentId: 'a',
        success,
        startTimeUnixNano: start,
        endTimeUnixNano: start + 5n,
      });
      more = follows(success, random, k);
    }
  }
  return runs;
}

test('retries until success are never called fixed, three runs a task always are', () => {
  let [retriesFixed, trialsFixed] = [0, 0];
  for (let seed = 0; seed < 50; seed += 1) {
    const retries = unmarked(
      `retry ${seed}`,
      (success, random, k) => !success && k < 8 && random() < 0.8,
    );
    if (judgeAttempts(retries)[0]?.fixed === true) retriesFixed += 1;
    if (
      judgeAttempts(unmarked(`trial ${seed}`, (_success, _random, k) => k < 2))[0]?.fixed === true
    ) {
      trialsFixed += 1;
    }
  }
  expect(retriesFixed).toBe(0);
  expect(trialsFixed).toBeGreaterThanOrEqual(48);
});

test('the difference is that of Mantel and Haenszel, by hand', () => {
  // Position 1: 10 failures, all followed; 10 successes, 5 followed. Position 2: nothing follows.
  const run = (task: number, k: number, success: boolean): UnmarkedRun => ({
    taskId: `t${task}`,
    taskType: '',
    agentId: '',
    success,
    startTimeUnixNano: BigInt(100 * task + k),
    endTimeUnixNano: null,
  });
  const runs = Array.from({ length: 20 }, (_, task) => {
    const failed = task < 10;
    return [run(task, 0, !failed), ...(failed || task < 15 ? [run(task, 1, true)] : [])];
  }).flat();
  const [judgement] = judgeAttempts(runs);
  expect(judgement).toMatchObject({ difference: 0.5, failed: 10, succeeded: 10, fixed: false });
  expect(judgement?.standardError).toBeCloseTo(Math.sqrt(0.25 / 10), 12);
});

test('learn prints the difference and the line of code that marks attempts', async () => {
  const random = seededRandom('unmarked');
  const runs = Array.from({ length: 300 }, (_, i) =>
    makeExecution(i, {
      taskId: `task-${i % 100}`,
      attemptMarked: false,
      steps: toolSteps(i, random() < 0.5 ? ['a', 'b'] : ['a']),
      outcome: { reward: random() < 0.5 ? 1 : 0 },
    }),
  );
  const fixed = await learn(runs);
  expect(fixed).toMatchObject({ units: 300, leftOut: { attemptsUnknown: 0 } });
  expect(fixed.notes[0]).toMatch(/D = 0\.000 ± .* taken as fixed in advance/);
  const retried = runs.filter((_, i) => i < 100 || runs[i - 100]?.outcome.reward === 0);
  const first = await learn(retried);
  expect(first.units).toBe(100);
  expect(first.notes[0]).toMatch(/execution\.attempt/);
});

describe('runs that were kept because of how they went', () => {
  const sampled = (sampling: Partial<Sampling>, reward: number, i: number): ClosedExecution =>
    makeExecution(i, {
      sampling: { basis: 'policy', probability: null, policy: null, sequence: null, ...sampling },
      outcome: { reward },
      tags: i % 3 === 0 ? ['x'] : [],
    });

  test('are refused by policy, with the policy and the lines that mend it', async () => {
    const runs = Array.from({ length: 300 }, (_, i) =>
      sampled({ policy: i % 4 === 0 ? 'probabilistic' : 'errors' }, i % 4 === 0 ? 1 : 0, i),
    );
    const memory = listMemory();
    const summary = await learn(runs, memory);
    expect(memory.looks).toEqual([]);
    expect(summary).toMatchObject({ tested: 0, look: null, leftOut: { sampled: 225 } });
    expect(summary.message).toMatch(/\(errors, from tailsampling\.policy\)[^]*sampling_percentage/);
  });

  test('are seen in the running counts of our processor', () => {
    const counted = (sequence: Omit<SequenceStamp, 'process'>): SampledRun => ({
      success: null, // the reward is still to come
      sampling: {
        ...{ basis: 'counted', probability: null, policy: null },
        sequence: { process: 'p', ...sequence },
      },
    });
    // Of every three runs the second, a success, was dropped.
    const stamps = Array.from({ length: 360 }, (_, i) => ({
      number: i + 1,
      successes: Math.floor(i / 3) * 2 + Math.min(2, (i % 3) + 1),
      failures: Math.floor((i + 1) / 3),
      failed: i % 3 === 2,
    }));
    const kept = stamps.filter(({ number }) => number % 3 !== 2);
    expect(judgeSampling(kept.map(counted)).refusal).toMatch(
      /of 240 runs that succeeded 120 are here, of 120 that failed 120/i,
    );
    expect(judgeSampling(stamps.map(counted)).refusal).toBeNull();
    // What was removed by age is no gap, whatever became of it.
    const late = stamps.slice(300);
    expect(judgeSampling(late.map(counted)).refusal).toBeNull();
  });
});

test("wrong today 9: a simulated user's tool calls are not the agent's", async () => {
  const random = seededRandom('user');
  const memory = listMemory();
  const runs = Array.from({ length: 400 }, (_, i) => {
    const good = random() < 0.5;
    const [step] = toolSteps(i, ['toggle']);
    return makeExecution(i, {
      taskId: `task-${i % 80}`,
      steps: good ? [{ ...step!, requestor: 'user' }] : [],
      outcome: { reward: random() < (good ? 0.8 : 0.2) ? 1 : 0 },
    });
  });
  await learn(runs, memory);
  // Nor do they count among its calls and steps, nor make its runs deeper.
  expect(memory.entries.map(({ predicate }) => predicate)).toEqual([]);
  const [step] = toolSteps(1, ['toggle']);
  const { numbers } = extractFeatures(
    makeExecution(1, { steps: [{ ...step!, requestor: 'user' }, ...toolSteps(1, ['find'])] }),
  );
  expect(new Map(numbers.map(({ key, value }) => [key, value]))).toEqual(
    new Map(Object.entries({ depth: 1, retries: 0, spans: 1, llm_calls: 0, tool_calls: 1 })),
  );
});

test('every dimension that the runs have is learned, the primary one first, and is named', async () => {
  const random = seededRandom('dimensions');
  const runs = Array.from({ length: 300 }, (_, i) => {
    const good = random() < 0.5;
    return makeExecution(i, {
      taskId: `task-${i % 60}`,
      tags: good ? ['good'] : [],
      outcome: {
        helpful: random() < 0.5 ? 1 : 0,
        accuracy: random() < (good ? 0.8 : 0.3) ? 1 : 0,
        ...(i < 200 ? { reward: random() < 0.5 ? 1 : 0 } : {}),
        ...(i < 5 ? { rare: 1 } : {}),
      },
    });
  });
  const memory = listMemory();
  const { dimensions } = await learn(runs, memory);
  expect(dimensions).toEqual(['reward', 'accuracy', 'helpful']);
  expect([...memory.patterns.values()].map(({ dimension }) => dimension)).toEqual(['accuracy']);
});
