import { requireOpenProbability } from './argument-checks';
import type { Interval } from '../model/interval';
import { requireMoments, sampleVariance, type Moments } from './moments';
import { studentTQuantile, studentTTwoSided } from './student-t';

/** Result of {@link welchTest}; estimate, error and interval in the unit of the values. */
export interface WelchTest {
  /** mean(a) - mean(b). */
  readonly estimate: number;
  readonly standardError: number;
  /** Welch-Satterthwaite degrees of freedom, not an integer. */
  readonly df: number;
  readonly statistic: number;
  /** Two-sided. */
  readonly pValue: number;
  readonly interval: Interval;
}

/**
 * Welch's two-sample t test (B. L. Welch, 1947), as R's `t.test`.
 *
 * When both samples are constant their variance is unknown, not 0: the result then has standard
 * error 0, statistic 0, p-value 1 and an infinite interval.
 *
 * @param a - at least two values
 * @param b - at least two values
 * @param level - confidence of the interval, strictly between 0 and 1
 * @throws RangeError when a sample has fewer than two values or the level is out of range
 */
export function welchTest(a: Moments, b: Moments, level: number): WelchTest {
  const { standardError, df } = welchError(a, b);
  return tInference(a.mean - b.mean, standardError, df, level);
}

/** Standard error of mean(a) - mean(b) and its Welch-Satterthwaite degrees of freedom. */
export function welchError(
  a: Moments,
  b: Moments,
): { readonly standardError: number; readonly df: number } {
  requireMoments('a', a, 2);
  requireMoments('b', b, 2);
  const ofA = sampleVariance(a) / a.n;
  const ofB = sampleVariance(b) / b.n;
  const variance = ofA + ofB;
  if (variance === 0) return { standardError: 0, df: a.n + b.n - 2 };
  const shareA = ofA / variance;
  const shareB = ofB / variance;
  const df = 1 / ((shareA * shareA) / (a.n - 1) + (shareB * shareB) / (b.n - 1));
  return { standardError: Math.sqrt(variance), df };
}

/** Student's t test and interval of an estimate with a standard error on df degrees of freedom. */
export function tInference(
  estimate: number,
  standardError: number,
  df: number,
  level: number,
): WelchTest {
  requireOpenProbability('level', level);
  if (standardError === 0) {
    const interval = { lower: -Infinity, upper: Infinity };
    return { estimate, standardError, df, statistic: 0, pValue: 1, interval };
  }
  const statistic = estimate / standardError;
  const half = studentTQuantile(1 - (1 - level) / 2, df) * standardError;
  return {
    estimate,
    standardError,
    df,
    statistic,
    pValue: studentTTwoSided(statistic, df),
    interval: { lower: estimate - half, upper: estimate + half },
  };
}
