import type { PairedAnalysis } from '../model/experiment';
import {
  mcnemarExact,
  momentsOf,
  normalQuantile,
  sampleVariance,
  studentTQuantile,
  tInference,
} from '../stats';

export interface TaskValue {
  readonly taskId: string;
  readonly treated: boolean;
  readonly value: number;
}

/**
 * Two arms over the tasks that ran under both: what makes a task hard is then on both sides. Exact McNemar
 * where each ran once under each and values are 0 or 1, else a t test of the task's differences of means.
 * `null` below two such tasks.
 */
export function analyzePaired(values: readonly TaskValue[], level = 0.95): PairedAnalysis | null {
  const pairs = pairsOf(values);
  if (pairs.length < 2) return null;
  const differences = pairs.map(({ control, treated }) => mean(treated) - mean(control));
  const moments = momentsOf(differences);
  const standardError = Math.sqrt(sampleVariance(moments) / moments.n);
  const df = moments.n - 1;
  const t = tInference(moments.mean, standardError, df, level);
  const half = standardError === 0 ? 0 : studentTQuantile((1 + level) / 2, df) * standardError;
  const interval = { lower: moments.mean - half, upper: moments.mean + half };
  const base = { tasks: pairs.length, estimate: moments.mean, interval };
  if (!pairs.every(({ control, treated }) => isBinaryOnce(control) && isBinaryOnce(treated))) {
    return { ...base, onlyControl: null, onlyTreatment: null, test: 'paired_t', pValue: t.pValue };
  }
  const onlyControl = differences.filter((difference) => difference < 0).length;
  const onlyTreatment = differences.filter((difference) => difference > 0).length;
  const pValue = mcnemarExact(onlyControl, onlyTreatment);
  return { ...base, onlyControl, onlyTreatment, test: 'mcnemar_exact', pValue };
}

/** More tasks until a difference as large as the one seen is shown with a power of .8. */
export function moreTasksNeeded(
  values: readonly TaskValue[],
  target: number,
  alpha: number,
): number | null {
  const pairs = pairsOf(values);
  if (pairs.length < 2 || target === 0) return null;
  const variance = sampleVariance(
    momentsOf(pairs.map(({ control, treated }) => mean(treated) - mean(control))),
  );
  const z = normalQuantile(1 - alpha / 2) + normalQuantile(0.8);
  return Math.max(0, Math.ceil((z * z * variance) / (target * target)) - pairs.length);
}

interface Pair {
  readonly control: number[];
  readonly treated: number[];
}

function pairsOf(values: readonly TaskValue[]): Pair[] {
  const tasks = new Map<string, Pair>();
  for (const { taskId, treated, value } of values) {
    const pair = tasks.get(taskId) ?? { control: [], treated: [] };
    (treated ? pair.treated : pair.control).push(value);
    tasks.set(taskId, pair);
  }
  return [...tasks.values()].filter(
    ({ control, treated }) => control.length > 0 && treated.length > 0,
  );
}

function isBinaryOnce(values: readonly number[]): boolean {
  return values.length === 1 && (values[0] === 0 || values[0] === 1);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
