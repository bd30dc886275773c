import type { ExperimentAnalysisJson, ExperimentJson } from '../../wire';
import { formatPoints } from '../format/format';

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

export function liftText({ estimate, interval: [lower, upper] }: Lift): string {
  return `${formatPoints(estimate)} [${formatPoints(lower)}, ${formatPoints(upper)}]`;
}

/** One axis for all lifts, with no effect on it and the always-valid intervals inside. */
export function liftAxis({ variants }: ExperimentAnalysisJson): { from: number; to: number } {
  const ends = variants.flatMap(({ lift }) =>
    lift === null ? [] : [...lift.interval, ...lift.always_valid_interval].map((end) => end ?? 0),
  );
  const reach = Math.min(1, 1.1 * Math.max(0.02, ...ends.map(Math.abs)));
  return { from: -reach, to: reach };
}
