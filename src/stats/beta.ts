import { requirePositive, requireProbability } from './argument-checks';
import { findRoot } from './find-root';
import { logRegularizedBetaOfPair } from './regularized-beta';

/**
 * Quantile of the Beta(a, b) distribution: the x with I_x(a, b) = p.
 *
 * @param p - in [0, 1]; above .5 the equation is solved in the upper tail, so that nothing is lost
 * @param a - finite, > 0
 * @param b - finite, > 0
 * @returns x in [0, 1]
 * @throws RangeError when an argument is out of range
 */
export function betaQuantile(p: number, a: number, b: number): number {
  requireProbability('p', p);
  requirePositive('a', a);
  requirePositive('b', b);
  if (p === 0 || p === 1) return p;
  const tail = 1 - p;
  const excess =
    p <= 0.5
      ? (x: number): number => Math.exp(logRegularizedBetaOfPair(x, 1 - x, a, b)) - p
      : (x: number): number => tail - Math.exp(logRegularizedBetaOfPair(1 - x, x, b, a));
  return findRoot(excess, 0, 1);
}
