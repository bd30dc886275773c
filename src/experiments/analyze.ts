import type { Decision, Experiment, ExperimentAnalysis, Observation } from '../model/experiment';
import type { ClosedExecution } from '../model/learning';
import { chiSquareSf, momentsOf, normalQuantile, normalSf, sampleVariance } from '../stats';
import { decide } from './decide';
import { effectSeries } from './effect-series';
import { describeVariants, paretoSet, type VariantSample } from './describe-variants';
import { isRanked, metricName } from './metrics';
import { byPropensity } from './by-propensity';
import { analyzePaired } from './paired';
import { readUnits, toObservations, type ExperimentUnitRuns } from './read-units';

export interface AnalyzeOptions {
  readonly nowUnixNano: bigint;
  /** Propensities that were logged with stored assignments, where the split changed on the way or follows outcomes. */
  readonly propensities?: (unit: string) => Readonly<Record<string, number>> | undefined;
}

/** What an experiment shows by now; a decision that was stored before is not taken back. */
export function analyzeExperiment(
  experiment: Experiment,
  executions: Iterable<ClosedExecution>,
  { nowUnixNano, propensities }: AnalyzeOptions,
): ExperimentAnalysis {
  const read = readUnits(experiment, executions, nowUnixNano);
  const observations = toObservations(experiment, read.units, ({ id }) => propensities?.(id));
  const decided = withEnd(decide(observations, experiment.rules), experiment, read.latestUnixNano);
  const samples = experiment.variants.map(({ name }): VariantSample => {
    const own = read.units.filter(({ variant }) => variant === name);
    return {
      name,
      values: own.flatMap(({ value }) => (value === null ? [] : [value])),
      outcomes: own.map(({ outcome }) => outcome),
    };
  });
  const units = samples.reduce((sum, { values }) => sum + values.length, 0);
  const described = describeVariants(samples, decided, experiment.rules);
  return {
    experimentId: experiment.id,
    status: statusOf(decided.decision),
    decision: decided.decision,
    winner: decided.winner,
    reason: inUnits(decided.reason, experiment),
    metric: metricName(experiment.successMetric),
    units,
    sampleRatio: sampleRatioOf(experiment, observations, decided),
    variants:
      experiment.allocation === 'thompson'
        ? byPropensity(described, observations, experiment.rules)
        : described,
    paired: pairedOf(experiment, read.units),
    pareto: paretoSet(samples),
    signals: decided.signals,
    wording: 'causes',
    excluded: read.excluded,
    neededUnits: decided.decision === 'ship' ? null : neededUnits(samples, experiment),
    series: effectSeries(experiment, read.units),
    power: plannedPower(samples, experiment),
    startedAtUnixNano: experiment.startedAtUnixNano,
    decidedAtUnixNano: experiment.decidedAtUnixNano,
  };
}

/** What has no bounds is decided by its rank among the units before. */
function inUnits(reason: string, { successMetric }: Experiment): string {
  return isRanked(successMetric) ? reason.replace(' points ', ' points of rank ') : reason;
}

/** The days are those of the units' own clock: a host clock that jumps ends nothing. */
function withEnd(decision: Decision, experiment: Experiment, latest: bigint | null): Decision {
  const end = experiment.startedAtUnixNano + BigInt(Math.round(experiment.durationDays * 86_400e9));
  if (decision.decision !== 'continue' || latest === null || latest < end) return decision;
  const reason = `${experiment.durationDays} days and ${decision.units} units, and neither is shown to be better`;
  return { ...decision, decision: 'no_decision', reason };
}

export function statusOf(decision: Decision['decision']): ExperimentAnalysis['status'] {
  if (decision === 'continue') return 'running';
  return decision === 'invalid' ? 'invalid' : 'decided';
}

function sampleRatioOf(
  { rules }: Experiment,
  observations: readonly Observation[],
  decision: Decision,
): ExperimentAnalysis['sampleRatio'] {
  const { arms } = rules;
  const counts = arms.map(({ name }) => observations.filter(({ arm }) => arm === name).length);
  const expected = arms.map(({ name, share }) =>
    observations.reduce((sum, { propensities }) => sum + (propensities?.[name] ?? share), 0),
  );
  const byName = (values: readonly number[]): Readonly<Record<string, number>> =>
    Object.fromEntries(arms.map(({ name }, i) => [name, values[i] ?? 0]));
  const total = Math.max(1, observations.length);
  return {
    expected: byName(expected),
    observed: byName(counts),
    eValue: decision.sampleRatioEValue,
    pValue: sampleRatioPValue(
      counts,
      expected.map((value) => value / total),
    ),
    ok: decision.sampleRatioEValue < rules.sampleRatioLimit,
  };
}

/** Pearson's chi-square of the planned shares, valid for one look only. */
export function sampleRatioPValue(counts: readonly number[], shares: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return 1;
  const statistic = counts.reduce((sum, count, i) => {
    const expected = total * (shares[i] ?? 0);
    return sum + (count - expected) ** 2 / expected;
  }, 0);
  return chiSquareSf(statistic, counts.length - 1);
}

function pairedOf(
  { variants, unit }: Experiment,
  units: readonly ExperimentUnitRuns[],
): ExperimentAnalysis['paired'] {
  if (variants.length !== 2 || unit === 'task') return null;
  const treatment = variants[1]?.name;
  return analyzePaired(
    units.flatMap(({ taskId, variant, value }) =>
      value === null ? [] : [{ taskId, treated: variant === treatment, value }],
    ),
  );
}

/**
 * More units, over all arms, until a difference as large as the best one seen (at least the smallest worth
 * shipping) is shown at the level of the rules with a power of .8, by the fixed-sample formula; watching
 * after every unit costs about half as much again.
 */
function neededUnits(samples: readonly VariantSample[], { rules }: Experiment): number | null {
  const [control, ...others] = samples.map(({ values }) => momentsOf(values));
  if (control === undefined || control.n < 2) return null;
  let needed: number | null = null;
  for (const other of others) {
    if (other.n < 2) continue;
    const gain = Math.max(other.mean - control.mean, rules.minimumEffect);
    const variance = (sampleVariance(other) + sampleVariance(control)) / 2;
    const z = normalQuantile(1 - rules.alpha / 2) + normalQuantile(0.8);
    const perArm = Math.ceil((2 * z * z * variance) / (gain * gain));
    const total = samples.length * perArm;
    needed = needed === null ? total : Math.min(needed, total);
  }
  if (needed === null) return null;
  return Math.max(0, needed - samples.reduce((sum, { values }) => sum + values.length, 0));
}

/** Power of a test at the cap for the smallest effect worth shipping, from control's spread; one-sided. */
function plannedPower(samples: readonly VariantSample[], { rules }: Experiment): number | null {
  const control = momentsOf(samples[0]?.values ?? []);
  if (control.n < 2 || control.m2 === 0) return null;
  const perArm = rules.cap / samples.length;
  const error = Math.sqrt((2 * sampleVariance(control)) / perArm);
  return normalSf(normalQuantile(1 - rules.alpha) - rules.minimumEffect / error);
}
