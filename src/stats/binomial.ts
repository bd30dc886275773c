import { requireCount, requireProbability } from './argument-checks';
import { devianceTerm, stirlingError } from './log-gamma';
import { logRegularizedBetaOfPair } from './regularized-beta';

/**
 * Lower tail P(X <= k) of the Binomial(n, p) distribution, in [0, 1]; small values are summed
 * directly, never 1 minus the other tail.
 *
 * @param k - count, 0..n
 * @param n - number of trials
 * @param p - success probability, in [0, 1]
 * @throws RangeError when an argument is out of range
 */
export function binomialLowerTail(k: number, n: number, p: number): number {
  requireArguments(k, n, p);
  return k === n ? 1 : Math.exp(logRegularizedBetaOfPair(1 - p, p, n - k, k + 1));
}

/** Upper tail P(X >= k) of the Binomial(n, p) distribution; as {@link binomialLowerTail}. */
export function binomialUpperTail(k: number, n: number, p: number): number {
  requireArguments(k, n, p);
  return k === 0 ? 1 : Math.exp(logRegularizedBetaOfPair(p, 1 - p, k, n - k + 1));
}

/**
 * Natural logarithm of P(X = k) for X from Binomial(n, p), in saddle-point form
 * (C. Loader, "Fast and accurate computation of binomial probabilities", 2000).
 *
 * @throws RangeError when an argument is out of range
 */
export function binomialLogProbability(k: number, n: number, p: number): number {
  requireArguments(k, n, p);
  if (k === 0) return n === 0 ? 0 : n * Math.log1p(-p);
  if (k === n) return n * Math.log(p);
  if (p === 0 || p === 1) return -Infinity;
  return (
    stirlingError(n) -
    stirlingError(k) -
    stirlingError(n - k) -
    devianceTerm(k, n * p) -
    devianceTerm(n - k, n * (1 - p)) -
    0.5 * Math.log(2 * Math.PI * k * (1 - k / n))
  );
}

function requireArguments(k: number, n: number, p: number): void {
  requireCount('n', n);
  requireCount('k', k);
  if (k > n) throw new RangeError(`k must be at most n = ${n}, got ${k}`);
  requireProbability('p', p);
}
