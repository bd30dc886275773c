import type { Experiment, Observation } from '../model/experiment';
import type { ClosedExecution } from '../model/learning';
import { LogHistogram } from '../stats';
import { isRanked, metricOf } from './metrics';

/** One unit of randomisation with all its runs. */
export interface ExperimentUnitRuns {
  readonly id: string;
  readonly variant: string;
  readonly taskId: string;
  readonly taskType: string | null;
  readonly startUnixNano: bigint;
  /** Success metric in its own unit, mean over the runs that have it. */
  readonly value: number | null;
  readonly measures: Readonly<Record<string, number | null>>;
  readonly outcome: Readonly<Record<string, number>>;
}

export interface ReadUnits {
  /** In the order of assignment, whose outcomes are final. */
  readonly units: readonly ExperimentUnitRuns[];
  readonly excluded: readonly { readonly reason: string; readonly units: number }[];
  /** Start of the latest run that was exposed. */
  readonly latestUnixNano: bigint | null;
}

/**
 * The units of an experiment from what the spans say. A unit that saw two variants, that names one which the
 * experiment does not have, or whose run was kept by a sampler that looked at it, is counted and left out.
 * Retries follow an outcome and are not counted; the first run decides.
 *
 * A unit waits until its outcome came or the horizon passed, and those behind it wait with it: an arm whose
 * outcomes come sooner would else be ahead.
 */
export function readUnits(
  experiment: Experiment,
  executions: Iterable<ClosedExecution>,
  nowUnixNano: bigint,
): ReadUnits {
  const runs = new Map<string, ClosedExecution[]>();
  const variants = new Map<string, Set<string>>();
  const excluded = new Map<string, Set<string>>();
  const exclude = (reason: string, unit: string): void => {
    excluded.set(reason, (excluded.get(reason) ?? new Set()).add(unit));
  };
  const known = new Set(experiment.variants.map(({ name }) => name));
  let latest: bigint | null = null;
  for (const execution of executions) {
    const seen = variantsOf(experiment, execution);
    const start = execution.rootStartTimeUnixNano;
    const after = experiment.decidedAtUnixNano !== null && start > experiment.decidedAtUnixNano;
    if (seen.length === 0 || after) continue;
    latest = latest === null || start > latest ? start : latest;
    const unit = unitOf(experiment, execution);
    if (unit === null) {
      exclude(`no_${experiment.unit}`, execution.id);
      continue;
    }
    variants.set(unit, new Set([...(variants.get(unit) ?? []), ...seen]));
    if (seen.some((variant) => !known.has(variant))) exclude('unknown_variant', unit);
    const { basis, probability } = execution.sampling;
    if (basis === 'policy' && probability !== 1) exclude('sampled_by_outcome', unit);
    const own = runs.get(unit);
    if (own === undefined) runs.set(unit, [execution]);
    else own.push(execution);
  }
  for (const [unit, seen] of variants) if (seen.size > 1) exclude('mixed_variant', unit);
  const left = new Set([...excluded.values()].flatMap((units) => [...units]));
  const all = [...runs]
    .filter(([unit]) => !left.has(unit))
    .map(([unit, own]) => toUnit(experiment, unit, [...(variants.get(unit) ?? [])][0] ?? '', own))
    .sort(byAssignment);
  const final = all.findIndex((unit) => awaits(experiment, unit, nowUnixNano));
  const units = final === -1 ? all : all.slice(0, final);
  const counts = [...excluded].map(([reason, members]) => ({ reason, units: members.size }));
  if (units.length < all.length) {
    counts.push({ reason: 'awaiting_outcome', units: all.length - units.length });
  }
  const missing = units.filter(({ value }) => value === null).length;
  if (missing > 0) counts.push({ reason: 'no_outcome', units: missing });
  return { units, excluded: counts, latestUnixNano: latest };
}

/** As {@link decide} takes them: a metric that has no bounds by its rank among the units before. */
export function toObservations(
  experiment: Experiment,
  units: readonly ExperimentUnitRuns[],
  propensities: (unit: ExperimentUnitRuns) => Readonly<Record<string, number>> | undefined = () =>
    undefined,
): Observation[] {
  const metric = experiment.successMetric;
  const isUnbounded = isRanked(metric);
  const earlier = new LogHistogram();
  return units.map((unit) => {
    let value = unit.value;
    if (value !== null && isUnbounded) {
      const positive = Math.max(1e-9, value);
      value = 1 - earlier.midRank(positive);
      earlier.add(positive);
    } else if (value !== null && metric === 'errors') value = 1 - value;
    return {
      unit: unit.id,
      arm: unit.variant,
      propensities: propensities(unit),
      context: unit.taskType,
      value,
      measures: unit.measures,
    };
  });
}

function variantsOf(experiment: Experiment, { exposures }: ClosedExecution): string[] {
  return exposures.flatMap(({ experimentId, variant }) =>
    variant !== null && (experimentId === experiment.id || experimentId === experiment.key)
      ? [variant]
      : [],
  );
}

function unitOf({ unit }: Experiment, execution: ClosedExecution): string | null {
  if (unit === 'task') return execution.taskId;
  if (unit === 'session') return execution.sessionId;
  for (const key of ['user.id', 'enduser.id']) {
    const value = Object.hasOwn(execution.rootAttributes, key)
      ? execution.rootAttributes[key]
      : null;
    if (typeof value === 'string' && value !== '') return value;
  }
  return null;
}

function toUnit(
  experiment: Experiment,
  id: string,
  variant: string,
  own: readonly ClosedExecution[],
): ExperimentUnitRuns {
  const ordered = [...own].sort((a, b) =>
    Number(a.rootStartTimeUnixNano - b.rootStartTimeUnixNano || (a.id < b.id ? -1n : 1n)),
  );
  const first = ordered[0]!;
  const counted = ordered.filter(
    (run) => run === first || (run.attempt === 1 && !run.attemptsUnknown),
  );
  const measures = Object.fromEntries(
    experiment.rules.guardrails.map(({ metric }) => [
      metric,
      meanKnown(counted.map((run) => metricOf(run, metric))),
    ]),
  );
  const dimensions = new Set(counted.flatMap(({ outcome }) => Object.keys(outcome)));
  const outcome = Object.create(null) as Record<string, number>;
  for (const dimension of dimensions) {
    const mean = meanKnown(counted.map((run) => run.outcome[dimension] ?? null));
    if (mean !== null) outcome[dimension] = mean;
  }
  return {
    id,
    variant,
    taskId: first.taskId,
    taskType: first.taskType,
    startUnixNano: first.rootStartTimeUnixNano,
    value: meanKnown(counted.map((run) => metricOf(run, experiment.successMetric))),
    measures,
    outcome,
  };
}

function awaits(experiment: Experiment, unit: ExperimentUnitRuns, now: bigint): boolean {
  const horizon = BigInt(Math.round(experiment.horizonHours * 3_600e9));
  return unit.value === null && now < unit.startUnixNano + horizon;
}

function byAssignment(a: ExperimentUnitRuns, b: ExperimentUnitRuns): number {
  if (a.startUnixNano !== b.startUnixNano) return a.startUnixNano < b.startUnixNano ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

function meanKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
