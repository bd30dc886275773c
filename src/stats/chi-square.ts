import { requireNumber, requirePositive } from './argument-checks';
import { logRegularizedGammaQ } from './regularized-gamma';

/**
 * Upper tail P(X > x) of the chi-square distribution, in [0, 1]. Relative error <= 1e-10 down to
 * 1e-300. Q(df/2, x/2), Abramowitz and Stegun 26.4.19.
 *
 * @param x - any number, also infinite; values below 0 give 1
 * @param df - degrees of freedom, finite, > 0, not necessarily an integer
 * @throws RangeError when x is NaN or df is out of range
 */
export function chiSquareSf(x: number, df: number): number {
  return Math.exp(chiSquareLogSf(x, df));
}

/** Natural logarithm of {@link chiSquareSf}; does not underflow. */
export function chiSquareLogSf(x: number, df: number): number {
  requireNumber('x', x);
  requirePositive('df', df);
  if (x <= 0) return 0;
  if (x === Infinity) return -Infinity;
  return logRegularizedGammaQ(df / 2, x / 2);
}
