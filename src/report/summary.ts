import type { Interval } from '../model/interval';
import type { Execution } from '../model/task';
import { wilsonInterval } from '../stats';

/** What some runs did together; unknown is `null`. */
export interface Summary {
  readonly runs: number;
  readonly judged: number;
  readonly successes: number;
  /** Wilson interval at 95 %. */
  readonly success: { readonly value: number; readonly interval: Interval } | null;
  readonly rewards: readonly {
    readonly dimension: string;
    readonly mean: number;
    readonly runs: number;
  }[];
  /** Over finished runs with real times. */
  readonly latencyMs: { readonly p50: number; readonly p95: number } | null;
  readonly timed: number;
  /** Over the runs whose cost is known. */
  readonly costUsd: { readonly sum: number; readonly runs: number } | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly errors: number;
}

export function summarize(executions: readonly Execution[]): Summary {
  const judged = executions.filter(({ success }) => success !== null);
  const successes = judged.filter(({ success }) => success === true).length;
  const latencies = executions.flatMap((run) => latencyMs(run) ?? []).sort((a, b) => a - b);
  const costs = executions.flatMap(({ costUsd }) => costUsd ?? []);
  const n = judged.length;
  return {
    runs: executions.length,
    judged: n,
    successes,
    success:
      n === 0 ? null : { value: successes / n, interval: wilsonInterval(successes, n, 0.95) },
    rewards: meanRewards(executions),
    latencyMs:
      latencies.length === 0
        ? null
        : { p50: quantile(latencies, 0.5), p95: quantile(latencies, 0.95) },
    timed: latencies.length,
    costUsd: costs.length === 0 ? null : { sum: sum(costs), runs: costs.length },
    inputTokens: sumKnown(executions.map(({ inputTokens }) => inputTokens)),
    outputTokens: sumKnown(executions.map(({ outputTokens }) => outputTokens)),
    errors: sum(executions.map(({ errors }) => errors)),
  };
}

/** Milliseconds from start to end; `null` while it runs, and where its times are made up. */
export function latencyMs(execution: Execution): number | null {
  const { startTimeUnixNano: start, endTimeUnixNano: end, flags } = execution;
  if (end === null || flags.includes('time_synthetic')) return null;
  return Number(end - start) / 1e6;
}

export interface Bucket {
  readonly startUnixNano: bigint;
  readonly summary: Summary;
}

export interface Series {
  /** `hour`, `day`, … as people say it. */
  readonly step: string;
  readonly buckets: readonly Bucket[];
}

const hour = 3_600_000_000_000n;
const steps: readonly { readonly name: string; readonly nanos: bigint }[] = [
  { name: 'minute', nanos: hour / 60n },
  { name: '10 minutes', nanos: hour / 6n },
  { name: 'hour', nanos: hour },
  { name: '6 hours', nanos: 6n * hour },
  { name: 'day', nanos: 24n * hour },
  { name: 'week', nanos: 168n * hour },
  { name: '4 weeks', nanos: 672n * hour },
];
const mostBuckets = 40n;

/** By start, in the finest step that gives at most forty buckets; empty ones are left out. */
export function toSeries(executions: readonly Execution[]): Series {
  const starts = executions.map(({ startTimeUnixNano }) => startTimeUnixNano);
  const first = starts.reduce((a, b) => (b < a ? b : a), starts[0] ?? 0n);
  const last = starts.reduce((a, b) => (b > a ? b : a), first);
  const yearly = { name: 'year', nanos: 8_766n * hour };
  const step = steps.find(({ nanos }) => (last - first) / nanos < mostBuckets) ?? yearly;
  const groups = new Map<bigint, Execution[]>();
  for (const execution of executions) {
    const start = execution.startTimeUnixNano - (execution.startTimeUnixNano % step.nanos);
    const group = groups.get(start);
    if (group === undefined) groups.set(start, [execution]);
    else group.push(execution);
  }
  const buckets = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([startUnixNano, members]) => ({ startUnixNano, summary: summarize(members) }));
  return { step: step.name, buckets };
}

function meanRewards(executions: readonly Execution[]): Summary['rewards'] {
  const sums = new Map<string, { total: number; runs: number }>();
  for (const { rewards } of executions) {
    for (const [dimension, value] of Object.entries(rewards)) {
      const { total, runs } = sums.get(dimension) ?? { total: 0, runs: 0 };
      sums.set(dimension, { total: total + value, runs: runs + 1 });
    }
  }
  return [...sums].map(([dimension, { total, runs }]) => ({ dimension, mean: total / runs, runs }));
}

/** Linear between order statistics (Hyndman and Fan 1996, type 7). */
function quantile(sorted: readonly number[], p: number): number {
  const place = p * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function sumKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : sum(known);
}
