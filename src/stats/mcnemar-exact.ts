import { requireCount } from './argument-checks';
import { binomialLowerTail } from './binomial';

/**
 * Exact McNemar test of paired binary outcomes: two-sided binomial test of b against c.
 *
 * @param b - pairs in which only the first member succeeded
 * @param c - pairs in which only the second member succeeded
 * @returns the p-value min(1, 2 P(X <= min(b, c))), X from Binomial(b + c, 1/2); 1 without
 *   discordant pairs
 * @throws RangeError when a count is not an integer >= 0
 */
export function mcnemarExact(b: number, c: number): number {
  requireCount('b', b);
  requireCount('c', c);
  return Math.min(1, 2 * binomialLowerTail(Math.min(b, c), b + c, 0.5));
}
