import {
  collectUnits,
  generateCandidates,
  resolveLearningSettings,
  type Candidate,
  type UnitTable,
} from '../../../src/learning';
import { comparisonText } from '../../../src/learning/comparison/comparison';
import { learningNotes } from '../../../src/learning/learning-notes';
import { groupCodes } from '../../../src/learning/units/group-codes';
import { outcomeColumn } from '../../../src/learning/units/outcome-column';
import { createWorkbench } from '../../../src/learning/comparison/workbench';
import type { ClosedExecution } from '../../../src/model/learning';
import { seededRandom } from '../../../src/stats';
import { makeExecution } from '../../support/make-execution';
import { attributes } from '../../support/make-span';

const settings = resolveLearningSettings();

interface Design {
  /** Runs of each task, from replication 0. */
  readonly replications: (task: number) => number;
  readonly run?: (task: number, replication: number, n: number) => Partial<ClosedExecution>;
}

async function tableOf(tasks: number, { replications, run }: Design): Promise<UnitTable> {
  const executions: ClosedExecution[] = [];
  for (let task = 0; task < tasks; task += 1) {
    for (let replication = 0; replication < replications(task); replication += 1) {
      const n = executions.length;
      executions.push(
        makeExecution(n, { taskId: `task-${task}`, replication, ...run?.(task, replication, n) }),
      );
    }
  }
  return collectUnits(executions);
}

function planOf(table: UnitTable, text: string): string {
  const candidate = candidateOf(table, text);
  return comparisonText(createWorkbench(table, settings).comparisonOf(candidate));
}

function candidateOf(table: UnitTable, text: string): Candidate {
  const all = generateCandidates(table, settings, { mergeAliases: false });
  const found = all.find(({ predicate }) => predicate.text === text);
  if (found === undefined) throw new Error(`no candidate ${text}`);
  return found;
}

const agents = (n: number): ClosedExecution['agent'] => ({
  id: `agent-${n % 3}`,
  name: null,
  version: null,
  type: n % 3 === 0 ? 'one' : 'two',
});
const types = (n: number): string => `type-${n % 2}`;
const random = seededRandom('strata');
const coin = (): boolean => random() < 0.5;

describe('what a candidate is compared within, the first that applies', () => {
  const knob = (level: boolean, propensity: number | null): Partial<ClosedExecution> => ({
    config: attributes({ scan: level ? 'import' : 'require' }),
    propensities: propensity === null ? null : { scan: propensity },
  });

  test('(i) a knob drawn per run with logged propensities: type x agent', async () => {
    const table = await tableOf(60, { replications: () => 3, run: () => knob(coin(), 0.5) });
    expect(planOf(table, 'config:scan=import')).toBe('task.type x agent');
  });

  test('a knob without propensities is observed like anything else', async () => {
    const table = await tableOf(60, { replications: () => 3, run: () => knob(coin(), null) });
    expect(planOf(table, 'config:scan=import')).toBe('task x agent');
  });

  test('so is one whose propensities changed on the way', async () => {
    const table = await tableOf(60, {
      replications: () => 3,
      run: (_task, _replication, n) => knob(coin(), n < 90 ? 0.5 : 0.4),
    });
    expect(planOf(table, 'config:scan=import')).toBe('task x agent');
  });

  test('(iii) a setting constant within tasks, a sticky knob too: task means; a behaviour never', async () => {
    const table = await tableOf(60, {
      replications: () => 3,
      run: (task) => ({ ...knob(task % 2 === 0, 0.5), tags: task % 3 === 0 ? ['third'] : [] }),
    });
    expect(planOf(table, 'config:scan=import')).toBe('task means by task.type x agent');
    expect(planOf(table, 'tag:third')).toBe('task x agent');
  });

  test('constant by accident in two replicated tasks is not between tasks', async () => {
    const table = await tableOf(200, {
      replications: (task) => (task < 2 ? 2 : 1),
      run: (task) => knob(task % 2 === 0, null),
    });
    expect(planOf(table, 'config:scan=import')).toBe('task.type x agent x epoch');
  });

  test('(ii) task x agent, from half of the units in such groups on', async () => {
    const run = (): Partial<ClosedExecution> => ({ tags: coin() ? ['x'] : [] });
    const half = await tableOf(90, { replications: (task) => (task < 30 ? 2 : 1), run });
    const less = await tableOf(91, { replications: (task) => (task < 30 ? 2 : 1), run });
    expect(planOf(half, 'tag:x')).toBe('task x agent');
    expect(planOf(less, 'tag:x')).toBe('task.type x agent x epoch');
  });

  test('(ii) the task alone, and said, where agents run each task once', async () => {
    const table = await tableOf(60, {
      replications: () => 3,
      run: (_task, replication) => ({ agent: agents(replication), tags: coin() ? ['x'] : [] }),
    });
    const comparison = createWorkbench(table, settings).comparisonOf(candidateOf(table, 'tag:x'));
    expect(comparison).toMatchObject({
      rule: 'adjusted',
      groups: ['task'],
      cells: ['agent', 'epoch'],
      marks: ['not adjusted for agent x task'],
    });
  });

  test('tasks of one declared group count as one task', async () => {
    const table = await tableOf(120, {
      replications: () => 1,
      run: (task) => ({ taskGroup: `intent-${task % 10}`, tags: coin() ? ['x'] : [] }),
    });
    const comparison = createWorkbench(table, settings).comparisonOf(candidateOf(table, 'tag:x'));
    expect(comparison).toMatchObject({
      rule: 'adjusted',
      groups: ['task', 'agent'],
      marks: ['within declared groups'],
    });
    expect(learningNotes(table, settings).at(-1)).toMatch(
      /within declared group of tasks, agent .*how hard the tasks of one group are/,
    );
  });
});

describe('a candidate is never stratified by what it tests', () => {
  test('agent, task type and attributes of the agent', async () => {
    const table = await tableOf(300, {
      replications: () => 1,
      run: (task) => ({ agent: agents(task), taskType: types(task >> 2) }),
    });
    expect(planOf(table, 'agent:agent-1')).toBe('task.type x epoch');
    expect(planOf(table, 'attr:agent.type=one')).toBe('task.type x epoch');
    expect(planOf(table, 'attr:task.type=type-1')).toBe('agent x epoch');
  });

  test('nor by a function of it', async () => {
    const table = await tableOf(300, {
      replications: () => 1,
      run: (task) => ({
        taskType: types(task),
        rootAttributes: attributes({ domain: `d${task % 4}`, tier: `t${task % 3}` }),
      }),
    });
    expect(planOf(table, 'attr:domain=d1')).toBe('agent x epoch');
    expect(planOf(table, 'attr:tier=t1')).toBe('task.type x agent x epoch');
  });
});

test('cells of an agent are joined until they hold ten units; a new version starts one', async () => {
  const table = await tableOf(430, {
    replications: () => 1,
    run: (task) => ({
      agent: {
        id: task % 20 === 0 ? 'rare' : 'common',
        name: null,
        version: task < 250 ? '1' : '2',
        type: null,
      },
    }),
  });
  const members = new Uint8Array(430).fill(1);
  const codes = groupCodes(['agent', 'epoch'], table, members, { ...settings, epochUnits: 100 });
  const sizes = new Map<string, number>();
  table.units.forEach(({ agentId, agentVersion }, i) => {
    const name = `${agentId} ${agentVersion} ${codes[i]}`;
    sizes.set(name, (sizes.get(name) ?? 0) + 1);
  });
  const of = (prefix: string): number[] =>
    [...sizes].filter(([name]) => name.startsWith(prefix)).map(([, size]) => size);
  expect(of('common 1')).toEqual([95, 95, 47]);
  // The release falls inside the third epoch; the last 28 units are a cell, five of them a short rest.
  expect(of('common 2')).toEqual([48, 95, 28]);
  // Five an epoch: two epochs make a cell, the rest of three joins it.
  expect(of('rare 1')).toEqual([13]);
  expect(of('rare 2')).toEqual([9]);
});

test('the comparison without repeated tasks looks at replication 0 only', async () => {
  const table = await tableOf(100, {
    replications: (task) => (task < 20 ? 2 : 1),
    run: (_task, replication) => ({
      tags: coin() ? ['x'] : [],
      outcome: { reward: replication },
    }),
  });
  const bench = createWorkbench(table, settings);
  const candidate = candidateOf(table, 'tag:x');
  const comparison = bench.comparisonOf(candidate);
  const { adjustment } = bench.frameOf(
    comparison,
    candidate,
    outcomeColumn(table, 'reward', settings),
  );
  expect(comparison.rule).toBe('unrepeated');
  expect(adjustment.units).toHaveLength(100);
  expect([...adjustment.units].every((i) => table.units[i]!.replication === 0)).toBe(true);
});
