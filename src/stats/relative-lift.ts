import type { Moments } from './moments';
import { requireMoments, sampleVariance } from './moments';
import { tInference, welchError, type WelchTest } from './welch-test';

/**
 * Relative lift (mean(a) - mean(b)) / mean(b) by the delta method, degrees of freedom of Welch.
 *
 * No room calls it: the published answers of GrowthBook's estimators are reproduced by it, also those of
 * `asymptotic-confidence-sequence`.
 *
 * Source: GrowthBook gbstats, relative difference:
 * variance = var(a) / (n_a mean(b)²) + var(b) mean(a)² / (n_b mean(b)⁴).
 *
 * @param a - treatment, at least two values
 * @param b - baseline, at least two values, mean not 0
 * @param level - confidence of the interval, strictly between 0 and 1
 * @returns estimate, error and interval as shares of the baseline (.1 is 10 % more)
 * @throws RangeError when a sample has fewer than two values, the baseline mean is 0 or the level
 *   is out of range
 */
export function relativeLift(a: Moments, b: Moments, level: number): WelchTest {
  requireMoments('a', a, 2);
  requireMoments('b', b, 2);
  if (b.mean === 0) throw new RangeError('b.mean must not be 0 for a relative lift, got 0');
  const ratio = a.mean / b.mean;
  const ofA = sampleVariance(a) / a.n;
  const ofB = (sampleVariance(b) / b.n) * ratio * ratio;
  const standardError = Math.sqrt(ofA + ofB) / Math.abs(b.mean);
  return tInference((a.mean - b.mean) / b.mean, standardError, welchError(a, b).df, level);
}
