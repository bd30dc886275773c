import type { ExperimentAnalysisJson, ExperimentJson } from '../../wire';
import { formatCost, formatCount, formatDuration, formatPoints } from '../format/format';

export function verdictNames(
  status: ExperimentJson['status'],
  decision: ExperimentJson['decision'],
): string {
  if (status === 'running') return 'running';
  if (status === 'stopped') return 'stopped';
  return {
    ship: 'ship',
    keep_control: 'keep the control',
    no_decision: 'no decision',
    continue: 'running',
    invalid: 'invalid',
  }[decision];
}

export function metricText(metric: ExperimentJson['success_metric']): string {
  if (typeof metric === 'string') return metric;
  return Object.entries(metric.weights)
    .map(([name, weight]) => `${weight} ${name}`)
    .join(' + ');
}

type Lift = NonNullable<ExperimentAnalysisJson['variants'][number]['lift']>;

type Format = (value: number | null) => string;

/** Differences in what a metric is in: milliseconds, dollars, tokens; shares in points. */
export function differenceFormat(metric: string): Format {
  const plain: Format | undefined = amounts.get(metric);
  if (plain === undefined) return formatPoints;
  return (value) => (value !== null && value > 0 ? `+${plain(value)}` : plain(value));
}

/** Metrics of which less is better, and how they are written. */
const amounts: ReadonlyMap<string, Format> = new Map([
  ['latency', (millis: number | null) => formatDuration(millis === null ? null : millis * 1e6)],
  ['cost', formatCost],
  ['tokens', formatCount],
]);

export function isShare(metric: string): boolean {
  return !amounts.has(metric);
}

export function isLessBetter(metric: string): boolean {
  return amounts.has(metric) || metric === 'errors';
}

export function liftText({ estimate, interval: [lower, upper] }: Lift, format: Format): string {
  return `${format(estimate)} [${format(lower)}, ${format(upper)}]`;
}

/** One axis for all lifts, with no effect on it and the always-valid intervals inside. */
export function liftAxis({ variants, metric }: ExperimentAnalysisJson): {
  from: number;
  to: number;
} {
  const ends = variants.flatMap(({ lift }) =>
    lift === null ? [] : [...lift.interval, ...lift.always_valid_interval].map((end) => end ?? 0),
  );
  const widest = Math.max(...ends.map(Math.abs), 0);
  const reach = isShare(metric) ? Math.min(1, 1.1 * Math.max(0.02, widest)) : 1.1 * (widest || 1);
  return { from: -reach, to: reach };
}
