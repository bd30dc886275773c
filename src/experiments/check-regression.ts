import { ConfigError } from '../errors';
import type { MetricChoice } from '../model/experiment';
import type { ClosedExecution } from '../model/learning';
import type { RegressionCheck } from '../model/regression-check';
import { compareStored } from './compare-stored';
import { isHigherBetter, isRanked, metricName } from './metrics';

/**
 * The gate of a pipeline: fails only for a regression that is proven beyond the margin, and else says how far
 * it could still be, and what would exclude it.
 *
 * @throws ConfigError for a margin that is none, and for amounts without bounds, which have none in points.
 */
export function checkRegression(
  baseline: readonly ClosedExecution[],
  candidate: readonly ClosedExecution[],
  options: {
    readonly metric?: MetricChoice | undefined;
    readonly margin?: number | undefined;
  } = {},
): RegressionCheck {
  const { metric = 'success', margin = 0.03 } = options;
  if (!(margin >= 0 && margin < 1)) {
    throw new ConfigError(`check: margin must be a number in [0, 1), got ${margin}.`);
  }
  if (isRanked(metric)) {
    throw new ConfigError(
      `check: metric must be success, errors or a reward dimension, got ${metricName(metric)}.`,
      { hint: '`experiment analyze` compares what runs cost and how long they take.' },
    );
  }
  const analysis = compareStored(baseline, candidate, { metric });
  const [control, treatment] = analysis.variants;
  const shown = analysis.paired ?? treatment?.lift ?? null;
  const runsASide = Math.min(control?.units ?? 0, treatment?.units ?? 0);
  return {
    metric: metricName(metric),
    margin,
    baselineMean: control?.mean ?? null,
    candidateMean: treatment?.mean ?? null,
    estimate: shown?.estimate ?? null,
    interval: shown?.interval ?? null,
    pairedTasks: analysis.paired?.tasks ?? null,
    ...verdictOf(shown, {
      name: metricName(metric),
      isHigherBetter: isHigherBetter(metric),
      margin,
      n: analysis.paired?.tasks ?? runsASide,
      what: analysis.paired === null ? 'runs a side' : 'tasks',
    }),
  };
}

interface Shown {
  readonly estimate: number;
  readonly interval: { readonly lower: number; readonly upper: number };
}

function verdictOf(
  shown: Shown | null,
  {
    name,
    isHigherBetter: rises,
    margin,
    n,
    what,
  }: { name: string; isHigherBetter: boolean; margin: number; n: number; what: string },
): Pick<RegressionCheck, 'verdict' | 'moreTasksNeeded' | 'reason'> {
  if (shown === null || !Number.isFinite(shown.interval.lower)) {
    const reason =
      'no regression shown, and none excluded: too few runs with an outcome to compare';
    return { verdict: 'none_shown', moreTasksNeeded: null, reason };
  }
  // Of errors less is better: a loss is below 0 here whatever the metric.
  const estimate = rises ? shown.estimate : -shown.estimate;
  const [lower, upper] = rises
    ? [shown.interval.lower, shown.interval.upper]
    : [-shown.interval.upper, -shown.interval.lower];
  const numbers = `${points(shown.estimate)} points [${points(shown.interval.lower)}, ${points(shown.interval.upper)}]`;
  const beyond = `beyond ${points(margin)} points`;
  if (upper < -margin) {
    const reason = `${name} ${rises ? 'fell' : 'rose'} by more than ${points(margin)} points: ${numbers}`;
    return { verdict: 'regression', moreTasksNeeded: null, reason };
  }
  if (lower > -margin) {
    return {
      verdict: 'excluded',
      moreTasksNeeded: 0,
      reason: `no regression ${beyond}: ${numbers}`,
    };
  }
  const more = moreToExclude(estimate, lower, margin, n);
  const tail = more === null ? '' : `; about ${more} ${what} more would exclude one`;
  const reason = `no regression ${beyond} shown: ${numbers}${tail}`;
  return { verdict: 'none_shown', moreTasksNeeded: more, reason };
}

/** The interval narrows with the root of n; `null` where the estimate itself lies beyond the margin. */
function moreToExclude(estimate: number, lower: number, margin: number, n: number): number | null {
  const room = estimate + margin;
  if (room <= 0) return null;
  return Math.max(1, Math.ceil(n * (((estimate - lower) / room) ** 2 - 1)));
}

function points(value: number): string {
  return (100 * value).toFixed(1);
}
