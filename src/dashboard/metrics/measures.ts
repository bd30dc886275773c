import type { SeriesPointJson } from '../../wire';
import {
  formatCost,
  formatCount,
  formatDuration,
  formatNumber,
  formatShare,
} from '../format/format';
import type { ScaleUnit } from './round-scale';

export interface Measure {
  readonly id: string;
  readonly title: string;
  readonly value: (point: SeriesPointJson) => number | null;
  /** Where its uncertainty is known. */
  readonly interval?: (point: SeriesPointJson) => readonly [number, number] | null;
  readonly format: (value: number | null) => string;
  readonly unit: ScaleUnit;
  /** Where the scale ends, whatever is drawn. */
  readonly top?: number;
}

function formatMillis(millis: number | null): string {
  return millis === 0 ? '0' : formatDuration(millis === null ? null : millis * 1e6);
}

/** What is drawn of each bucket, in this order. */
export const measures: readonly Measure[] = [
  {
    id: 'success',
    title: 'Success',
    value: (point) => point.success_rate?.value ?? null,
    interval: (point) => point.success_rate?.interval ?? null,
    format: formatShare,
    unit: 'number',
    top: 1,
  },
  {
    id: 'reward',
    title: 'Mean reward',
    value: (point) => point.mean_reward,
    format: formatNumber,
    unit: 'number',
    top: 1,
  },
  {
    id: 'p50',
    title: 'Latency, p50',
    value: (point) => point.latency_ms?.p50 ?? null,
    format: formatMillis,
    unit: 'millis',
  },
  {
    id: 'p95',
    title: 'Latency, p95',
    value: (point) => point.latency_ms?.p95 ?? null,
    format: formatMillis,
    unit: 'millis',
  },
  {
    id: 'latency',
    title: 'Latency, mean',
    value: (point) => point.mean_latency_ms,
    format: formatMillis,
    unit: 'millis',
  },
  {
    id: 'runs',
    title: 'Runs',
    value: (point) => point.executions,
    format: formatCount,
    unit: 'count',
  },
  {
    id: 'errors',
    title: 'Errors',
    value: (point) => point.errors,
    format: formatCount,
    unit: 'count',
  },
  {
    id: 'tokens',
    title: 'Tokens',
    value: ({ tokens }) =>
      tokens.input === null && tokens.output === null
        ? null
        : (tokens.input ?? 0) + (tokens.output ?? 0),
    format: formatCount,
    unit: 'count',
  },
  {
    id: 'cost',
    title: 'Cost',
    value: (point) => point.cost_usd,
    format: formatCost,
    unit: 'number',
  },
];
