import { hasBit, type Bitset } from './bitset';
import type { Candidate } from './candidate';
import type { LearningSettings } from './learning-settings';
import type { StratumKey } from './stratum-keys';
import type { Unit, UnitTable } from './unit-table';

/** How a candidate's units are compared. Its text is what the ledger registers and reads back. */
export interface StrataPlan {
  readonly by: readonly StratumKey[];
  /** `task`: one summary per task, its mean outcome. */
  readonly unit: 'run' | 'task';
  /** Only replication 0: runs of one task must not count as independent where tasks are not strata. */
  readonly firstReplicationOnly: boolean;
}

/** Replicated tasks that a feature must be constant in, on each side, to count as a task's own. */
const leastConstantTasks = 5;

/** Units that a stratum of `type x agent x epoch` should expect. */
const leastStratumUnits = 10;

/**
 * The registered comparison, the first that applies (LEARNING 4 c): (i) a knob drawn per run with
 * logged propensities: type x agent; (ii) a feature constant within replicated tasks: task means by
 * type x agent; (iii) the task, if at least half of the units lie in replicated tasks; (iv) type x
 * agent x epoch on replication 0. No outcome is read.
 */
export function chooseStrata(
  candidate: Candidate,
  table: UnitTable,
  randomisedKnobs: ReadonlySet<string>,
): StrataPlan {
  const without = (keys: readonly StratumKey[]): readonly StratumKey[] =>
    keys.filter((key) => !candidate.notStratifiedBy.includes(key));
  const replication = describeReplication(candidate, table);
  const knob = candidate.controllable ? candidate.predicate.terms[0]?.key : undefined;
  if (!replication.featureIsConstant && knob !== undefined && randomisedKnobs.has(knob)) {
    return { by: without(['task.type', 'agent']), unit: 'run', firstReplicationOnly: false };
  }
  if (replication.featureIsConstant) {
    return { by: without(['task.type', 'agent']), unit: 'task', firstReplicationOnly: false };
  }
  if (replication.share >= 0.5) return { by: ['task'], unit: 'run', firstReplicationOnly: false };
  return { by: without(['task.type', 'agent', 'epoch']), unit: 'run', firstReplicationOnly: true };
}

const taskMeansPrefix = 'task means by ';

export function strataText(plan: StrataPlan): string {
  const keys = plan.by.length === 0 ? 'nothing' : plan.by.join(' x ');
  return plan.unit === 'task' ? `${taskMeansPrefix}${keys}` : keys;
}

/** The plan that was registered under a text. */
export function parseStrata(text: string): StrataPlan {
  const unit = text.startsWith(taskMeansPrefix) ? 'task' : 'run';
  const names = text.slice(unit === 'task' ? taskMeansPrefix.length : 0).split(' x ');
  const by = (['task', 'task.type', 'agent', 'epoch'] as const).filter((key) =>
    names.includes(key),
  );
  // Rule (iv) is the only one that compares single runs of unreplicated tasks.
  const firstReplicationOnly = by.includes('epoch');
  return { by, unit, firstReplicationOnly };
}

/** All units as one stratum. */
export const everyUnit: StrataPlan = { by: [], unit: 'run', firstReplicationOnly: false };

/** Strata of a candidate's units under a plan; those of all units are made once. */
export function createStratifier(
  table: UnitTable,
  settings: LearningSettings,
): (plan: StrataPlan, candidate: Candidate) => StratumCodes {
  const known = new Map<string, StratumCodes>();
  return (plan, candidate) => {
    const context = candidate.within === null ? '' : candidate.contextText;
    const key = JSON.stringify([strataText(plan), plan.firstReplicationOnly, context]);
    const strata = known.get(key) ?? stratify(plan, table, candidate.within, settings);
    known.set(key, strata);
    return strata;
  };
}

/** Strata of units: a code per unit, -1 for a unit that the plan leaves out. */
export interface StratumCodes {
  readonly codes: Int32Array;
  readonly count: number;
}

/** Groups the units of a domain (`null` = all) by a plan's keys. */
export function stratify(
  plan: StrataPlan,
  table: UnitTable,
  within: Bitset | null,
  settings: LearningSettings,
): StratumCodes {
  const members = table.units.map(
    (unit, position) =>
      (within === null || hasBit(within, position)) &&
      (!plan.firstReplicationOnly || unit.replication === 0),
  );
  const epochUnits = plan.by.includes('epoch')
    ? joinedEpochUnits(plan.by, table, members, settings)
    : settings.epochUnits;
  const known = new Map<string, number>();
  const codes = new Int32Array(table.units.length).fill(-1);
  table.units.forEach((unit, position) => {
    if (members[position] !== true) return;
    const epoch = Math.floor(position / epochUnits);
    const name = JSON.stringify(plan.by.map((key) => keyOf(unit, key, epoch)));
    const code = known.get(name) ?? known.size;
    known.set(name, code);
    codes[position] = code;
  });
  return { codes, count: known.size };
}

function keyOf(unit: Unit, key: StratumKey, epoch: number): string | number {
  switch (key) {
    case 'task':
      return unit.taskId;
    case 'task.type':
      return unit.taskType;
    case 'agent':
      return unit.agentId;
    case 'epoch':
      return epoch;
  }
}

/** Epochs are joined until a stratum expects enough units. */
function joinedEpochUnits(
  by: readonly StratumKey[],
  table: UnitTable,
  members: readonly boolean[],
  settings: LearningSettings,
): number {
  const cells = new Set<string>();
  let used = 0;
  table.units.forEach((unit, position) => {
    if (members[position] !== true) return;
    used += 1;
    const keys = by.filter((key) => key !== 'epoch').map((key) => keyOf(unit, key, 0));
    cells.add(JSON.stringify(keys));
  });
  const total = table.units.length;
  let units = settings.epochUnits;
  while (units < total && used / (cells.size * Math.ceil(total / units)) < leastStratumUnits) {
    units += settings.epochUnits;
  }
  return units;
}

interface Replication {
  /** Share of units that lie in tasks with several runs. */
  readonly share: number;
  /** The feature never changes between the runs of one task, and that is no accident. */
  readonly featureIsConstant: boolean;
}

function describeReplication(candidate: Candidate, { taskCodes }: UnitTable): Replication {
  const runs = new Int32Array(taskCodes.length);
  const runsWith = new Int32Array(taskCodes.length);
  let units = 0;
  for (let i = 0; i < taskCodes.length; i += 1) {
    if (candidate.within !== null && !hasBit(candidate.within, i)) continue;
    const task = taskCodes[i] ?? 0;
    units += 1;
    runs[task] = (runs[task] ?? 0) + 1;
    if (hasBit(candidate.bits, i)) runsWith[task] = (runsWith[task] ?? 0) + 1;
  }
  const tasks = { always: 0, never: 0, mixed: 0, units: 0 };
  runs.forEach((count, task) => {
    if (count < 2) return;
    tasks.units += count;
    if (runsWith[task] === count) tasks.always += 1;
    else if (runsWith[task] === 0) tasks.never += 1;
    else tasks.mixed += 1;
  });
  return {
    share: tasks.units / Math.max(1, units),
    featureIsConstant:
      tasks.mixed === 0 && Math.min(tasks.always, tasks.never) >= leastConstantTasks,
  };
}
