import { requireCount, requireFinite, requireNonNegative } from './argument-checks';

/** Mergeable count, mean and centred sum of squares of one variable. */
export interface Moments {
  /** Number of values. */
  readonly n: number;
  /** Mean, in the unit of the values; 0 when n is 0. */
  readonly mean: number;
  /** Sum of squared deviations from the mean, in the squared unit of the values. */
  readonly m2: number;
}

/** Moments of no value at all, the neutral element of {@link mergeMoments}. */
export function emptyMoments(): Moments {
  return { n: 0, mean: 0, m2: 0 };
}

/**
 * Moments with one more value (B. P. Welford, 1962). No sum of squares is kept: on values with a
 * large mean that would lose every digit of the variance.
 *
 * @throws RangeError when x is not finite
 */
export function addValue(moments: Moments, x: number): Moments {
  requireFinite('x', x);
  const n = moments.n + 1;
  const difference = x - moments.mean;
  const mean = moments.mean + difference / n;
  return { n, mean, m2: moments.m2 + difference * (x - mean) };
}

/** Moments of two sets together (Chan, Golub and LeVeque, 1979). */
export function mergeMoments(a: Moments, b: Moments): Moments {
  if (a.n === 0) return b;
  if (b.n === 0) return a;
  const n = a.n + b.n;
  const difference = b.mean - a.mean;
  return {
    n,
    mean: a.mean + difference * (b.n / n),
    m2: a.m2 + b.m2 + difference * difference * ((a.n / n) * b.n),
  };
}

/** Moments of a list of values, in two passes. */
export function momentsOf(values: readonly number[]): Moments {
  if (values.length === 0) return emptyMoments();
  for (const x of values) requireFinite('every value', x);
  const rough = values.reduce((sum, x) => sum + x / values.length, 0);
  const correction = values.reduce((sum, x) => sum + (x - rough), 0) / values.length;
  const mean = rough + correction;
  const squares = values.reduce((sum, x) => sum + (x - mean) * (x - mean), 0);
  const rest = values.reduce((sum, x) => sum + (x - mean), 0);
  return { n: values.length, mean, m2: squares - (rest * rest) / values.length };
}

/**
 * Moments from a sum and a sum of squares that someone else reports. The centred sum is taken in
 * one step; where it comes out below 0 the digits are already lost and this throws.
 *
 * @param n - count, > 0
 * @param sum - sum of the values
 * @param sumOfSquares - sum of the squared values
 * @throws RangeError when an argument is out of range or the sums contradict each other
 */
export function momentsFromSums(n: number, sum: number, sumOfSquares: number): Moments {
  requireCount('n', n);
  requireFinite('sum', sum);
  requireNonNegative('sumOfSquares', sumOfSquares);
  if (n === 0) throw new RangeError('n must be > 0, got 0');
  const mean = sum / n;
  const m2 = sumOfSquares - sum * mean;
  if (m2 < 0)
    throw new RangeError(`sumOfSquares must be >= sum²/n = ${sum * mean}, got ${sumOfSquares}`);
  return { n, mean, m2 };
}

/**
 * Unbiased sample variance m2 / (n - 1), in the squared unit of the values.
 *
 * @throws RangeError when n < 2
 */
export function sampleVariance(moments: Moments): number {
  requireMoments('moments', moments, 2);
  return moments.m2 / (moments.n - 1);
}

/** Throws a RangeError unless the moments are well formed and hold at least `minimum` values. */
export function requireMoments(name: string, moments: Moments, minimum: number): void {
  requireCount(`${name}.n`, moments.n);
  requireFinite(`${name}.mean`, moments.mean);
  requireNonNegative(`${name}.m2`, moments.m2);
  if (moments.n < minimum) {
    throw new RangeError(`${name}.n must be at least ${minimum}, got ${moments.n}`);
  }
}
