import {
  collectUnits,
  generateCandidates,
  resolveLearningSettings,
  type Candidate,
  type UnitTable,
} from '../../src/learning';
import { parseStrata, strataText, stratify, type StrataPlan } from '../../src/learning/strata';
import { createWorkbench } from '../../src/learning/workbench';
import type { ClosedExecution } from '../../src/model/learning';
import { seededRandom } from '../../src/stats';
import { makeExecution } from '../support/make-execution';
import { attributes } from '../support/make-span';

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
  return strataText(createWorkbench(table, settings).planOf(candidate, undefined));
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

describe('the registered strata are the first that apply', () => {
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
    expect(planOf(table, 'config:scan=import')).toBe('task');
  });

  test('so is one whose propensities changed on the way', async () => {
    const table = await tableOf(60, {
      replications: () => 3,
      run: (_task, _replication, n) => knob(coin(), n < 90 ? 0.5 : 0.4),
    });
    expect(planOf(table, 'config:scan=import')).toBe('task');
  });

  test('(ii) a feature constant within replicated tasks, a sticky knob too: task means', async () => {
    const table = await tableOf(60, {
      replications: () => 3,
      run: (task) => ({ ...knob(task % 2 === 0, 0.5), tags: task % 3 === 0 ? ['third'] : [] }),
    });
    expect(planOf(table, 'config:scan=import')).toBe('task means by task.type x agent');
    expect(planOf(table, 'tag:third')).toBe('task means by task.type x agent');
  });

  test('constant by accident in two replicated tasks is not constant', async () => {
    const table = await tableOf(200, {
      replications: (task) => (task < 2 ? 2 : 1),
      run: (task) => ({ tags: task % 2 === 0 ? ['even'] : [] }),
    });
    expect(planOf(table, 'tag:even')).toBe('task.type x agent x epoch');
  });

  test('(iii) the task, from half of the units in replicated tasks on', async () => {
    const run = (): Partial<ClosedExecution> => ({ tags: coin() ? ['x'] : [] });
    const half = await tableOf(90, { replications: (task) => (task < 30 ? 2 : 1), run });
    const less = await tableOf(91, { replications: (task) => (task < 30 ? 2 : 1), run });
    expect(planOf(half, 'tag:x')).toBe('task');
    expect(planOf(less, 'tag:x')).toBe('task.type x agent x epoch');
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

test('once registered, strata stay although the units change', async () => {
  const table = await tableOf(60, {
    replications: () => 3,
    run: () => ({ tags: coin() ? ['x'] : [] }),
  });
  const registered = {
    strata: 'task.type x agent x epoch',
    firstLook: 1,
    firstObservedLook: null,
    last: {} as never,
  };
  const plan = createWorkbench(table, settings).planOf(candidateOf(table, 'tag:x'), registered);
  expect(plan).toEqual({
    by: ['task.type', 'agent', 'epoch'],
    unit: 'run',
    firstReplicationOnly: true,
  });
});

test('every plan can be read back from its text', () => {
  const plans: StrataPlan[] = [
    { by: ['task.type', 'agent'], unit: 'run', firstReplicationOnly: false },
    { by: ['task.type'], unit: 'task', firstReplicationOnly: false },
    { by: [], unit: 'task', firstReplicationOnly: false },
    { by: [], unit: 'run', firstReplicationOnly: false },
    { by: ['task'], unit: 'run', firstReplicationOnly: false },
    { by: ['epoch'], unit: 'run', firstReplicationOnly: true },
  ];
  expect(plans.map((plan) => parseStrata(strataText(plan)))).toEqual(plans);
});

test('epochs are joined until a stratum expects ten units', async () => {
  const table = await tableOf(600, {
    replications: () => 1,
    run: (task) => ({ agent: agents(task), taskType: `type-${task % 5}` }),
  });
  const plan = parseStrata('task.type x agent x epoch');
  // 15 cells: 100 and 140 units are too few for 10 a stratum, 200 are enough.
  expect(stratify(plan, table, null, settings).count).toBe(15 * 3);
  const one = parseStrata('epoch');
  expect(stratify(one, table, null, settings).count).toBe(6);
});

test('rule (iv) looks at replication 0 only', async () => {
  const table = await tableOf(100, { replications: (task) => (task < 20 ? 2 : 1) });
  const { codes } = stratify(parseStrata('task.type x agent x epoch'), table, null, settings);
  const left = table.units.filter((_, i) => (codes[i] ?? -1) < 0);
  expect(left).toHaveLength(20);
  expect(left.every(({ replication }) => replication === 1)).toBe(true);
});
