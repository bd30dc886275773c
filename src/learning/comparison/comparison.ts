import { hasBit } from '../units/bitset';
import type { Candidate } from '../candidates/candidate';
import type { StratumKey } from '../units/stratum-keys';
import type { UnitTable } from '../units/unit-table';

/** How a candidate's units are compared (LEARNING 4 c); no outcome is read to choose it. */
export interface Comparison {
  readonly rule: 'randomised' | 'adjusted' | 'task_means' | 'unrepeated';
  /** Units are compared within one group only. */
  readonly groups: readonly StratumKey[];
  /** The cells that feature and outcome are freed of besides; `epoch` or `agent x epoch`. */
  readonly cells: readonly StratumKey[];
  /** Knobs under test, which the comparison is never freed of. */
  readonly ownKnobs: readonly string[];
  /** What a reader must know of it. */
  readonly marks: readonly string[];
}

/** Share of the replicated tasks that a setting is constant in to be compared between tasks. */
const constantShare = 0.95;

/** Share of the units in groups of two or more that makes the groups worth comparing within. */
const repeatedShare = 0.5;

/**
 * (i) a knob drawn per run: `task.type x agent`, all units. (iii) settings and attributes that are
 * constant within tasks: task means. (ii) whatever varies within tasks that repeat: `task x agent`, or
 * `task` where agents run each task once. (iv) where tasks do not repeat: `task.type x agent x epoch`.
 */
export function chooseComparison(
  candidate: Candidate,
  table: UnitTable,
  randomisedKnobs: ReadonlySet<string>,
): Comparison {
  const without = (...keys: readonly StratumKey[]): readonly StratumKey[] =>
    keys.filter((key) => !candidate.notStratifiedBy.includes(key));
  const ownKnobs = candidate.predicate.terms.flatMap(({ kind, key }) =>
    kind === 'config' ? [key] : [],
  );
  const repeats = describeRepeats(candidate, table);
  const settled = settledMarks(candidate);
  const [knob] = candidate.controllable ? ownKnobs : [];
  const isTaskConstant = candidate.preTreatment && repeats.constantShare >= constantShare;
  if (knob !== undefined && !isTaskConstant && randomisedKnobs.has(knob)) {
    const groups = without('task.type', 'agent');
    return { rule: 'randomised', groups, cells: [], ownKnobs, marks: settled };
  }
  const cells = without('agent', 'epoch');
  const toldOfAll = [...settled, ...(table.declaresTaskGroups ? ['within declared groups'] : [])];
  if (isTaskConstant && repeats.taskShare >= repeatedShare) {
    const marks = ['between tasks: not adjusted for task difficulty', ...toldOfAll];
    return { rule: 'task_means', groups: without('task.type', 'agent'), cells, ownKnobs, marks };
  }
  const groups = without('task', 'agent');
  if (groups.includes('agent') && repeats.taskAgentShare >= repeatedShare) {
    return { rule: 'adjusted', groups, cells, ownKnobs, marks: toldOfAll };
  }
  if (repeats.taskShare >= repeatedShare) {
    const marks = groups.includes('agent') ? ['not adjusted for agent x task'] : [];
    return {
      rule: 'adjusted',
      groups: ['task'],
      cells,
      ownKnobs,
      marks: [...marks, ...toldOfAll],
    };
  }
  return {
    rule: 'unrepeated',
    groups: without('task.type', 'agent', 'epoch'),
    cells: [],
    ownKnobs,
    marks: ['not adjusted for task difficulty', ...settled],
  };
}

/** What cannot be held fixed, since each value of a setting belongs to one agent, or one type of task. */
function settledMarks({ controllable, notStratifiedBy }: Candidate): string[] {
  if (!controllable) return [];
  return notStratifiedBy.map((key) => `cannot be told apart from the ${key} that it goes with`);
}

/** What the ledger and people read: `task x agent`, `task means by task.type x agent`, … */
export function comparisonText({ rule, groups }: Comparison): string {
  const keys = groups.length === 0 ? 'nothing' : groups.join(' x ');
  return rule === 'task_means' ? `task means by ${keys}` : keys;
}

interface Repeats {
  /** Shares of the units that lie in tasks, and in tasks of one agent, with two units or more. */
  readonly taskShare: number;
  readonly taskAgentShare: number;
  /** Share of the replicated tasks within which the feature never varies; 0 without any. */
  readonly constantShare: number;
}

function describeRepeats(candidate: Candidate, { taskCodes, taskAgentCodes }: UnitTable): Repeats {
  const tasks = tally(candidate, taskCodes);
  let [replicated, constant] = [0, 0];
  tasks.runs.forEach((count, task) => {
    if (count < 2) return;
    replicated += 1;
    const runsWith = tasks.runsWith[task];
    if (runsWith === 0 || runsWith === count) constant += 1;
  });
  return {
    taskShare: repeatedIn(tasks),
    taskAgentShare: repeatedIn(tally(candidate, taskAgentCodes)),
    constantShare: replicated === 0 ? 0 : constant / replicated,
  };
}

interface Tally {
  readonly runs: Int32Array;
  readonly runsWith: Int32Array;
}

function tally({ bits, within }: Candidate, codes: Int32Array): Tally {
  const runs = new Int32Array(codes.length);
  const runsWith = new Int32Array(codes.length);
  codes.forEach((code, i) => {
    if (within !== null && !hasBit(within, i)) return;
    runs[code] = (runs[code] ?? 0) + 1;
    if (hasBit(bits, i)) runsWith[code] = (runsWith[code] ?? 0) + 1;
  });
  return { runs, runsWith };
}

function repeatedIn({ runs }: Tally): number {
  let [all, repeated] = [0, 0];
  for (const count of runs) {
    all += count;
    if (count >= 2) repeated += count;
  }
  return all === 0 ? 0 : repeated / all;
}
