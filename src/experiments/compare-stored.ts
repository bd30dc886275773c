import type {
  Decision,
  ExperimentAnalysis,
  ExperimentDecision,
  MetricChoice,
} from '../model/experiment';
import type { ClosedExecution } from '../model/learning';
import { momentsOf, normalQuantile, sampleVariance, welchTest } from '../stats';
import { statusOf } from './analyze';
import { requireMetricName } from './create-experiment';
import { describeVariants, paretoSet, type VariantSample } from './describe-variants';
import { decisionRules } from './decision-rules';
import { isHigherBetter, isRanked, metricName, metricOf } from './metrics';
import { analyzePaired, moreTasksNeeded, type TaskValue } from './paired';

export interface CompareOptions {
  readonly metric?: MetricChoice | undefined;
  /** @defaultValue .05 */
  readonly alpha?: number | undefined;
}

/**
 * Two sets of stored runs that were never assigned by us: one look, by task where tasks repeat, and the words
 * "goes with", for who ran under what was nobody's draw. Retries are left out.
 *
 * @throws ConfigError for a metric that no run has.
 */
export function compareStored(
  control: readonly ClosedExecution[],
  treatment: readonly ClosedExecution[],
  { metric = 'success', alpha = 0.05 }: CompareOptions = {},
): ExperimentAnalysis {
  if (typeof metric === 'string') {
    const seen = [...control, ...treatment].flatMap(({ outcome }) => Object.keys(outcome));
    requireMetricName('metric', metric, [...new Set(seen)]);
  }
  const samples = [sampleOf('control', control, metric), sampleOf('treatment', treatment, metric)];
  const values = [...valuesOf(control, metric, false), ...valuesOf(treatment, metric, true)];
  const paired = analyzePaired(values, 1 - alpha);
  const verdict = verdictOf(samples, values, paired, { metric, alpha });
  const [controlUnits = 0, treatmentUnits = 0] = samples.map((sample) => sample.values.length);
  const counts = { control: controlUnits, treatment: treatmentUnits };
  return {
    experimentId: 'stored',
    status: statusOf(verdict.decision),
    decision: verdict.decision,
    winner: winners.get(verdict.decision) ?? null,
    reason: verdict.reason,
    metric: metricName(metric),
    units: controlUnits + treatmentUnits,
    // Nobody drew who ran under what: there is no planned ratio to compare with.
    sampleRatio: { expected: counts, observed: counts, eValue: 1, pValue: 1, ok: true },
    variants: describeVariants(samples, noDecision, rules),
    paired,
    pareto: paretoSet(samples),
    signals: [],
    wording: 'associated_with',
    excluded: excludedOf([...control, ...treatment], metric),
    neededUnits: verdict.needed,
    series: [],
    power: null,
    startedAtUnixNano: null,
    decidedAtUnixNano: null,
  };
}

const winners: ReadonlyMap<ExperimentDecision, string> = new Map([
  ['ship', 'treatment'],
  ['keep_control', 'control'],
]);

const rules = decisionRules({
  arms: [
    { name: 'control', share: 0.5 },
    { name: 'treatment', share: 0.5 },
  ],
});

/** There is no e-value without an assignment. */
const noDecision: Decision = {
  decision: 'no_decision',
  winner: null,
  likely: null,
  reason: '',
  units: 0,
  signals: [],
  sampleRatioEValue: 1,
  arms: [],
};

interface Verdict {
  readonly decision: ExperimentDecision;
  readonly reason: string;
  /** More units (tasks, where paired). */
  readonly needed: number | null;
}

function verdictOf(
  samples: readonly VariantSample[],
  values: readonly TaskValue[],
  paired: ExperimentAnalysis['paired'],
  { metric, alpha }: { readonly metric: MetricChoice; readonly alpha: number },
): Verdict {
  const [control, treatment] = samples.map((sample) => momentsOf(sample.values));
  if (control === undefined || treatment === undefined || control.n < 2 || treatment.n < 2) {
    return {
      decision: 'no_decision',
      reason: 'fewer than two runs with an outcome on one side',
      needed: null,
    };
  }
  const welch = welchTest(treatment, control, 1 - alpha);
  const estimate = paired?.estimate ?? welch.estimate;
  const pValue = paired?.pValue ?? welch.pValue;
  const interval = paired?.interval ?? welch.interval;
  const how =
    paired === null
      ? `${control.n} against ${treatment.n} runs`
      : `${paired.tasks} tasks under both`;
  const amount = isRanked(metric) ? (value: number) => value.toPrecision(3) : points;
  const unit = isRanked(metric) ? '' : ' points';
  const numbers = `${amount(estimate)}${unit} [${amount(interval.lower)}, ${amount(interval.upper)}], p = ${pValue.toPrecision(2)}, ${how}`;
  if (pValue <= alpha) {
    const isMore = estimate > 0;
    return {
      decision: isMore === isHigherBetter(metric) ? 'ship' : 'keep_control',
      reason: `treatment goes with ${isMore ? 'more' : 'less'} ${metricName(metric)}: ${numbers}`,
      needed: null,
    };
  }
  const needed =
    paired === null
      ? moreRunsNeeded(control, treatment, alpha)
      : moreTasksNeeded(values, estimate, alpha);
  const what = paired === null ? 'runs a side' : 'tasks';
  const more =
    needed === null ? '' : `; about ${needed} more ${what} would show a difference of this size`;
  return { decision: 'no_decision', reason: `no difference shown: ${numbers}${more}`, needed };
}

function moreRunsNeeded(
  control: ReturnType<typeof momentsOf>,
  treatment: ReturnType<typeof momentsOf>,
  alpha: number,
): number | null {
  const difference = treatment.mean - control.mean;
  if (difference === 0) return null;
  const z = normalQuantile(1 - alpha / 2) + normalQuantile(0.8);
  const variance = sampleVariance(control) + sampleVariance(treatment);
  const perArm = Math.ceil((z * z * variance) / (difference * difference));
  return Math.max(0, perArm - Math.min(control.n, treatment.n));
}

function sampleOf(
  name: string,
  runs: readonly ClosedExecution[],
  metric: MetricChoice,
): VariantSample {
  const counted = runs.filter(isFirst);
  return {
    name,
    values: counted.flatMap((run) => metricOf(run, metric) ?? []),
    outcomes: counted.map(({ outcome }) => outcome),
  };
}

function valuesOf(
  runs: readonly ClosedExecution[],
  metric: MetricChoice,
  treated: boolean,
): TaskValue[] {
  return runs.filter(isFirst).flatMap((run) => {
    const value = metricOf(run, metric);
    return value === null ? [] : [{ taskId: run.taskId, treated, value }];
  });
}

function isFirst({ attempt }: ClosedExecution): boolean {
  return attempt === 1;
}

function excludedOf(
  runs: readonly ClosedExecution[],
  metric: MetricChoice,
): ExperimentAnalysis['excluded'] {
  const retries = runs.filter((run) => !isFirst(run)).length;
  const missing = runs.filter((run) => isFirst(run) && metricOf(run, metric) === null).length;
  return [
    { reason: 'retry', units: retries },
    { reason: 'no_outcome', units: missing },
  ].filter(({ units }) => units > 0);
}

function points(value: number): string {
  return (100 * value).toFixed(1);
}
