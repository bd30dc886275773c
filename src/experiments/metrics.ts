import type { MetricChoice, MetricKind } from '../model/experiment';
import type { ClosedExecution } from '../model/learning';

/** The metrics that every execution has, besides its reward dimensions (means, higher is better). */
export const metricKinds: ReadonlyMap<
  string,
  { readonly kind: MetricKind; readonly higherIsBetter: boolean }
> = new Map([
  ['success', { kind: 'mean', higherIsBetter: true }],
  ['errors', { kind: 'mean', higherIsBetter: false }],
  ['cost', { kind: 'ratio_of_means', higherIsBetter: false }],
  ['tokens', { kind: 'ratio_of_means', higherIsBetter: false }],
  ['latency', { kind: 'ratio_of_p95', higherIsBetter: false }],
]);

/** Amounts without bounds, of which less is better: they are decided by rank. */
export function isRanked(metric: MetricChoice): boolean {
  if (typeof metric !== 'string') return false;
  const kind = metricKinds.get(metric)?.kind;
  return kind !== undefined && kind !== 'mean';
}

/** Names of reward dimensions have no kind of their own: more is better. */
export function isHigherBetter(metric: MetricChoice): boolean {
  return typeof metric !== 'string' || (metricKinds.get(metric)?.higherIsBetter ?? true);
}

/** Value from which on a reward is a success (LEARNING 3). */
const SUCCESS = 0.5;

/** In the metric's own unit (ms, US dollars, 0..1); `null` where unknown. */
export function metricOf(execution: ClosedExecution, metric: MetricChoice): number | null {
  if (typeof metric !== 'string') return weighted(execution, metric.weights);
  switch (metric) {
    case 'success': {
      const reward = execution.outcome.reward;
      return reward === undefined ? null : reward >= SUCCESS ? 1 : 0;
    }
    case 'errors':
      return execution.status === 'failed' || execution.status === 'timed_out' ? 1 : 0;
    case 'cost':
      return execution.costUsd;
    case 'tokens':
      return sumKnown(execution.inputTokens, execution.outputTokens);
    case 'latency':
      return execution.durationNano === null ? null : Number(execution.durationNano) / 1e6;
    default:
      return Object.hasOwn(execution.outcome, metric) ? (execution.outcome[metric] ?? null) : null;
  }
}

export function metricName(metric: MetricChoice): string {
  if (typeof metric === 'string') return metric;
  return Object.entries(metric.weights)
    .map(([dimension, weight]) => `${weight} ${dimension}`)
    .join(' + ');
}

function weighted(
  { outcome }: ClosedExecution,
  weights: Readonly<Record<string, number>>,
): number | null {
  let sum = 0;
  for (const [dimension, weight] of Object.entries(weights)) {
    const value = Object.hasOwn(outcome, dimension) ? outcome[dimension] : undefined;
    if (value === undefined) return null;
    sum += weight * value;
  }
  return Math.min(1, sum);
}

function sumKnown(input: number | null, output: number | null): number | null {
  return input === null && output === null ? null : (input ?? 0) + (output ?? 0);
}
