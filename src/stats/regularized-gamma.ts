import { requireNonNegative, requirePositive } from './argument-checks';
import { devianceTerm, stirlingError } from './log-gamma';

const LOG_TWO_PI = 1.8378770664093456;
const TINY = 1e-300;
const MAX_STEPS = 5_000_000;

/**
 * Lower regularized incomplete gamma function P(a, x), in [0, 1].
 *
 * @param a - shape, finite, > 0
 * @param x - finite, >= 0
 * @throws RangeError when an argument is out of range
 */
export function regularizedGammaP(a: number, x: number): number {
  return Math.exp(logRegularizedGammaP(a, x));
}

/**
 * Upper regularized incomplete gamma function Q(a, x) = 1 - P(a, x), in [0, 1]. Small values are
 * summed directly, relative error <= 1e-10 down to 1e-300.
 *
 * @param a - shape, finite, > 0
 * @param x - finite, >= 0
 * @throws RangeError when an argument is out of range
 */
export function regularizedGammaQ(a: number, x: number): number {
  return Math.exp(logRegularizedGammaQ(a, x));
}

/** Natural logarithm of {@link regularizedGammaP}; does not underflow. */
export function logRegularizedGammaP(a: number, x: number): number {
  requireArguments(a, x);
  if (x === 0) return -Infinity;
  if (x < a + 1) return logLowerSeries(a, x);
  return Math.log1p(-Math.exp(logUpperFraction(a, x)));
}

/** Natural logarithm of {@link regularizedGammaQ}; does not underflow. */
export function logRegularizedGammaQ(a: number, x: number): number {
  requireArguments(a, x);
  if (x === 0) return 0;
  if (x < a + 1) return Math.log(-Math.expm1(Math.min(logLowerSeries(a, x), 0)));
  return logUpperFraction(a, x);
}

function requireArguments(a: number, x: number): void {
  requirePositive('a', a);
  requireNonNegative('x', x);
}

/** Series x^a e^-x / Γ(a + 1) * (1 + x/(a+1) + x²/((a+1)(a+2)) + ...), DLMF 8.7.1. */
function logLowerSeries(a: number, x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; k < MAX_STEPS; k += 1) {
    term *= x / (a + k);
    sum += term;
    if (term < sum * 1e-17) return logPoissonTerm(a, x) + Math.log(sum);
  }
  throw new RangeError(`a must be small enough for the gamma series to converge, got ${a}`);
}

/** Continued fraction DLMF 8.9.2 by the modified Lentz method. */
function logUpperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let h = d;
  for (let i = 1; i < MAX_STEPS; i += 1) {
    const numerator = -i * (i - a);
    b += 2;
    d = 1 / awayFromZero(numerator * d + b);
    c = awayFromZero(b + numerator / c);
    const factor = d * c;
    h *= factor;
    if (Math.abs(factor - 1) < 3e-16) return logPoissonTerm(a, x) + Math.log(a) + Math.log(h);
  }
  throw new RangeError(`a must be small enough for the gamma fraction to converge, got ${a}`);
}

/** log(x^a e^-x / Γ(a + 1)) in saddle-point form: no large terms that cancel. */
function logPoissonTerm(a: number, x: number): number {
  return -stirlingError(a) - devianceTerm(a, x) - 0.5 * (LOG_TWO_PI + Math.log(a));
}

function awayFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}
