import { requireOpenProbability } from './argument-checks';
import type { Interval } from '../model/interval';
import { scoreInterval } from './proportion-interval';

export interface WeightedMean {
  readonly mean: number;
  readonly standardError: number;
  /** Of values in 0..1. */
  readonly interval: Interval;
  /** Values of equal weight that would tell as much. */
  readonly nEffective: number;
}

/**
 * Mean of values in 0..1 that were kept with known probabilities, each weighted by the inverse of its own
 * (Hájek 1971): Σwy / Σw, variance Σw²(y - m)² / (Σw)², as if each value was kept by itself. The interval is Wilson's
 * with the number of values of equal weight that have this variance (Korn and Graubard 1998).
 *
 * @param weights - from 0; a value of weight 0 says nothing
 * @param classes - of each value, where weights were made from how many of each class there were altogether
 * (poststratification): then the share of the classes is known, and only the spread within them was sampled
 * @param level - confidence, strictly between 0 and 1
 * @returns `null` where no value has a weight
 */
export function weightedMean(
  values: ArrayLike<number>,
  weights: ArrayLike<number>,
  level: number,
  classes?: ArrayLike<number>,
): WeightedMean | null {
  requireOpenProbability('level', level);
  let [total, sum, squares] = [0, 0, 0];
  for (let i = 0; i < values.length; i += 1) {
    const w = weights[i] as number;
    total += w;
    squares += w * w;
    sum += w * (values[i] as number);
  }
  if (!(total > 0)) return null;
  const mean = Math.min(1, Math.max(0, sum / total));
  const variance =
    (classes === undefined
      ? unitVariance(values, weights, mean)
      : classVariance(values, weights, mean, classes)) /
    (total * total);
  // Where all are equal the spread says nothing, and the weights alone tell how many there are.
  const nEffective =
    variance > 0 && mean > 0 && mean < 1
      ? (mean * (1 - mean)) / variance
      : (total * total) / squares;
  return {
    mean,
    standardError: Math.sqrt(variance),
    interval: scoreInterval(mean, nEffective, level),
    nEffective,
  };
}

function unitVariance(values: ArrayLike<number>, weights: ArrayLike<number>, mean: number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) {
    sum += ((weights[i] as number) * ((values[i] as number) - mean)) ** 2;
  }
  return sum;
}

/** Σ over classes of W²s²/n, what was sampled, and of W(ȳ - m)², what those that ended are themselves a sample of. */
function classVariance(
  values: ArrayLike<number>,
  weights: ArrayLike<number>,
  mean: number,
  classes: ArrayLike<number>,
): number {
  const known = new Map<number, { n: number; weight: number; sum: number; squares: number }>();
  for (let i = 0; i < values.length; i += 1) {
    const w = weights[i] as number;
    if (!(w > 0)) continue;
    const own = known.get(classes[i] as number) ?? { n: 0, weight: 0, sum: 0, squares: 0 };
    known.set(classes[i] as number, own);
    const off = (values[i] as number) - mean;
    own.n += 1;
    own.weight += w;
    own.sum += off;
    own.squares += off * off;
  }
  let variance = 0;
  for (const { n, weight, sum, squares } of known.values()) {
    const within = n < 2 ? 0 : Math.max(0, squares - (sum * sum) / n) / (n - 1);
    variance += (weight * weight * within) / n + weight * (sum / n) ** 2;
  }
  return variance;
}
