import { requireOpenProbability } from './argument-checks';
import { seededRandom } from './seeded-random';

/** Means of several measures over the same units of one arm. */
export interface ArmMeans {
  readonly n: number;
  readonly means: readonly number[];
  /** Covariance of the measures between units, row by row. */
  readonly covariance: readonly (readonly number[])[];
}

export interface SimultaneousDifferences {
  /** Multiplies a standard error, in place of 1.96. */
  readonly criticalValue: number;
  /** One arm minus another, in one measure. */
  difference(
    arm: number,
    other: number,
    measure: number,
  ): { readonly estimate: number; readonly lower: number; readonly upper: number };
}

const draws = 10_000;

const { abs, cos, log, sin, sqrt } = Math;

/**
 * Intervals of all differences between arms, in all measures, that hold together with probability `level`: the
 * max-t method of Hothorn, Bretz and Westfall (2008), with the quantile of max |t| under the joint normal
 * approximation simulated. Measures of one arm are correlated as its units show; arms are independent.
 *
 * @param arms - each with at least two units and the same measures
 * @param seed - the same seed gives the same intervals
 * @throws RangeError for a level outside (0, 1) or fewer than two units
 */
export function simultaneousDifferences(
  arms: readonly ArmMeans[],
  level: number,
  seed: string | number,
): SimultaneousDifferences {
  requireOpenProbability('level', level);
  for (const { n } of arms) if (!(n >= 2)) throw new RangeError(`n must be >= 2, got ${n}`);
  const factors = arms.map(({ covariance, n }) => choleskyOfMeans(covariance, n));
  const measures = arms[0]?.means.length ?? 0;
  const errors = arms.map(({ covariance, n }) => covariance.map((row, d) => (row[d] ?? 0) / n));
  const errorOf = (a: number, b: number, d: number): number =>
    Math.sqrt((errors[a]?.[d] ?? 0) + (errors[b]?.[d] ?? 0));
  const normal = standardNormals(seededRandom(seed));
  const pairs = pairErrors(arms.length, measures, errorOf);
  const values = new Float64Array(arms.length * measures);
  const maxima = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw += 1) {
    factors.forEach((factor, a) => drawCorrelated(factor, normal, values, a * measures));
    let most = 0;
    for (const { one, other, error } of pairs) {
      const distance = abs((values[one] ?? 0) - (values[other] ?? 0)) / error;
      if (distance > most) most = distance;
    }
    maxima[draw] = most;
  }
  maxima.sort();
  const criticalValue = maxima[Math.min(draws - 1, Math.ceil(level * draws) - 1)] ?? 0;
  return {
    criticalValue,
    difference(arm, other, measure) {
      const estimate = (arms[arm]?.means[measure] ?? NaN) - (arms[other]?.means[measure] ?? NaN);
      const half = criticalValue * errorOf(arm, other, measure);
      return { estimate, lower: estimate - half, upper: estimate + half };
    },
  };
}

/** Box and Muller (1958): two at a time. */
function standardNormals(random: () => number): () => number {
  let other: number | null = null;
  return () => {
    if (other !== null) {
      const kept = other;
      other = null;
      return kept;
    }
    const radius = sqrt(-2 * log(1 - random()));
    const angle = fullTurn * random();
    other = radius * sin(angle);
    return radius * cos(angle);
  };
}

const fullTurn = 2 * Math.PI;

/** Places of the two values of every difference that can vary, with its standard error. */
function pairErrors(
  arms: number,
  measures: number,
  errorOf: (a: number, b: number, d: number) => number,
): { readonly one: number; readonly other: number; readonly error: number }[] {
  const pairs = [];
  for (let a = 0; a < arms; a += 1) {
    for (let b = 0; b < a; b += 1) {
      for (let d = 0; d < measures; d += 1) {
        const error = errorOf(a, b, d);
        if (error > 0) pairs.push({ one: a * measures + d, other: b * measures + d, error });
      }
    }
  }
  return pairs;
}

/** Lower factor of covariance / n; a measure that the others settle, or that is constant, gets a zero column. */
function choleskyOfMeans(
  covariance: readonly (readonly number[])[],
  n: number,
): readonly (readonly number[])[] {
  const size = covariance.length;
  const factor = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = (covariance[i]?.[j] ?? 0) / n;
      for (let k = 0; k < j; k += 1) sum -= (factor[i]?.[k] ?? 0) * (factor[j]?.[k] ?? 0);
      const pivot = factor[j]?.[j] ?? 0;
      if (i === j) factor[i]![j] = Math.sqrt(Math.max(0, sum));
      else factor[i]![j] = pivot > 0 ? sum / pivot : 0;
    }
  }
  return factor;
}

/** Writes one draw of an arm's means to `values` from `start` on. */
function drawCorrelated(
  factor: readonly (readonly number[])[],
  normal: () => number,
  values: Float64Array,
  start: number,
): void {
  for (let d = 0; d < factor.length; d += 1) values[start + d] = 0;
  for (let k = 0; k < factor.length; k += 1) {
    const z = normal();
    for (let d = k; d < factor.length; d += 1) {
      values[start + d] = (values[start + d] ?? 0) + (factor[d]?.[k] ?? 0) * z;
    }
  }
}
