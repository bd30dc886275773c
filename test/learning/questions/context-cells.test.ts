import { effectsOfAgent, isApplicable } from '../../../src/learning/questions/applicability';
import { gatherApplicability, gatherOfEach } from '../../../src/learning/questions/context-cells';
import { makePredicate } from '../../../src/learning/features/predicate';
import type { ClosedExecution } from '../../../src/model/learning';
import type { Pattern } from '../../../src/model/pattern';
import { seededRandom } from '../../../src/stats';
import { makeExecution, toolSteps } from '../../support/make-execution';
import { attributes } from '../../support/make-span';
import { runSource } from '../../support/run-source';

const pattern = {
  predicate: makePredicate([{ kind: 'tool', key: 'check', op: 'present', value: true }]),
  dimension: 'reward',
  effect: { estimate: 0.4 },
  context: { agentType: null, taskType: null, configRange: [], tags: [] },
} as unknown as Pattern;

/** Tasks of five runs; hard ones fail and call `check` more often; `check` helps agent `a`, and not `b`. */
function world(): ClosedExecution[] {
  const random = seededRandom('contexts');
  return Array.from({ length: 1_200 }, (_, n) => {
    const task = Math.floor(n / 5);
    const hard = task % 2 === 0;
    const agent = task % 4 < 2 ? 'a' : 'b';
    const checks = random() < (hard ? 0.8 : 0.2);
    const base = hard ? 0.1 : 0.5;
    const success = random() < base + (checks && agent === 'a' ? 0.4 : 0);
    return makeExecution(n, {
      taskId: `task-${task}`,
      agent: { id: agent, name: null, version: null, type: null },
      outcome: { reward: success ? 1 : 0 },
      config: attributes({ temperature: n % 2 === 0 ? 0 : 0.5 }),
      steps: toolSteps(n, checks ? ['check'] : ['find']),
    });
  });
}

async function* inOrder(runs: readonly ClosedExecution[]): AsyncGenerator<ClosedExecution> {
  yield* runs;
}

test('the effect of each agent is that within tasks, whatever tasks are hard', async () => {
  const { cells, settings } = await gatherApplicability(inOrder(world()), pattern);
  const cellOf = (agent: string) => cells.find(({ agentId }) => agentId === agent)!;
  for (const [agent, truth] of [
    ['a', 0.4],
    ['b', 0],
  ] as const) {
    const { effect, standardError, runs } = cellOf(agent);
    expect(runs).toBe(600);
    expect(Math.abs(effect - truth)).toBeLessThan(3 * standardError);
    expect(standardError).toBeLessThan(0.06);
  }
  expect(settings).toEqual([
    { key: 'temperature', interval: { lower: 0, upper: 0.5 }, levels: [] },
  ]);
});

test('a stored pattern is judged for each agent by its own runs', async () => {
  const source = runSource(world());
  const taskType = 'question';
  const holds = await isApplicable(source, pattern, { agentId: 'a', taskType });
  expect(holds).toMatchObject({ applicable: true, runs: 600 });
  const lacks = await isApplicable(source, pattern, { agentId: 'b', taskType });
  expect(lacks.applicable).not.toBe(true);
  expect(lacks.probability).toBeLessThan(0.7);
});

test('a context with too few runs on a side says nothing', async () => {
  const { cells } = await gatherApplicability(inOrder(world().slice(0, 12)), pattern);
  expect(cells.every(({ runs }) => runs >= 10)).toBe(true);
  expect((await gatherApplicability(inOrder([]), pattern)).cells).toEqual([]);
});

test('equal outcomes on both sides are no certainty', async () => {
  const runs = Array.from({ length: 20 }, (_, n) =>
    makeExecution(n, { outcome: { reward: 1 }, steps: toolSteps(n, n < 10 ? ['check'] : []) }),
  );
  const { cells } = await gatherApplicability(inOrder(runs), pattern);
  expect(cells[0]!.effect).toBe(0);
  expect(cells[0]!.standardError).toBeGreaterThan(0.1);
});

test('what makes runs cheaper had an effect in no context; it is the relative change, whatever tasks cost', async () => {
  const random = seededRandom('cheaper');
  const runs = world().map((run, n) => {
    const checks = run.steps.some(({ tool }) => tool === 'check');
    const factor = checks && run.agent.id === 'a' ? 0.5 : 1;
    const noise = Math.exp(0.4 * (random() - 0.5));
    return { ...run, costUsd: 0.01 * (Math.floor(n / 5) % 2 === 0 ? 10 : 1) * factor * noise };
  });
  const cheaper = { ...pattern, dimension: 'cost_usd' };
  const { cells } = await gatherApplicability(inOrder(runs), cheaper);
  const alone = runs.map((run) => ({ ...run, taskId: run.id }));
  const once = await gatherApplicability(inOrder(alone.filter((_, n) => n % 10 < 5)), cheaper);
  for (const found of [cells, once.cells]) {
    for (const [agent, truth] of [
      ['a', -0.5],
      ['b', 0],
    ] as const) {
      const { effect, standardError } = found.find(({ agentId }) => agentId === agent)!;
      expect(Math.abs(effect - truth)).toBeLessThan(3 * standardError);
      expect(standardError).toBeLessThan(0.05);
    }
  }
});

test('several patterns are looked at in one reading, each as alone', async () => {
  const other = {
    ...pattern,
    predicate: makePredicate([{ kind: 'tool', key: 'find', op: 'present', value: true }]),
  };
  const together = await gatherOfEach(inOrder(world()), [pattern, other]);
  expect(together).toEqual([
    await gatherApplicability(inOrder(world()), pattern),
    await gatherApplicability(inOrder(world()), other),
  ]);
  const ofAgent = await effectsOfAgent(runSource(world()), [pattern, other], 'a');
  expect(ofAgent.map((cells) => cells.map(({ agentId }) => agentId))).toEqual([['a'], ['a']]);
  expect(ofAgent[0]![0]).toEqual(together[0]!.cells.find(({ agentId }) => agentId === 'a'));
});

test('outside of what a pattern was found in nothing is said, though later runs are there', async () => {
  const found = {
    ...pattern,
    context: {
      ...pattern.context,
      configRange: [{ key: 'temperature', interval: { lower: 0, upper: 0.2 }, levels: [] }],
      tags: ['production'],
    },
  };
  const ask = (context: object) =>
    isApplicable(runSource(world()), found, { agentId: 'a', taskType: 'question', ...context });
  expect((await ask({ settings: { temperature: 0.5 } })).reason).toBe(
    'Cannot say: temperature 0.5 lies outside of what was observed, 0 to 0.2.',
  );
  expect((await ask({ tags: [] })).reason).toMatch(/are tagged production/);
  expect(await ask({ settings: { temperature: 0.1 }, tags: ['production'] })).toMatchObject({
    applicable: true,
  });
});
