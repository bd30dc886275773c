import { requireCount, requireOpenProbability } from './argument-checks';
import { betaQuantile } from './beta';
import type { Interval } from '../model/interval';
import { normalQuantile } from './normal';

/**
 * Exact (Clopper and Pearson, 1934) confidence interval of a proportion.
 *
 * @param k - successes, 0..n
 * @param n - trials; with n = 0 the interval is [0, 1]
 * @param level - confidence, strictly between 0 and 1, e.g. .95
 * @throws RangeError when an argument is out of range
 */
export function clopperPearson(k: number, n: number, level: number): Interval {
  requireArguments(k, n, level);
  const tail = (1 - level) / 2;
  return {
    lower: k === 0 ? 0 : betaQuantile(tail, k, n - k + 1),
    upper: k === n ? 1 : betaQuantile(1 - tail, k + 1, n - k),
  };
}

/**
 * Score confidence interval of a proportion without continuity correction (E. B. Wilson, 1927).
 *
 * @param k - successes, 0..n
 * @param n - trials; with n = 0 the interval is [0, 1]
 * @param level - confidence, strictly between 0 and 1, e.g. .95
 * @throws RangeError when an argument is out of range
 */
export function wilsonInterval(k: number, n: number, level: number): Interval {
  requireArguments(k, n, level);
  return n === 0 ? { lower: 0, upper: 1 } : scoreInterval(k / n, n, level);
}

/** Wilson's interval of a share that rests on `n` trials, which need not be a whole number. */
export function scoreInterval(share: number, n: number, level: number): Interval {
  const z = normalQuantile(1 - (1 - level) / 2);
  const shrink = 1 + (z * z) / n;
  const centre = (share + (z * z) / (2 * n)) / shrink;
  const half = (z / shrink) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return {
    lower: share === 0 ? 0 : Math.max(0, centre - half),
    upper: share === 1 ? 1 : Math.min(1, centre + half),
  };
}

function requireArguments(k: number, n: number, level: number): void {
  requireCount('n', n);
  requireCount('k', k);
  if (k > n) throw new RangeError(`k must be at most n = ${n}, got ${k}`);
  requireOpenProbability('level', level);
}
