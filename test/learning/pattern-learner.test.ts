import { createPatternLearner, type LearnSummary, type LearningSettings } from '../../src/learning';
import { alphaOfLook, decideLook } from '../../src/learning/look/look-schedule';
import type { ClosedExecution } from '../../src/model/learning';
import type { Look, Pattern } from '../../src/model/pattern';
import { seededRandom } from '../../src/stats';
import { readTau2AirlineRuns, readTauBenchRuns } from '../support/bench-runs';
import { describeWithData } from '../support/data-dir';
import { makeExecution, toolSteps } from '../support/make-execution';
import { attributes } from '../support/make-span';
import { listMemory, readerOf, steppingClock, type ListMemory } from '../support/memory-learning';

async function learn(
  executions: readonly ClosedExecution[],
  settings: Partial<LearningSettings> = {},
  memory = listMemory(),
): Promise<{ readonly summary: LearnSummary; readonly memory: ListMemory }> {
  const reader = readerOf(executions);
  const learner = createPatternLearner({ reader, memory, clock: steppingClock(), settings });
  return { summary: await learner.learn(), memory };
}

function predicates(memory: ListMemory): string[] {
  return [...memory.patterns.values()].map(({ predicate }) => predicate.text).sort();
}

function patternOf(memory: ListMemory, text: string): Pattern {
  const found = [...memory.patterns.values()].find(({ predicate }) => predicate.text === text);
  if (found === undefined) throw new Error(`no pattern ${text}`);
  return found;
}

function reasonOf(memory: ListMemory, text: string): string | null | undefined {
  return memory.entries.findLast(({ predicate }) => predicate === text)?.reason;
}

interface Planted {
  readonly executions: readonly ClosedExecution[];
}

/** Runs, five of each task, with one tag that really raises the outcome and one that does nothing. */
function planted(n: number, seed: string, effect = 0.5): Planted {
  const random = seededRandom(seed);
  const tasks = Math.ceil(n / 5);
  const executions = Array.from({ length: n }, (_, i) => {
    const good = random() < 0.4;
    const tags = [...(good ? ['good'] : []), ...(random() < 0.5 ? ['idle'] : [])];
    const reward = random() < 0.25 + (good ? effect : 0) ? 1 : 0;
    return makeExecution(i, {
      taskId: `task-${i % tasks}`,
      replication: Math.floor(i / tasks),
      tags,
      outcome: { reward },
      steps: toolSteps(i, ['a', 'b']),
    });
  });
  return { executions };
}

describe('one look per learn', () => {
  it('waits on schedule for twice the units where nothing could be tested', async () => {
    const executions = Array.from({ length: 250 }, (_, i) =>
      makeExecution(i, { tags: ['all'], outcome: { reward: i % 2 } }),
    );
    const memory = listMemory();
    const reader = readerOf(executions);
    const learner = createPatternLearner({ reader, memory, clock: steppingClock() });
    const summary = { units: 250, tested: 0, look: null };
    expect(await learner.learn()).toMatchObject({ ...summary, nextLookAtUnits: 251 });
    expect(await learner.learnOnSchedule()).toMatchObject({ ...summary, nextLookAtUnits: 500 });
    executions.push(...Array.from({ length: 249 }, (_, i) => makeExecution(250 + i)));
    expect(await learner.learnOnSchedule()).toBeNull();
    executions.push(makeExecution(499));
    expect(await learner.learnOnSchedule()).not.toBeNull();
  });

  const look = (number: number, units: number): Look => ({
    number,
    units,
    atUnixNano: 1n,
    alpha: 0.01,
    candidates: 1,
    tested: 1,
    promoted: 0,
    settings: {},
  });

  test.each([
    ['manual', [], 40, { due: true, number: 1 }],
    ['manual', [look(1, 200)], 399, { due: false, nextAtUnits: 400 }],
    ['manual', [look(1, 200)], 400, { due: true, number: 2 }],
    ['manual', [look(1, 200), look(2, 400)], 5_000, { due: true, number: 3 }],
    ['background', [], 249, { due: false, nextAtUnits: 250 }],
    ['background', [], 250, { due: true, number: 1 }],
    ['background', [look(1, 90)], 180, { due: true, number: 2 }],
  ] as const)('%s after %j with %d units', (schedule, looks, units, expected) => {
    expect(decideLook(looks, units, 0.05, schedule)).toMatchObject(expected);
  });

  test('all looks together spend no more than alpha', () => {
    let spent = 0;
    for (let number = 1; number <= 100_000; number += 1) spent += alphaOfLook(number, 0.05);
    expect(spent).toBeLessThan(0.05);
    expect(spent).toBeGreaterThan(0.0499);
    expect(alphaOfLook(1, 0.05)).toBeCloseTo(0.030396, 6);
  });

  test('a second learn on the same runs tests nothing and keeps the patterns', async () => {
    const { executions } = planted(300, 'twice');
    const first = await learn(executions);
    expect(first.summary).toMatchObject({ look: { number: 1 }, nextLookAtUnits: 600 });
    expect(predicates(first.memory)).toContain('tag:good');
    const entries = first.memory.entries.length;
    const { summary } = await learn(executions, {}, first.memory);
    expect(summary).toMatchObject({ tested: 0, look: null, nextLookAtUnits: 600 });
    expect(summary.message).toMatch(/next look is due at 600 runs/);
    expect(first.memory.entries).toHaveLength(entries);
    expect(predicates(first.memory)).toContain('tag:good');
  });

  test('at the doubling it looks again: same id, first seen survives, strata stay', async () => {
    const { executions } = planted(600, 'again');
    const { memory } = await learn(executions.slice(0, 300));
    const before = patternOf(memory, 'tag:good');
    const { summary } = await learn(executions, {}, memory);
    const after = patternOf(memory, 'tag:good');
    expect(summary.look).toEqual({ number: 2, alpha: alphaOfLook(2, 0.05) });
    expect(after.id).toBe(before.id);
    expect(after.firstSeenUnixNano).toBe(before.firstSeenUnixNano);
    expect(after.support.with.n).toBeGreaterThan(before.support.with.n);
    const strata = memory.entries.filter(
      ({ predicate, test }) => predicate === 'tag:good' && test === undefined,
    );
    expect(strata.map((entry) => [entry.look, entry.strata])).toEqual([
      [1, 'task x agent'],
      [2, 'task x agent'],
    ]);
  });

  test('where nothing can be tested no look is spent', async () => {
    const { summary, memory } = await learn(planted(30, 'few').executions);
    expect(summary).toMatchObject({ tested: 0, look: null, promoted: { observed: 0 } });
    expect(summary.message).toMatch(/not enough evidence/i);
    expect(memory.looks).toEqual([]);
    expect((await learn([])).summary).toMatchObject({ executions: 0, units: 0, look: null });
  });
});

test('a promoted pattern carries its whole evidence', async () => {
  const { memory, summary } = await learn(planted(400, 'evidence').executions);
  expect(predicates(memory)).toEqual(['tag:good']);
  expect(summary.promoted).toEqual({ observed: 1, confirmed: 0, causal: 0 });
  const pattern = patternOf(memory, 'tag:good');
  expect(pattern).toMatchObject({
    type: 'success',
    status: 'observed',
    dimension: 'reward',
    effect: { measure: 'adjusted_difference', adjusted: true },
    strata: { by: 'task x agent', used: 80 },
    adjustedFor: ['agent x epoch'],
    finding: {
      id: pattern.id,
      head: 'tag:good',
      alsoSeenAs: ['tag:good & tag:idle'],
      alsoSeenAsMore: 0,
      levels: [],
    },
    controllable: false,
  });
  const { effect, test, support, explanation, confidence } = pattern;
  expect(effect.level).toBeCloseTo(1 - alphaOfLook(1, 0.05) / memory.entries.length, 12);
  expect(effect.interval.lower).toBeGreaterThan(0);
  expect(effect.interval.upper).toBeGreaterThan(effect.estimate);
  expect(confidence).toBe(1 - (test.qValue ?? 1));
  expect(test).toMatchObject({ name: 'adjusted_score', df: 1, eValue: null });
  expect(support.with.n + support.without.n).toBe(400);
  expect(explanation.wording).toBe('associated_with');
  expect(explanation.reason).toContain(`${support.with.successes} of ${support.with.n} runs`);
  const { lower } = effect.interval;
  const share = (100 * lower * Math.min(support.with.n, support.without.n)) / 400;
  expect(explanation.reason).toContain(`Withstands up to ${share.toFixed(1)} %`);
  expect(explanation.heldFixed).toEqual(['task', 'agent', 'epoch']);
  expect(explanation.leftOut.map(({ key, moves }) => [key, moves])).toEqual([
    ['task', false],
    ['agent', false],
    ['epoch', false],
  ]);
  expect(explanation.needs).not.toBe('');
});

test('spans on both sides are runs that agree and runs that do not', async () => {
  const executions = planted(400, 'spans').executions.map((execution, i) => ({
    ...execution,
    tags: [],
    steps: toolSteps(i, execution.tags.includes('good') ? ['a', 'good', 'b'] : ['a', 'b']),
  }));
  const { memory } = await learn(executions);
  const { sourceSpanIds, contradictingSpanIds } = patternOf(memory, 'tool:good').explanation;
  const runOf = (traceId: string): ClosedExecution => executions[parseInt(traceId, 16)]!;
  expect(sourceSpanIds).toHaveLength(5);
  expect(contradictingSpanIds.length).toBeGreaterThanOrEqual(3);
  for (const { traceId, spanId } of sourceSpanIds) {
    const step = runOf(traceId).steps.find((each) => each.spanId === spanId);
    expect([step?.tool, runOf(traceId).outcome.reward]).toEqual(['good', 1]);
  }
  for (const { traceId } of contradictingSpanIds) expect(runOf(traceId).outcome.reward).toBe(0);
});

describe('who is a unit', () => {
  test('retries are not, and what failed first does not count twice', async () => {
    const { executions } = planted(300, 'retries');
    const retried = executions.flatMap((execution, i) => [
      execution,
      makeExecution(10_000 + i, {
        taskId: execution.taskId,
        attempt: 2,
        tags: ['second-try'],
        outcome: { reward: 1 },
      }),
    ]);
    const { summary, memory } = await learn(retried);
    expect(summary).toMatchObject({ executions: 600, units: 300, leftOut: { retries: 300 } });
    expect(memory.entries.some(({ predicate }) => predicate === 'tag:second-try')).toBe(false);
  });

  test('of a task with unknown attempts only the first run is, whichever came first', async () => {
    const runs = [3, 1, 2].map((n) =>
      makeExecution(n, { taskId: 'same', attemptsUnknown: n === 2, outcome: { reward: 1 } }),
    );
    const { summary } = await learn([...runs, makeExecution(9, { outcome: { reward: 0 } })]);
    expect(summary).toMatchObject({ executions: 4, units: 2, leftOut: { attemptsUnknown: 2 } });
  });

  test('a run without an outcome is counted and not learned from', async () => {
    const runs = planted(100, 'missing').executions.map((execution, i) =>
      i < 10 ? { ...execution, outcome: {} } : execution,
    );
    expect((await learn(runs)).summary).toMatchObject({
      units: 90,
      leftOut: { withoutOutcome: 10 },
    });
  });

  test('a second copy of an execution changes nothing', async () => {
    const { executions } = planted(300, 'copies');
    const once = await learn(executions);
    const twice = await learn([...executions, ...executions.slice(0, 100)]);
    expect(twice.memory.entries).toEqual(once.memory.entries);
    expect(twice.summary.executions).toBe(300);
  });
});

test('any order of reading gives the same patterns and the same ledger', async () => {
  const { executions } = planted(400, 'order');
  const random = seededRandom('shuffle');
  const shuffled = executions
    .map((execution) => ({ execution, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ execution }) => execution);
  const straight = await learn(executions);
  const mixed = await learn(shuffled);
  expect(mixed.memory.entries).toEqual(straight.memory.entries);
  expect([...mixed.memory.patterns]).toEqual([...straight.memory.patterns]);
});

describe('what is held back although its p-value is small', () => {
  test('a feature that restates the outcome', async () => {
    const runs = planted(300, 'restates').executions.map((execution) => ({
      ...execution,
      tags: [
        ...execution.tags.filter((tag) => tag === 'idle'),
        ...(execution.outcome.reward === 1 ? ['verdict-ok'] : []),
      ],
    }));
    const { memory } = await learn(runs);
    expect(predicates(memory)).toEqual([]);
    expect(reasonOf(memory, 'tag:verdict-ok')).toMatch(/^restates the outcome/);
  });

  test('a feature whose failures go missing', async () => {
    const random = seededRandom('gone');
    const runs = Array.from({ length: 600 }, (_, i) => {
      const tagged = random() < 0.5;
      const reward = random() < 0.5 ? 1 : 0;
      const lost = tagged && reward === 0 && random() < 0.6;
      return makeExecution(i, { tags: tagged ? ['flaky'] : [], outcome: lost ? {} : { reward } });
    });
    const { memory } = await learn(runs);
    expect(predicates(memory)).toEqual([]);
    expect(reasonOf(memory, 'tag:flaky')).toMatch(/^outcomes are missing more often on one side/);
  });

  test('task difficulty: a tool that hard tasks need', async () => {
    const random = seededRandom('difficulty');
    const runs = Array.from({ length: 600 }, (_, i) => {
      const hard = (i >> 2) % 2 === 0;
      return makeExecution(i, {
        taskId: `task-${i >> 2}`,
        replication: i % 4,
        steps: toolSteps(i, random() < (hard ? 0.8 : 0.2) ? ['escalate', 'end'] : ['end']),
        outcome: { reward: random() < (hard ? 0.2 : 0.8) ? 1 : 0 },
      });
    });
    const { memory } = await learn(runs);
    expect(predicates(memory)).toEqual([]);
    const entry = memory.entries.find(({ predicate }) => predicate === 'tool:escalate');
    expect(entry).toMatchObject({ strata: 'task x agent', status: 'candidate' });
    expect(entry?.pValue).toBeGreaterThan(0.01);
  });
});

describe('a knob drawn per run', () => {
  const levels = ['import', 'require', 'both'];

  function knobRuns(
    chance: (scan: string, module: string) => number,
    seed: string,
  ): ClosedExecution[] {
    const random = seededRandom(seed);
    return Array.from({ length: 1_500 }, (_, i) => {
      const scan = levels[Math.floor(random() * 3)] ?? 'both';
      const module = random() < 0.5 ? 'esm' : 'cjs';
      const task = i % 4 === 0 ? i : i - (i % 4);
      return makeExecution(i, {
        taskId: `task-${i % 4 === 3 ? i : task}`,
        replication: i % 4 === 3 ? 0 : i % 4,
        config: attributes({ scan, inert: random() < 0.5 }),
        propensities: { scan: 1 / 3, inert: 0.5 },
        rootAttributes: attributes({ 'package.module_system': module }),
        outcome: { reward: random() < chance(scan, module) ? 1 : 0 },
      });
    });
  }

  test('a main effect is one finding with all its levels; its contexts are listed under it', async () => {
    const runs = knobRuns((scan) => (scan === 'import' ? 0.75 : 0.45), 'main effect');
    const { memory } = await learn(runs);
    expect(predicates(memory)).toEqual(['config:scan=import']);
    const pattern = patternOf(memory, 'config:scan=import');
    expect(pattern).toMatchObject({
      controllable: true,
      status: 'confirmed',
      strata: { by: 'task.type x agent' },
    });
    expect(pattern.test.eValue).toBeGreaterThan(1_000);
    expect(pattern.confidence).toBeGreaterThan(0.999);
    expect(pattern.finding.levels.map(({ value }) => value).sort()).toEqual(levels.toSorted());
    expect(pattern.finding.alsoSeenAs).toEqual(
      expect.arrayContaining([
        'config:scan=both',
        'config:scan=import & attr:package.module_system=esm',
      ]),
    );
    expect(reasonOf(memory, 'config:scan=both')).toBe('says the same as config:scan=import');
  });

  test('an effect that turns with the context is found in it, and nothing of the inert knob', async () => {
    const runs = knobRuns(
      (scan, module) => (scan === 'import' ? (module === 'esm' ? 0.8 : 0.2) : 0.5),
      'interaction',
    );
    const { memory } = await learn(runs);
    const claimed = [...memory.patterns.values()].flatMap(({ predicate, finding }) => [
      predicate.text,
      ...finding.alsoSeenAs,
    ]);
    expect(claimed).toContain('config:scan=import & attr:package.module_system=esm');
    expect(claimed).toContain('config:scan=import & attr:package.module_system=cjs');
    expect(claimed.some((text) => text.includes('inert'))).toBe(false);
    const [head] = [...memory.patterns.values()];
    expect(head?.explanation.reason).toMatch(
      /^Among runs with attr:package.module_system=(esm|cjs), config:scan=import is/,
    );
    expect((head?.support.with.n ?? 0) + (head?.support.without.n ?? 0)).toBeLessThan(900);
  });
});

test('the status is a dimension of its own, and the family counts every dimension', async () => {
  const runs = planted(300, 'status').executions.map((execution) => ({
    ...execution,
    status: execution.tags.includes('good') ? ('failed' as const) : ('completed' as const),
    outcome: { reward: execution.outcome.reward ?? 0 },
  }));
  const noisy = runs.map((run, i) => ({
    ...run,
    status: i % 4 === 0 ? ('timed_out' as const) : run.status,
  }));
  const one = await learn(noisy);
  const both = await learn(noisy, { dimensions: ['reward', 'status'] });
  expect(both.summary.tested).toBe(2 * one.summary.tested);
  const status = [...both.memory.patterns.values()].find(({ dimension }) => dimension === 'status');
  expect(status).toMatchObject({ type: 'anti_pattern', predicate: { text: 'tag:good' } });
});

describeWithData('on real runs', () => {
  test('tau-bench airline: 0 patterns at its one look, and no second look', async () => {
    const { summary, memory } = await learn(readTauBenchRuns());
    expect(summary).toMatchObject({ executions: 200, units: 200, promoted: { observed: 0 } });
    expect(summary.tested).toBeGreaterThanOrEqual(38);
    expect(memory.patterns.size).toBe(0);
    expect((await learn(readTauBenchRuns(), {}, memory)).summary.tested).toBe(0);
  });

  test('tau2 airline: get_user_details, which looked both ways, says nothing', async () => {
    const { memory } = await learn(readTau2AirlineRuns());
    expect(predicates(memory)).not.toContain('tool:get_user_details');
    expect(reasonOf(memory, 'tool:get_user_details')).toMatch(/above this look's/);
    for (const { explanation } of memory.patterns.values()) {
      expect(explanation.sourceSpanIds.length).toBeGreaterThanOrEqual(3);
      expect(explanation.contradictingSpanIds.length).toBeGreaterThanOrEqual(3);
    }
  });
});
