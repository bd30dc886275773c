import { requireNumber, requirePositive, requireProbability } from './argument-checks';
import { findRoot } from './find-root';
import { logBeta } from './log-gamma';
import { normalQuantile } from './normal';
import { logRegularizedBetaOfPair } from './regularized-beta';

/**
 * Upper tail P(T > t) of Student's t distribution (one-sided), in [0, 1]. Relative error <= 1e-10
 * down to 1e-300. Abramowitz and Stegun 26.7.1 by the incomplete beta function.
 *
 * @param t - any number, also infinite
 * @param df - degrees of freedom, finite, > 0, not necessarily an integer
 * @throws RangeError when t is NaN or df is out of range
 */
export function studentTSf(t: number, df: number): number {
  return Math.exp(studentTLogSf(t, df));
}

/** Natural logarithm of {@link studentTSf}; does not underflow. */
export function studentTLogSf(t: number, df: number): number {
  const logTwoSided = studentTLogTwoSided(t, df);
  return t >= 0 ? logTwoSided - Math.LN2 : Math.log1p(-0.5 * Math.exp(logTwoSided));
}

/** P(|T| > |t|), in [0, 1]; arguments and precision as {@link studentTSf}. */
export function studentTTwoSided(t: number, df: number): number {
  return Math.exp(studentTLogTwoSided(t, df));
}

/** Natural logarithm of {@link studentTTwoSided}; does not underflow. */
function studentTLogTwoSided(t: number, df: number): number {
  requireNumber('t', t);
  requirePositive('df', df);
  const scaled = Math.abs(t) / Math.sqrt(df);
  if (scaled === Infinity) return -Infinity;
  if (scaled > FAR) return -df * Math.log(scaled) - Math.log(df / 2) - logBeta(df / 2, 0.5);
  const square = scaled * scaled;
  return logRegularizedBetaOfPair(1 / (1 + square), square / (1 + square), df / 2, 0.5);
}

/**
 * Quantile of Student's t distribution: the t with P(T <= t) = p.
 *
 * @param p - in [0, 1]; 0 and 1 give -Infinity and Infinity
 * @param df - degrees of freedom, finite, > 0
 * @throws RangeError when p is outside [0, 1], df is out of range, or the quantile exceeds the
 *   range of a double
 */
export function studentTQuantile(p: number, df: number): number {
  requireProbability('p', p);
  requirePositive('df', df);
  if (p === 0) return -Infinity;
  if (p === 1) return Infinity;
  return p < 0.5 ? -upperQuantile(p, df) : upperQuantile(1 - p, df);
}

/** Beyond this |t| / √df the first term of the tail series is exact in double precision. */
const FAR = 1e8;

/** The t >= 0 with P(T > t) = tail, tail in (0, .5]. */
function upperQuantile(tail: number, df: number): number {
  if (tail === 0.5) return 0;
  const logTail = Math.log(tail);
  const excess = (t: number): number => studentTLogSf(t, df) - logTail;
  let lower = 0;
  let upper = Math.max(-normalQuantile(tail), 1e-8);
  while (excess(upper) > 0) {
    lower = upper;
    upper *= 2;
    if (upper === Infinity) throw new RangeError(`p must leave a finite quantile, df ${df}`);
  }
  return findRoot(excess, lower, upper);
}
