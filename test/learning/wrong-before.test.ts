import { createPatternLearner } from '../../src/learning';
import type { ClosedExecution } from '../../src/model/learning';
import type { Pattern } from '../../src/model/pattern';
import { proposeChange } from '../../src/adaptation/propose';
import { seededRandom } from '../../src/stats';
import { makeExecution, toolSteps } from '../support/make-execution';
import { attributes } from '../support/make-span';
import { listMemory, readerOf, steppingClock, type ListMemory } from '../support/memory-learning';

// Each test is named after a defect that this learner once had.

function learnerOf(executions: readonly ClosedExecution[], memory: ListMemory = listMemory()) {
  const reader = readerOf(executions);
  return { memory, learner: createPatternLearner({ reader, memory, clock: steppingClock() }) };
}

const patternOf = (memory: ListMemory, text: string): Pattern | undefined =>
  [...memory.patterns.values()].find(({ predicate }) => predicate.text === text);

test('1: an exact p with a degenerate interval on a handful of strata led the list', async () => {
  // Six tasks vary, and within them success is the behaviour itself; all others settle it.
  const random = seededRandom('exact');
  const runs = Array.from({ length: 400 }, (_, i) => {
    const task = Math.floor(i / 2);
    const does = task < 6 ? i % 2 === 0 : task % 2 === 0;
    return makeExecution(i, {
      taskId: `task-${task}`,
      replication: i % 2,
      tags: random() < 0.5 ? ['idle'] : [],
      steps: toolSteps(i, does ? ['end', 'run_speed_test'] : ['end']),
      outcome: { reward: task < 6 ? Number(does) : Number(task % 3 === 0) },
    });
  });
  const { learner, memory } = learnerOf(runs);
  await learner.learn();
  expect([...memory.patterns.values()]).toEqual([]);
  const entry = memory.entries.find(({ predicate }) => predicate.includes('run_speed_test'));
  expect(entry).toMatchObject({ pValue: null, status: 'candidate' });
  expect(entry?.reason).toMatch(/^no comparable runs.*6 comparable runs with it, 6 without/);
});

test('4: objections came after the correction, so that what was held back bought noise', async () => {
  // With a restating verdict in the family the bar of the others stays what it is without one.
  const world = (withVerdicts: boolean): ClosedExecution[] => {
    const random = seededRandom('objections');
    return Array.from({ length: 400 }, (_, i) => {
      const reward = random() < 0.5 ? 1 : 0;
      const noise = Array.from({ length: 12 }, (_, k) => (random() < 0.5 ? [`noise-${k}`] : []));
      const verdicts = reward === 1 ? ['verdict-a'] : [];
      return makeExecution(i, {
        taskId: `task-${i % 80}`,
        tags: [...noise.flat(), ...(withVerdicts ? verdicts : [])],
        outcome: { reward },
      });
    });
  };
  const qOf = async (withVerdicts: boolean): Promise<ReadonlyMap<string, number | null>> => {
    const { learner, memory } = learnerOf(world(withVerdicts));
    await learner.learn();
    return new Map(memory.entries.map(({ predicate, qValue }) => [predicate, qValue]));
  };
  const [alone, beside] = [await qOf(false), await qOf(true)];
  expect(beside.get('tag:verdict-a')).toBe(1);
  const noises = [...alone.keys()].filter((text) => text.startsWith('tag:noise'));
  expect(noises).toHaveLength(12);
  for (const text of noises) {
    expect(beside.get(text)).toBeGreaterThanOrEqual(alone.get(text) ?? 1);
  }
});

test('5: complements and levels of one fact were separate lines', async () => {
  const random = seededRandom('levels');
  const runs = Array.from({ length: 600 }, (_, i) => {
    const mode = ['a', 'b', 'c'][Math.floor(3 * random())]!;
    const rate = mode === 'a' ? 0.15 : 0.75;
    return makeExecution(i, {
      taskId: `task-${i % 120}`,
      config: attributes({ mode }),
      tags: [mode === 'a' ? 'is-a' : 'is-not-a'],
      outcome: { reward: random() < rate ? 1 : 0 },
    });
  });
  const { learner, memory } = learnerOf(runs);
  await learner.learn();
  const heads = [...memory.patterns.values()];
  expect(heads.map(({ predicate }) => predicate.text)).toEqual(['config:mode=a']);
  expect(heads[0]?.finding.alsoSeenAs).toEqual(expect.arrayContaining(['tag:is-a']));
  expect(heads[0]?.finding.levels.map(({ value }) => value).sort()).toEqual(['a', 'b', 'c']);
});

test('7: outcomeProximal, outcomeTriggered and preTreatment were computed and never used', async () => {
  const random = seededRandom('flags');
  const runs = Array.from({ length: 600 }, (_, i) => {
    const reward = random() < 0.5 ? 1 : 0;
    const failed = random() < (reward === 1 ? 0.2 : 0.8);
    const ends = random() < (reward === 1 ? 0.8 : 0.3);
    const tier = random() < 0.5 ? 'gold' : 'free';
    return makeExecution(i, {
      taskId: `task-${i % 120}`,
      config: attributes({ mode: random() < 0.5 ? 'x' : 'y' }),
      rootAttributes: attributes({ tier }),
      steps: toolSteps(i, [...(failed ? ['!find', 'find'] : ['find']), ends ? 'finish' : 'quit']),
      outcome: { reward },
    });
  });
  const { learner, memory } = learnerOf(runs);
  await learner.learn();
  const { candidates } = await learner.candidates();
  const flags = (text: string) =>
    candidates.find(({ predicate }) => predicate.text === text)?.flags;
  expect(flags('config:mode=x')).toMatchObject({ controllable: true, preTreatment: true });
  expect(flags('attr:tier=gold')).toMatchObject({ controllable: false, preTreatment: true });
  expect(flags('attr:tier=gold')?.reason).toContain('fixed before the run');
  expect(flags('last:finish')).toMatchObject({ outcomeProximal: true });
  expect(flags('last:finish')?.reason).toContain('may follow from how the run goes');
  expect(flags('retry_after_error')).toMatchObject({ outcomeTriggered: true });
  // What may follow from the outcome says so, and proposes nothing.
  const retry = patternOf(memory, 'retry_after_error');
  expect(retry?.flags.reason).toContain('an answer to a failure');
  expect(retry?.explanation.reason).toContain('It may follow from how the run goes');
  expect(retry?.controllable).toBe(false);
  const proposal = proposeChange(retry!, new Map());
  expect(proposal.kind === 'refused' ? proposal.reason : '').toContain('diagnosis');
});

test('11: a repeated learn said "0 candidates", and intervals across zero were shown as observed', async () => {
  const random = seededRandom('repeated');
  const runs = Array.from({ length: 400 }, (_, i) => {
    const good = random() < 0.5;
    return makeExecution(i, {
      taskId: `task-${i % 80}`,
      tags: [...(good ? ['good'] : []), ...(random() < 0.5 ? ['idle'] : [])],
      outcome: { reward: random() < (good ? 0.7 : 0.4) ? 1 : 0 },
    });
  });
  const { learner, memory } = learnerOf(runs);
  const first = await learner.learn();
  expect(first.candidates).toBeGreaterThan(0);
  expect(await learner.learn()).toMatchObject({ candidates: first.candidates, look: null });
  const observed = [...memory.patterns.values()].filter(({ status }) => status === 'observed');
  expect(observed.length).toBeGreaterThan(0);
  for (const { effect } of observed) {
    expect(effect.interval.lower * effect.interval.upper).toBeGreaterThan(0);
  }
});
