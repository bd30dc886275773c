import { requireNumber, requireProbability } from './argument-checks';
import { logRegularizedGammaP, logRegularizedGammaQ } from './regularized-gamma';

const LOG_HALF = -Math.LN2;
const LOG_SQRT_TWO_PI = 0.9189385332046728;

/**
 * Upper tail P(Z > x) of the standard normal distribution, in [0, 1]. Relative error <= 1e-10 down
 * to 1e-300. Q(1/2, x²/2) / 2, Abramowitz and Stegun 26.2.30.
 *
 * @param x - any number, also infinite
 * @throws RangeError when x is NaN
 */
export function normalSf(x: number): number {
  return Math.exp(normalLogSf(x));
}

/** Natural logarithm of {@link normalSf}; does not underflow. */
export function normalLogSf(x: number): number {
  requireNumber('x', x);
  const square = 0.5 * x * x;
  if (square === Infinity) return x > 0 ? -Infinity : 0;
  if (x >= 0) return LOG_HALF + logRegularizedGammaQ(0.5, square);
  if (square > 1) return Math.log1p(-0.5 * Math.exp(logRegularizedGammaQ(0.5, square)));
  return LOG_HALF + Math.log1p(Math.exp(logRegularizedGammaP(0.5, square)));
}

/**
 * Quantile of the standard normal distribution: the z with P(Z <= z) = p.
 *
 * Newton steps on the log tail from Abramowitz and Stegun 26.2.23.
 *
 * @param p - in [0, 1]; 0 and 1 give -Infinity and Infinity
 * @throws RangeError when p is outside [0, 1]
 */
export function normalQuantile(p: number): number {
  requireProbability('p', p);
  if (p === 0) return -Infinity;
  if (p === 1) return Infinity;
  return p < 0.5 ? -upperQuantile(p) : upperQuantile(1 - p);
}

/** The z >= 0 with P(Z > z) = tail, tail in (0, .5]. */
function upperQuantile(tail: number): number {
  if (tail === 0.5) return 0;
  const logTail = Math.log(tail);
  const t = Math.sqrt(-2 * logTail);
  let z =
    t -
    (2.515517 + t * (0.802853 + t * 0.010328)) /
      (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  for (let i = 0; i < 4; i += 1) {
    const logSf = normalLogSf(Math.max(z, 0));
    const hazard = Math.exp(-0.5 * z * z - LOG_SQRT_TWO_PI - logSf);
    z += (logSf - logTail) / hazard;
  }
  return z;
}
