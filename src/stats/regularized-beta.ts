import { requirePositive, requireProbability } from './argument-checks';
import { devianceTerm, stirlingError } from './log-gamma';

const LOG_TWO_PI = 1.8378770664093456;
const TINY = 1e-300;
const MAX_STEPS = 5_000_000;

/**
 * Regularized incomplete beta function I_x(a, b), in [0, 1]: the distribution function of a
 * Beta(a, b) variable. Relative error <= 1e-10 down to 1e-300.
 *
 * @param x - in [0, 1]
 * @param a - finite, > 0
 * @param b - finite, > 0
 * @throws RangeError when an argument is out of range
 */
export function regularizedBeta(x: number, a: number, b: number): number {
  return Math.exp(logRegularizedBeta(x, a, b));
}

/** Natural logarithm of {@link regularizedBeta}; does not underflow. */
export function logRegularizedBeta(x: number, a: number, b: number): number {
  requireProbability('x', x);
  return logRegularizedBetaOfPair(x, 1 - x, a, b);
}

/**
 * log I_x(a, b) from x and its complement y = 1 - x, each given to full precision, for callers
 * that know both (Student's t, binomial tails).
 *
 * @param x - in [0, 1]
 * @param y - 1 - x
 */
export function logRegularizedBetaOfPair(x: number, y: number, a: number, b: number): number {
  requireProbability('x', x);
  requireProbability('y', y);
  requirePositive('a', a);
  requirePositive('b', b);
  if (x === 0) return -Infinity;
  if (y === 0) return 0;
  if (x < (a + 1) / (a + b + 2)) return Math.min(0, logByFraction(x, y, a, b));
  return Math.log(-Math.expm1(Math.min(0, logByFraction(y, x, b, a))));
}

/**
 * Continued fraction of Didonato and Morris (ACM TOMS 708, 1992), as in Boost, by the modified
 * Lentz method. It takes y itself, so that nothing cancels when x is close to 1.
 */
function logByFraction(x: number, y: number, a: number, b: number): number {
  const start = a * y - b * x + 1;
  let h = (a * start) / (a + 1);
  let c = h;
  let d = 0;
  for (let m = 1; m < MAX_STEPS; m += 1) {
    const odd = a + 2 * m - 1;
    const middle = (m * (b - m) * x) / odd;
    const numerator = (((a + m - 1) * x) / odd) * (a + b + m - 1) * middle;
    const denominator = m + middle + ((a + m) * (start + m * (2 - x))) / (a + 2 * m + 1);
    d = 1 / awayFromZero(denominator + numerator * d);
    c = awayFromZero(denominator + numerator / c);
    const factor = c * d;
    h *= factor;
    if (Math.abs(factor - 1) < 3e-16) return logPrefix(x, y, a, b) - Math.log(h);
  }
  throw new RangeError(`a and b must let the beta fraction converge, got a=${a}, b=${b}`);
}

/**
 * log(x^a y^b / B(a, b)) in saddle-point form (Loader 2000). The two deviances absorb rounding of
 * x + y = 1, which b log y alone would multiply by b.
 */
function logPrefix(x: number, y: number, a: number, b: number): number {
  const n = a + b;
  const small = Math.min(a, b);
  const large = Math.max(a, b);
  return (
    stirlingError(n) -
    stirlingError(a) -
    stirlingError(b) -
    devianceTerm(a, n * x) -
    devianceTerm(b, n * y) +
    0.5 * (Math.log(small) + Math.log(large / n) - LOG_TWO_PI)
  );
}

function awayFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}
