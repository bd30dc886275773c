import { createPatternLearner, type LearningSettings } from '../../src/learning';
import type { ClosedExecution } from '../../src/model/learning';
import type { Pattern } from '../../src/model/pattern';
import { formatLearnResult } from '../../src/cli/format/patterns';
import { withinOne } from '../../src/learning/findings/differences-shown';
import { proposeChange } from '../../src/adaptation/propose';
import { seededRandom } from '../../src/stats';
import { makeExecution, toolSteps } from '../support/make-execution';
import { attributes } from '../support/make-span';
import { listMemory, readerOf, steppingClock, type ListMemory } from '../support/memory-learning';

// Each test is named after a defect that this learner once had.

function learnerOf(
  executions: readonly ClosedExecution[],
  memory: ListMemory = listMemory(),
  settings: Partial<LearningSettings> = {},
) {
  const reader = readerOf(executions);
  const learner = createPatternLearner({ reader, memory, clock: steppingClock(), settings });
  return { memory, learner };
}

const patternOf = (memory: ListMemory, text: string): Pattern | undefined =>
  [...memory.patterns.values()].find(({ predicate }) => predicate.text === text);

test('wrong today 1: an exact p with a degenerate interval on a handful of strata led the list', async () => {
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
  expect(entry?.reason).toMatch(/^not enough comparable runs: 6 with it, 6 without/);
});

test('wrong today 4: objections came after the correction, so that what was held back bought noise', async () => {
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
    const { learner, memory } = learnerOf(world(withVerdicts), listMemory(), {
      maxConjunctions: 0,
    });
    await learner.learn();
    return new Map(memory.entries.map(({ predicate, qValue }) => [predicate, qValue]));
  };
  const [alone, beside] = [await qOf(false), await qOf(true)];
  expect(beside.get('tag:verdict-a')).toBe(1);
  const noises = [...alone.keys()].filter((text) => /^tag:noise-\d+$/.test(text));
  expect(noises).toHaveLength(12);
  for (const text of noises) {
    expect(beside.get(text)).toBeGreaterThanOrEqual(alone.get(text) ?? 1);
  }
});

test('wrong today 5: complements and levels of one fact were separate lines', async () => {
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

test('wrong today 7: outcomeProximal, outcomeTriggered and preTreatment were computed and never used', async () => {
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

test('wrong today 11: a repeated learn said "0 candidates", and intervals across zero were shown as observed', async () => {
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

test('wrong today 6: rewards that cannot be learned from vanished without a word', async () => {
  const random = seededRandom('refused');
  const wrong = [NaN, Infinity, -Infinity];
  const runs = Array.from({ length: 300 }, (_, i) =>
    makeExecution(i, {
      taskId: `task-${i % 60}`,
      replication: Math.floor(i / 60),
      tags: random() < 0.5 ? ['idle'] : [],
      // The store gives no outcome for 5, -3 or 1e308, which lie outside 0..1.
      outcome: i < 60 ? (i < 30 ? { reward: wrong[i % 3] ?? NaN } : {}) : { reward: i % 2 },
    }),
  );
  const { learner } = learnerOf(runs);
  const summary = await learner.learn();
  expect(summary).toMatchObject({ executions: 300, units: 240, leftOut: { withoutOutcome: 60 } });
  expect(formatLearnResult(summary, { columns: null })).toContain(
    '60 without a usable outcome (0..1)',
  );
});

test('an adjusted effect read beyond ±100 points', () => {
  expect([1.4, -1.2, 0.3].map(withinOne)).toEqual([1, -1, 0.3]);
});

test('"not known yet" listed a setting and its complement, and the review said too much at p .1', async () => {
  const random = seededRandom('complements');
  const runs = Array.from({ length: 400 }, (_, i) => {
    const on = random() < 0.5;
    const hard = i % 40 < 20;
    const uses = random() < (hard ? 0.25 : 0.75);
    return makeExecution(i, {
      taskId: `task-${i % 40}`,
      replication: Math.floor(i / 40),
      config: attributes({ mode: on ? 'on' : 'off' }),
      tags: uses ? ['eager'] : [],
      outcome: { reward: random() < (hard ? 0.2 : 0.75) + (on ? 0.1 : 0) ? 1 : 0 },
    });
  });
  const { learner } = learnerOf(runs);
  const { notYetKnown, marginalFindings } = await learner.review({ limit: 100 });
  const asked = notYetKnown.map(({ evidence }) => evidence.predicate.text);
  expect(asked.filter((text) => text.startsWith('config:mode'))).toHaveLength(1);
  expect(marginalFindings.length).toBeGreaterThan(0);
  for (const { sentence, evidence } of marginalFindings) {
    const isOpen = (evidence.pStratified ?? 1) < 0.2;
    expect(sentence.includes('these runs do not tell')).toBe(isOpen);
  }
});

test('two causes that add up were one finding, their conjunction', async () => {
  // Both or neither differ by .5, each by .25: the conjunction is the strongest of the claims.
  const random = seededRandom('causes that add up');
  const runs = Array.from({ length: 800 }, (_, i) => {
    const [plans, checks] = [random() < 0.5, random() < 0.5];
    const chance = 0.25 + (plans ? 0.25 : 0) + (checks ? 0.25 : 0);
    return makeExecution(i, {
      taskId: `task-${i % 160}`,
      replication: Math.floor(i / 160),
      tags: [...(plans ? ['plans'] : []), ...(checks ? ['checks'] : [])],
      outcome: { reward: random() < chance ? 1 : 0 },
    });
  });
  const { learner, memory } = learnerOf(runs);
  await learner.learn();
  const heads = [...memory.patterns.values()].map(({ predicate }) => predicate.text).sort();
  expect(heads).toEqual(['tag:checks', 'tag:plans']);
  const both = memory.entries.find(({ predicate }) => predicate === 'tag:checks & tag:plans');
  expect(both?.reason).toMatch(/^says the same as/);
});

test.each([
  ['falls among findings', 'falls among findings 2'],
  ['is too weak beside a finding', 'falls among findings 7'],
])('a difference of its own that %s was listed as the same as another', async (_, seed) => {
  // Copies of the strong cause lower the bar of all tests, so that the weak one passes there only.
  const random = seededRandom(seed);
  const runs = Array.from({ length: 800 }, (_, i) => {
    const [plans, checks] = [random() < 0.5, random() < 0.5];
    const copies = Array.from({ length: 12 }, (_, k) =>
      (random() < 0.85 ? plans : !plans) ? [`plans-${k}`] : [],
    );
    const chance = 0.2 + (plans ? 0.4 : 0) + (checks ? 0.11 : 0);
    return makeExecution(i, {
      taskId: `task-${i % 160}`,
      replication: Math.floor(i / 160),
      tags: [...(plans ? ['plans'] : []), ...(checks ? ['checks'] : []), ...copies.flat()],
      outcome: { reward: random() < chance ? 1 : 0 },
    });
  });
  const { learner, memory } = learnerOf(runs, listMemory(), { maxConjunctions: 0 });
  await learner.learn();
  const patterns = [...memory.patterns.values()];
  expect(patterns.map(({ predicate }) => predicate.text)).toEqual(['tag:plans']);
  expect(patterns[0]?.finding.alsoSeenAs).toContain('tag:plans-0');
  expect(patterns[0]?.finding.alsoSeenAs).not.toContain('tag:checks');
  const weak = memory.entries.find(({ predicate }) => predicate === 'tag:checks');
  expect(weak?.reason).toMatch(/^passes among all tests, but not among findings: p 0\.0/);
  expect(weak?.finding).toBeNull();
});

test('prompts that each agent draws among its own were credited with what the agent is', async () => {
  const random = seededRandom('own prompts');
  const runs = Array.from({ length: 600 }, (_, i) => {
    const isGood = random() < 0.5;
    const prompt = `${isGood ? 'good' : 'poor'}-${random() < 0.5 ? 1 : 2}`;
    return makeExecution(i, {
      taskId: `task-${i % 100}`,
      replication: Math.floor(i / 100),
      agent: { id: isGood ? 'good' : 'poor', name: null, version: null, type: null },
      config: attributes({ prompt }),
      propensities: { prompt: 0.5 },
      outcome: { reward: random() < (isGood ? 0.8 : 0.3) ? 1 : 0 },
    });
  });
  const { learner, memory } = learnerOf(runs);
  await learner.learn();
  const found = [...memory.patterns.values()].map(({ predicate }) => predicate.text);
  expect(found).toEqual([]);
  const tested = memory.entries.find(({ predicate }) => predicate === 'config:prompt=good-1');
  expect(tested).toMatchObject({ strata: 'task.type x agent', status: 'candidate' });
});

test.each([
  ['prompts that others replaced', (late: boolean) => (late ? ['c', 'd'] : ['a', 'b'])],
  ['an experiment that began half way', (late: boolean) => (late ? ['c', 'd'] : [])],
])('%s counted as drawn in every run, and were credited with the time', async (_, promptsAt) => {
  const random = seededRandom('drawn later');
  const runs = Array.from({ length: 800 }, (_run, i) => {
    const prompts = promptsAt(i >= 400);
    const prompt = prompts[random() < 0.5 ? 0 : 1];
    return makeExecution(i, {
      taskId: `task-${i % 100}`,
      replication: Math.floor(i / 100),
      config: prompt === undefined ? null : attributes({ prompt }),
      propensities: prompt === undefined ? null : { prompt: 0.5 },
      outcome: { reward: random() < (i >= 400 ? 0.75 : 0.35) ? 1 : 0 },
    });
  });
  const { learner, memory } = learnerOf(runs);
  await learner.learn();
  expect([...memory.patterns.values()].map(({ predicate }) => predicate.text)).toEqual([]);
  const tested = memory.entries.find(({ predicate }) => predicate === 'config:prompt=c');
  expect(tested).toMatchObject({ strata: 'task x agent', status: 'candidate' });
});

test('a setting that each agent has for itself did not say that it may be the agent', async () => {
  const random = seededRandom('window of its own');
  const runs = Array.from({ length: 600 }, (_, i) => {
    const agent = Math.floor(3 * random());
    return makeExecution(i, {
      taskId: `task-${i % 100}`,
      replication: Math.floor(i / 100),
      agent: { id: `agent-${agent}`, name: null, version: null, type: null },
      config: attributes({ window: ['4k', '8k', '32k'][agent] ?? '' }),
      outcome: { reward: random() < (agent === 0 ? 0.8 : 0.4) ? 1 : 0 },
    });
  });
  const { learner, memory } = learnerOf(runs);
  await learner.learn();
  expect(patternOf(memory, 'config:window=4k')?.explanation.reason).toContain(
    'Cannot be told apart from the agent that it goes with.',
  );
});

test('what works only together stays one finding', async () => {
  const random = seededRandom('only together');
  const runs = Array.from({ length: 800 }, (_, i) => {
    const [plans, checks] = [random() < 0.5, random() < 0.5];
    return makeExecution(i, {
      taskId: `task-${i % 160}`,
      replication: Math.floor(i / 160),
      tags: [...(plans ? ['plans'] : []), ...(checks ? ['checks'] : [])],
      outcome: { reward: random() < (plans && checks ? 0.75 : 0.3) ? 1 : 0 },
    });
  });
  const { learner, memory } = learnerOf(runs);
  await learner.learn();
  const heads = [...memory.patterns.values()].map(({ predicate }) => predicate.text);
  expect(heads).toEqual(['tag:checks & tag:plans']);
});

test('a release within 100 runs stood behind findings', async () => {
  const random = seededRandom('release');
  const runs = Array.from({ length: 300 }, (_, i) => {
    const released = i >= 150;
    return makeExecution(i, {
      taskId: `task-${i % 60}`,
      replication: Math.floor(i / 60),
      tags: random() < (released ? 0.8 : 0.2) ? ['searches'] : [],
      outcome: { reward: random() < (released ? 0.8 : 0.2) ? 1 : 0 },
    });
  });
  const pOf = async (settings: Partial<LearningSettings>): Promise<number> => {
    const { learner, memory } = learnerOf(runs, listMemory(), settings);
    const { notes } = await learner.learn();
    expect(notes.at(-1)).toContain(
      `${settings.epochUnits ?? 50} runs in a row: what changes faster`,
    );
    return memory.entries.find(({ predicate }) => predicate === 'tag:searches')?.pValue ?? 0;
  };
  expect(await pOf({ epochUnits: 100 })).toBeLessThan(0.03);
  expect(await pOf({})).toBeGreaterThan(0.1);
});
