import type { Attributes } from '../../model/attributes';
import type { ClosedExecution } from '../../model/learning';
import type { Sampling } from '../../model/sampling';
import type { Status } from '../../model/status';
import type { FeatureIndex } from '../features/feature-index';
import type { FeatureTables } from '../features/feature-tables';
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
  /** The cut that admitted it; 0 where there are none. */
  readonly cut: number;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint | null;
  readonly costUsd: number | null;
  readonly status: Status;
  readonly config: Attributes | null;
  readonly propensities: Readonly<Record<string, number>> | null;
  readonly outcome: Readonly<Record<string, number>>;
  readonly sampling: Sampling;
  /** Whether it said which attempt or replication it is. */
  readonly marked: boolean;
  /** An outcome triggered it: counted, never learned from. */
  readonly isRetry: boolean;
}

/**
 * Units in the order of learning (cut, then root start, then id), and for every feature the positions of the
 * units that have it, ascending.
 */
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
  /** Runs that ended for each unit; `null` where all count alike. */
  readonly weights: Float64Array | null;
  /** Units, and what was kept because of how it went: for estimates, weighted. */
  readonly everyRun: readonly Unit[];
}

export interface UnitCounts {
  /** Distinct closed executions read. */
  readonly executions: number;
  /** Of these the latest that are kept, retries among them: what is older is not learned from any more. */
  readonly kept: number;
  /** Left out: retries (attempt above 1), which an outcome triggered. */
  readonly retries: number;
  /** Left out: later runs of tasks whose retries and replications cannot be told apart. */
  readonly attemptsUnknown: number;
  /** Left out: runs that were kept because of how they went. */
  readonly sampled: number;
  /** Began before the last unit of an earlier cut. */
  readonly late: number;
}

/** Estimates also use what was kept because of how it went, if it has a weight; tests never do. */
export type UnitPurpose = 'tests' | 'estimates';

export function makeTable(
  all: readonly Unit[],
  forgotten: number,
  index: FeatureIndex,
  { attempts, sampling: declared, maxExecutions }: LearningSettings,
  purpose: UnitPurpose,
): UnitTable {
  const latest = all.map((_, place) => place).sort(inOrderOfLearning(all));
  latest.splice(0, Math.max(0, latest.length - maxExecutions));
  const sampling = judgeSampling(
    latest.map((place) => sampledRun(at(all, place))),
    declared,
  );
  const order = latest.filter((place) => !at(all, place).isRetry);
  const { firstRuns, judgements } = admitUnmarked(order, all, attempts);
  const isUsed = (run: SampledRun): boolean =>
    purpose === 'estimates' ? sampling.weightOf(run) > 0 : sampling.isUniform(run);
  const used = firstRuns.filter((place) => isUsed(sampledRun(at(all, place))));
  const positionOf = new Int32Array(all.length).fill(-1);
  used.forEach((place, position) => (positionOf[place] = position));
  const units = used.map((place) => at(all, place));
  return {
    units,
    taskCodes: numberUnits(units, taskOf),
    taskAgentCodes: numberUnits(units, (unit) => JSON.stringify([taskOf(unit), unit.agentId])),
    declaresTaskGroups: units.some(({ taskGroup }) => taskGroup !== null),
    ...index.finish(positionOf),
    attempts: judgements,
    sampling,
    weights: weightsOf(units, sampling),
    everyRun: used.length === firstRuns.length ? units : firstRuns.map((place) => at(all, place)),
    counts: {
      executions: all.length + forgotten,
      kept: latest.length,
      retries: latest.length - order.length,
      attemptsUnknown: order.length - firstRuns.length,
      sampled: firstRuns.length - used.length,
      late: countLate(units),
    },
  };
}

function weightsOf(units: readonly Unit[], sampling: SamplingJudgement): Float64Array | null {
  const weights = Float64Array.from(units, (unit) => sampling.weightOf(sampledRun(unit)));
  return weights.every((weight) => weight === weights[0]) ? null : weights;
}

export function sampledRun(unit: Unit): SampledRun {
  return { sampling: unit.sampling, success: successOf(unit) };
}

/** Of tasks with unmarked runs only the first stays, unless their runs were fixed in advance. */
function admitUnmarked(
  order: readonly number[],
  all: readonly Unit[],
  policy: LearningSettings['attempts'],
): { readonly firstRuns: number[]; readonly judgements: readonly AttemptJudgement[] } {
  const counts = new Map<string, number>();
  const unmarked = new Set<string>();
  for (const place of order) {
    const { taskId, marked } = at(all, place);
    counts.set(taskId, (counts.get(taskId) ?? 0) + 1);
    if (!marked) unmarked.add(taskId);
  }
  const doubtful = ({ taskId }: Unit): boolean =>
    unmarked.has(taskId) && (counts.get(taskId) ?? 0) > 1;
  const judgements =
    policy === 'detect'
      ? judgeAttempts(
          order
            .map((place) => at(all, place))
            .filter(doubtful)
            .map(toRun),
        )
      : [];
  const fixed = new Set(judgements.filter((group) => group.fixed).map(attemptGroup));
  const seen = new Set<string>();
  const firstRuns = order.filter((place) => {
    const unit = at(all, place);
    if (!doubtful(unit) || policy === 'fixed' || fixed.has(attemptGroup(unit))) return true;
    if (seen.has(unit.taskId)) return false;
    seen.add(unit.taskId);
    return true;
  });
  return { firstRuns, judgements };
}

function toRun(unit: Unit): UnmarkedRun {
  return { ...unit, success: successOf(unit) };
}

/** By the reward, else by any other judgement. */
function successOf({ outcome }: Unit): boolean | null {
  const value = outcome['reward'] ?? outcome[Object.keys(outcome).sort()[0] ?? ''];
  return value === undefined || !Number.isFinite(value) ? null : value >= 0.5;
}

function countLate(units: readonly Unit[]): number {
  let [late, cut, latest, latestBefore] = [0, -1, 0n, 0n];
  for (const unit of units) {
    if (unit.cut !== cut) [cut, latestBefore] = [unit.cut, latest];
    if (unit.startTimeUnixNano < latestBefore) late += 1;
    if (unit.startTimeUnixNano > latest) latest = unit.startTimeUnixNano;
  }
  return late;
}

function taskOf({ taskId, taskGroup }: Unit): string {
  return taskGroup === null ? `task ${taskId}` : `group ${taskGroup}`;
}

function numberUnits(units: readonly Unit[], nameOf: (unit: Unit) => string): Int32Array {
  const known = new Map<string, number>();
  return Int32Array.from(units, (unit) => numberOf(known, nameOf(unit)));
}

export function toUnit(execution: ClosedExecution): Unit {
  const { rootStartTimeUnixNano: start, durationNano } = execution;
  return {
    id: execution.id,
    taskId: execution.taskId,
    taskType: execution.taskType ?? '',
    agentId: execution.agent.id ?? '',
    agentVersion: execution.agent.version ?? '',
    taskGroup: execution.taskGroup,
    replication: execution.replication,
    cut: execution.cut ?? 0,
    startTimeUnixNano: start,
    endTimeUnixNano: durationNano === null ? null : start + durationNano,
    costUsd: execution.costUsd,
    status: execution.status,
    config: execution.config,
    propensities: execution.propensities,
    outcome: execution.outcome,
    sampling: execution.sampling,
    marked: execution.attemptMarked && !execution.attemptsUnknown,
    isRetry: execution.attempt > 1 && execution.attemptMarked && !execution.attemptsUnknown,
  };
}

export function inOrderOfLearning(units: readonly Unit[]): (a: number, b: number) => number {
  return (a, b) => {
    const x = at(units, a);
    const y = at(units, b);
    if (x.cut !== y.cut) return x.cut - y.cut;
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
