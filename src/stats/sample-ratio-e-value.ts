import { requireCount, requirePositive } from './argument-checks';
import { logGamma } from './log-gamma';

/** Evidence that units do not arrive in the planned ratio. */
export interface SampleRatioEvidence {
  /** Log probability of the assignments, shares unknown with a Dirichlet prior. */
  readonly logAlternative: number;
  /** Log probability of the assignments under the planned weights. */
  readonly logNull: number;
  /** Natural logarithm of the e-value, logAlternative - logNull; valid at every unit. */
  readonly logEValue: number;
}

/**
 * Anytime-valid test of the sample ratio: Dirichlet-multinomial against the planned multinomial.
 * The evidence after each unit of a stream depends on the counts so far only, so it is computed
 * from them. The chance that the e-value ever reaches 1/alpha is at most alpha when the plan holds.
 *
 * No room calls it: the multinomial test of Lindon and Malek in one step, which `sample-ratio-process`, that
 * takes units one by one, is held against.
 *
 * Source: Lindon and Malek, "Anytime-valid inference for multinomial count data" (2022).
 *
 * @param counts - units per arm so far
 * @param weights - planned weights per arm, > 0, on any scale
 * @param options - `concentration` of the prior around the plan (`@defaultValue` 100), or a `prior`
 *   of its own: Dirichlet parameters per arm, > 0
 * @throws RangeError when the lists differ in length, have fewer than two arms or hold bad values
 */
export function sampleRatioEValue(
  counts: readonly number[],
  weights: readonly number[],
  options: { readonly concentration?: number; readonly prior?: readonly number[] } = {},
): SampleRatioEvidence {
  const shares = normalised(weights);
  const concentration = options.concentration ?? 100;
  requirePositive('concentration', concentration);
  const prior = options.prior ?? shares.map((share) => share * concentration);
  requireArms(counts, weights, prior);
  let logAlternative = 0;
  let logNull = 0;
  counts.forEach((count, arm) => {
    logAlternative += logRisingFactorial(prior[arm] ?? 0, count);
    logNull += count === 0 ? 0 : count * Math.log(shares[arm] ?? 0);
  });
  logAlternative -= logRisingFactorial(sumOf(prior), sumOf(counts));
  return { logAlternative, logNull, logEValue: logAlternative - logNull };
}

function normalised(weights: readonly number[]): number[] {
  for (const weight of weights) requirePositive('every weight', weight);
  const total = sumOf(weights);
  return weights.map((weight) => weight / total);
}

function requireArms(
  counts: readonly number[],
  weights: readonly number[],
  prior: readonly number[],
): void {
  const lengths = [counts.length, weights.length, prior.length];
  if (weights.length < 2 || lengths.some((length) => length !== weights.length)) {
    throw new RangeError(
      `counts, weights and prior must be equally long and >= 2, got ${lengths.join(', ')}`,
    );
  }
  for (const count of counts) requireCount('every count', count);
  for (const parameter of prior) requirePositive('every prior parameter', parameter);
}

/** log Γ(x + count) - log Γ(x). */
function logRisingFactorial(x: number, count: number): number {
  return count === 0 ? 0 : logGamma(x + count) - logGamma(x);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
