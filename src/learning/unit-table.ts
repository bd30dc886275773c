import type { Attributes } from '../model/attributes';
import type { ClosedExecution } from '../model/learning';
import type { Sampling } from '../model/sampling';
import type { Status } from '../model/status';
import { createIndex } from './feature-index';
import type { FeatureTables } from './feature-tables';
import { extractFeatures } from './features';
import { attemptGroup, judgeAttempts, type AttemptJudgement, type UnmarkedRun } from './attempts';
import type { LearningSettings } from './learning-settings';
import { judgeSampling, type SampledRun, type SamplingJudgement } from './sampling-check';

/** One closed execution that may be learned from. */
export interface Unit {
  readonly id: string;
  readonly taskId: string;
  /** Empty where unknown. */
  readonly taskType: string;
  /** Empty where unknown. */
  readonly agentId: string;
  /** Empty where unknown. */
  readonly agentVersion: string;
  /** Tasks of one group count as one. */
  readonly taskGroup: string | null;
  readonly replication: number;
  readonly startTimeUnixNano: bigint;
  readonly status: Status;
  readonly config: Attributes | null;
  readonly propensities: Readonly<Record<string, number>> | null;
  readonly outcome: Readonly<Record<string, number>>;
}

/** Units in canonical order, and for every feature the positions of the units that have it, ascending. */
export interface UnitTable extends FeatureTables {
  readonly units: readonly Unit[];
  /** Number of each unit's task or declared group of tasks, from 0 in order of first appearance. */
  readonly taskCodes: Int32Array;
  /** The same for task and agent together. */
  readonly taskAgentCodes: Int32Array;
  readonly declaresTaskGroups: boolean;
  readonly counts: UnitCounts;
  /** What several runs of one task are, where nobody said so. */
  readonly attempts: readonly AttemptJudgement[];
  readonly sampling: SamplingJudgement;
}

export interface UnitCounts {
  /** Distinct closed executions read. */
  readonly executions: number;
  /** Left out: retries (attempt above 1), which an outcome triggered. */
  readonly retries: number;
  /** Left out: later runs of tasks whose retries and replications cannot be told apart. */
  readonly attemptsUnknown: number;
  /** Left out: runs that were kept because of how they went. */
  readonly sampled: number;
}

/**
 * Reads closed executions into the table of units (LEARNING 3): retries are left out, of a task with
 * unknown attempts only the first run stays, a second copy of an execution changes nothing. The result
 * does not depend on the order of reading.
 */
export async function collectUnits(
  executions: AsyncIterable<ClosedExecution> | Iterable<ClosedExecution>,
  attempts: LearningSettings['attempts'] = 'detect',
): Promise<UnitTable> {
  const read = createAccumulator(attempts);
  for await (const execution of executions) read.add(execution);
  return read.finish();
}

interface Accumulator {
  add(execution: ClosedExecution): void;
  finish(): UnitTable;
}

interface Arrival {
  readonly unit: Unit;
  readonly run: UnmarkedRun;
  readonly sampling: Sampling;
  readonly marked: boolean;
}

function createAccumulator(policy: LearningSettings['attempts']): Accumulator {
  const seen = new Set<string>();
  const arrivals: Arrival[] = [];
  const index = createIndex();
  const retries: SampledRun[] = [];
  return {
    add(execution) {
      if (seen.has(execution.id)) return;
      seen.add(execution.id);
      const marked = execution.attemptMarked && !execution.attemptsUnknown;
      if (execution.attempt > 1 && marked) {
        retries.push({ sampling: execution.sampling, success: successOf(execution) });
        return;
      }
      index.add(arrivals.length, extractFeatures(execution));
      const [unit, run] = [toUnit(execution), toRun(execution)];
      arrivals.push({ unit, run, sampling: execution.sampling, marked });
    },
    finish() {
      const all = arrivals.map(({ unit }) => unit);
      const order = all.map((_, arrival) => arrival).sort(byCanonicalOrder(all));
      const { firstRuns, judgements } = admitUnmarked(order, arrivals, policy);
      const sampling = judgeSampling([...arrivals.map(sampledRun), ...retries]);
      const uniform = firstRuns.filter((arrival) =>
        sampling.isUniform(sampledRun(at(arrivals, arrival))),
      );
      const positionOf = new Int32Array(arrivals.length).fill(-1);
      uniform.forEach((arrival, position) => (positionOf[arrival] = position));
      const units = uniform.map((arrival) => at(all, arrival));
      return {
        units,
        taskCodes: numberUnits(units, taskOf),
        taskAgentCodes: numberUnits(units, (unit) => JSON.stringify([taskOf(unit), unit.agentId])),
        declaresTaskGroups: units.some(({ taskGroup }) => taskGroup !== null),
        ...index.finish(positionOf),
        attempts: judgements,
        sampling,
        counts: {
          executions: seen.size,
          retries: retries.length,
          attemptsUnknown: order.length - firstRuns.length,
          sampled: firstRuns.length - uniform.length,
        },
      };
    },
  };
}

function sampledRun({ run, sampling }: Arrival): SampledRun {
  return { sampling, success: run.success };
}

/** Of tasks with unmarked runs only the first stays, unless their runs were fixed in advance. */
function admitUnmarked(
  order: readonly number[],
  arrivals: readonly Arrival[],
  policy: LearningSettings['attempts'],
): { readonly firstRuns: number[]; readonly judgements: readonly AttemptJudgement[] } {
  const counts = new Map<string, number>();
  const unmarked = new Set<string>();
  for (const { unit, marked } of arrivals) {
    counts.set(unit.taskId, (counts.get(unit.taskId) ?? 0) + 1);
    if (!marked) unmarked.add(unit.taskId);
  }
  const doubtful = ({ taskId }: Unit): boolean =>
    unmarked.has(taskId) && (counts.get(taskId) ?? 0) > 1;
  const judgements =
    policy === 'detect'
      ? judgeAttempts(arrivals.filter(({ unit }) => doubtful(unit)).map(({ run }) => run))
      : [];
  const fixed = new Set(judgements.filter((group) => group.fixed).map(attemptGroup));
  const seen = new Set<string>();
  const firstRuns = order.filter((arrival) => {
    const { unit, run } = at(arrivals, arrival);
    if (!doubtful(unit) || policy === 'fixed' || fixed.has(attemptGroup(run))) return true;
    if (seen.has(unit.taskId)) return false;
    seen.add(unit.taskId);
    return true;
  });
  return { firstRuns, judgements };
}

function toRun(execution: ClosedExecution): UnmarkedRun {
  const start = execution.rootStartTimeUnixNano;
  const { durationNano } = execution;
  return {
    taskId: execution.taskId,
    taskType: execution.taskType ?? '',
    agentId: execution.agent.id ?? '',
    success: successOf(execution),
    startTimeUnixNano: start,
    endTimeUnixNano: durationNano === null ? null : start + durationNano,
  };
}

/** By the reward, else by any other judgement. */
function successOf({ outcome }: ClosedExecution): boolean | null {
  const value = outcome['reward'] ?? outcome[Object.keys(outcome).sort()[0] ?? ''];
  return value === undefined || !Number.isFinite(value) ? null : value >= 0.5;
}

function taskOf({ taskId, taskGroup }: Unit): string {
  return taskGroup === null ? `task ${taskId}` : `group ${taskGroup}`;
}

function numberUnits(units: readonly Unit[], nameOf: (unit: Unit) => string): Int32Array {
  const known = new Map<string, number>();
  return Int32Array.from(units, (unit) => numberOf(known, nameOf(unit)));
}

function toUnit(execution: ClosedExecution): Unit {
  return {
    id: execution.id,
    taskId: execution.taskId,
    taskType: execution.taskType ?? '',
    agentId: execution.agent.id ?? '',
    agentVersion: execution.agent.version ?? '',
    taskGroup: execution.taskGroup,
    replication: execution.replication,
    startTimeUnixNano: execution.rootStartTimeUnixNano,
    status: execution.status,
    config: execution.config,
    propensities: execution.propensities,
    outcome: execution.outcome,
  };
}

function byCanonicalOrder(units: readonly Unit[]): (a: number, b: number) => number {
  return (a, b) => {
    const x = at(units, a);
    const y = at(units, b);
    if (x.startTimeUnixNano !== y.startTimeUnixNano) {
      return x.startTimeUnixNano < y.startTimeUnixNano ? -1 : 1;
    }
    return x.id < y.id ? -1 : 1;
  };
}

function numberOf(known: Map<string, number>, name: string): number {
  const number = known.get(name) ?? known.size;
  known.set(name, number);
  return number;
}

function at<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined) throw new RangeError(`no element ${index} of ${values.length}`);
  return value;
}
