import { createPatternLearner } from '../../../src/learning';
import { confirmationBar, watchSchedule } from '../../../src/learning/follow-up/confirmation';
import type { ClosedExecution } from '../../../src/model/learning';
import type { Pattern } from '../../../src/model/pattern';
import { seededRandom } from '../../../src/stats';
import { makeExecution, toolSteps } from '../../support/make-execution';
import {
  listMemory,
  readerOf,
  steppingClock,
  type ListMemory,
} from '../../support/memory-learning';

/** A learner over a stream that grows. */
function grow(): {
  readonly memory: ListMemory;
  readonly executions: ClosedExecution[];
  readonly add: (runs: readonly ClosedExecution[]) => Promise<void>;
  readonly pattern: (text: string) => Pattern | undefined;
} {
  const executions: ClosedExecution[] = [];
  const memory = listMemory();
  const learner = createPatternLearner({
    reader: readerOf(executions),
    memory,
    clock: steppingClock(),
  });
  return {
    memory,
    executions,
    async add(runs) {
      executions.push(...runs);
      await learner.learn();
    },
    pattern: (text) =>
      [...memory.patterns.values()].find(({ predicate }) => predicate.text === text),
  };
}

/** Runs `from` to `to` of 80 tasks that return; the tag moves the outcome by `effect`. */
function runs(from: number, to: number, effect: number, seed = 'runs'): ClosedExecution[] {
  const random = seededRandom(`${seed}/${from}`);
  return Array.from({ length: to - from }, (_, k) => {
    const i = from + k;
    const good = random() < 0.5;
    const chance = 0.5 + (good ? effect / 2 : -effect / 2);
    return makeExecution(i, {
      taskId: `task-${i % 80}`,
      replication: Math.floor(i / 80),
      tags: [...(good ? ['good'] : []), ...(random() < 0.3 ? ['idle'] : [])],
      outcome: { reward: random() < chance ? 1 : 0 },
    });
  });
}

test('what is observed is confirmed on fresh runs alone, each test once', async () => {
  const { add, memory, pattern } = grow();
  await add(runs(0, 400, 0.4));
  expect(pattern('tag:good')?.status).toBe('observed');
  await add(runs(400, 600, 0.4));
  expect(memory.entries.filter(({ test }) => test === 'confirmation')).toEqual([]);
  await add(runs(600, 700, 0.4));
  const tests = memory.entries.filter(({ test }) => test === 'confirmation');
  expect(tests).toMatchObject([{ step: 1, look: 1, predicate: 'tag:good', status: 'confirmed' }]);
  expect(tests[0]?.pValue).toBeLessThanOrEqual(confirmationBar({ look: 1, heads: 1 }, 1));
  const confirmed = pattern('tag:good');
  expect(confirmed?.status).toBe('confirmed');
  expect(confirmed?.confidence).toBeGreaterThan(0.95);
  expect(confirmed?.explanation.reason).toMatch(/Found again on 250 fresh runs alone/);
  await add(runs(700, 900, 0.4));
  expect(pattern('tag:good')?.status).toBe('confirmed');
  expect(memory.entries.filter(({ test }) => test === 'confirmation')).toHaveLength(1);
});

test('the bars of all looks, steps and heads together spend no more than .05', () => {
  let spent = 0;
  for (let look = 1; look < 2_000; look += 1) {
    for (let step = 1; step < 500; step += 1) {
      spent += 3 * confirmationBar({ look, heads: 3 }, step);
    }
  }
  expect(spent).toBeLessThan(0.05);
  expect(spent).toBeGreaterThan(0.0497);
});

test('an effect that turns round is demoted, with the word for it, and does not come back', async () => {
  const { add, memory, pattern } = grow();
  await add(runs(0, 500, 0.5));
  expect(pattern('tag:good')?.status).toBe('observed');
  for (let from = 500; from < 1_100; from += 100) await add(runs(from, from + 100, -0.5));
  expect(pattern('tag:good')?.status).toBe('demoted');
  expect(pattern('tag:good')?.explanation.reason).toMatch(/^Demoted, it (reversed|fades): /);
  expect(memory.entries.some(({ test }) => test === 'demotion')).toBe(true);
  await add(runs(1_100, 2_300, 0.5));
  expect(pattern('tag:good')?.status).toBe('demoted');
});

test('wrong today 3: a pattern that a later look refutes says so and is none any more', async () => {
  const { add, executions, pattern } = grow();
  await add(runs(0, 200, 0.5));
  const before = pattern('tag:good');
  expect(before?.status).toBe('observed');
  // The rewards are revised, and twice as many runs say nothing of the kind.
  const random = seededRandom('revised');
  executions.forEach((run, i) => {
    executions[i] = { ...run, outcome: { reward: random() < 0.5 ? 1 : 0 } };
  });
  await add(runs(200, 400, 0));
  const after = pattern('tag:good');
  expect(after).toMatchObject({ id: before?.id, status: 'candidate', confidence: 0 });
  expect(after?.explanation.reason).toMatch(
    /^At look 2 it is not seen any more: the difference is \S+ \(p \S+\) — tag:good is associated/,
  );
});

test('wrong today 2: once tasks repeat, what was learned between single tasks is no pattern any more', async () => {
  const { add, memory, pattern } = grow();
  const random = seededRandom('repeat');
  const difficult = (task: number): boolean => task % 2 === 0;
  const run = (n: number, task: number): ClosedExecution => {
    const escalated = random() < (difficult(task) ? 0.8 : 0.2);
    return makeExecution(n, {
      taskId: `task-${task}`,
      replication: n === task ? 0 : 1 + Math.floor(n / 300),
      tags: escalated ? ['escalated'] : [],
      outcome: { reward: random() < (difficult(task) ? 0.2 : 0.8) ? 1 : 0 },
    });
  };
  await add(Array.from({ length: 300 }, (_, n) => run(n, n)));
  expect(pattern('tag:escalated')).toMatchObject({
    status: 'unadjusted',
    strata: { by: 'task.type x agent x epoch' },
  });
  await add(Array.from({ length: 600 }, (_, k) => run(300 + k, k % 300)));
  expect(pattern('tag:escalated')?.status).toBe('candidate');
  expect(pattern('tag:escalated')?.explanation.reason).toMatch(
    /^At look 2 it is no longer compared within task.type x agent x epoch/,
  );
  const last = memory.entries.findLast(({ predicate }) => predicate === 'tag:escalated');
  expect(last).toMatchObject({ strata: 'task x agent', status: 'candidate' });
});

describe('wrong today 10', () => {
  test('a tool that helps in one type of task and hurts in another is found in both', async () => {
    const { add, memory } = grow();
    const random = seededRandom('interaction');
    await add(
      Array.from({ length: 800 }, (_, i) => {
        const task = i % 160;
        const type = task % 2 === 0 ? 'refund' : 'booking';
        const used = random() < 0.5;
        const helps = type === 'refund' ? used : !used;
        return makeExecution(i, {
          taskId: `task-${task}`,
          taskType: type,
          replication: Math.floor(i / 160),
          steps: toolSteps(i, used ? ['search'] : ['ask']),
          outcome: { reward: random() < (helps ? 0.75 : 0.25) ? 1 : 0 },
        });
      }),
    );
    const claimed = [...memory.patterns.values()].flatMap(({ predicate, finding }) => [
      predicate.text,
      ...finding.alsoSeenAs,
    ]);
    expect(claimed).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^tool:(search|ask) & attr:task\.type=refund$/),
        expect.stringMatching(/^tool:(search|ask) & attr:task\.type=booking$/),
      ]),
    );
  });

  test('retry_after_error goes by its own name', async () => {
    const { add, memory } = grow();
    const random = seededRandom('retry');
    await add(
      Array.from({ length: 300 }, (_, i) => {
        const retried = random() < 0.5;
        return makeExecution(i, {
          taskId: `task-${i % 60}`,
          steps: toolSteps(i, retried ? ['!search', 'search'] : ['search']),
          outcome: { reward: random() < (retried ? 0.8 : 0.3) ? 1 : 0 },
        });
      }),
    );
    expect([...memory.patterns.values()].map(({ predicate }) => predicate.text)).toEqual([
      'retry_after_error',
    ]);
  });
});

test('a finding marked as resolved reopens when later runs show it again, with the reason', async () => {
  const { add, memory, pattern } = grow();
  await add(runs(0, 500, 0.5));
  const found = pattern('tag:good');
  const last = runs(499, 500, 0)[0]?.rootStartTimeUnixNano ?? 0n;
  const life = { state: 'resolved', why: 'fixed', atUnixNano: last, by: 'Ada' } as const;
  memory.patterns.set(found?.id ?? '', { ...(found as Pattern), life });
  await add(runs(500, 590, 0.5));
  expect(memory.entries.filter(({ test }) => test === 'watch')).toEqual([]);
  await add(runs(590, 900, 0.5));
  expect(pattern('tag:good')?.life).toMatchObject({ state: 'reopened', by: 'the learner' });
  expect(pattern('tag:good')?.life.why).toMatch(/^seen again in \d+ runs after it was marked/);
});

test('a finding that is really resolved stays so', async () => {
  const { add, memory, pattern } = grow();
  await add(runs(0, 500, 0.5));
  const found = pattern('tag:good');
  const last = runs(499, 500, 0)[0]?.rootStartTimeUnixNano ?? 0n;
  const life = { state: 'resolved', why: 'fixed', atUnixNano: last, by: 'Ada' } as const;
  memory.patterns.set(found?.id ?? '', { ...(found as Pattern), life });
  await add(runs(500, 900, 0));
  expect(memory.entries.filter(({ test }) => test === 'watch').length).toBeGreaterThan(0);
  expect(pattern('tag:good')?.life).toEqual(life);
});

test('the steps of a watch spend no more than .05', () => {
  let spent = 0;
  for (let step = 1; step < 5_000; step += 1) {
    spent += watchSchedule.bar({ look: 1, heads: 1 }, step);
  }
  expect(spent).toBeLessThan(0.05);
  expect(spent).toBeGreaterThan(0.0499);
});
