import { requireOpenProbability } from './argument-checks';
import { requireMoments, type Moments } from './moments';
import { tInference, welchError, type WelchTest } from './welch-test';

/** One stratum: the values of the units with and without the feature. */
export interface MomentsStratum {
  readonly withFeature: Moments;
  readonly without: Moments;
}

/** Result of {@link stratifiedWelch} with at least one informative stratum. */
export interface StratifiedWelch extends WelchTest {
  /** Number of strata given. */
  readonly strata: number;
  /** Number of strata that entered: two values a side and a positive variance. */
  readonly informativeStrata: number;
}

/** Result of {@link stratifiedWelch} when no stratum can enter. */
export interface StratifiedWelchUndefined {
  readonly estimate: null;
  readonly standardError: null;
  readonly df: null;
  readonly statistic: null;
  readonly pValue: null;
  readonly interval: null;
  readonly strata: number;
  readonly informativeStrata: 0;
}

/**
 * Difference of means, with minus without the feature, pooled over strata by inverse-variance
 * weights.
 *
 * A stratum enters when both sides have at least two values and at least one of them varies; the
 * others are left out and counted (`strata` - `informativeStrata`). The variance allows for the
 * weights being estimated (P. Meier, "Variance of a weighted mean", Biometrics 1953):
 * (1/Σw) (1 + 4 Σ (w_k/Σw)(1 - w_k/Σw) / df_k); the degrees of freedom are Satterthwaite's over
 * strata, 1 / Σ (w_k/Σw)² / df_k. With one stratum this is {@link welchTest}. With strata of fewer
 * than about ten units the weights are so noisy that the test is too liberal all the same.
 *
 * @param level - confidence of the interval, strictly between 0 and 1
 * @throws RangeError when moments are malformed or the level is out of range
 */
export function stratifiedWelch(
  strata: readonly MomentsStratum[],
  level: number,
): StratifiedWelch | StratifiedWelchUndefined {
  requireOpenProbability('level', level);
  const entered = strata.map(differenceOf).filter((entry) => entry !== null);
  const total = entered.reduce((sum, { weight }) => sum + weight, 0);
  if (entered.length === 0) return undefinedFor(strata.length);
  let estimate = 0;
  let inverseDf = 0;
  let inflation = 1;
  for (const { difference, weight, df } of entered) {
    const share = weight / total;
    estimate += share * difference;
    inverseDf += (share * share) / df;
    inflation += (4 * share * (1 - share)) / df;
  }
  const standardError = Math.sqrt(inflation / total);
  return {
    ...tInference(estimate, standardError, 1 / inverseDf, level),
    strata: strata.length,
    informativeStrata: entered.length,
  };
}

interface StratumDifference {
  readonly difference: number;
  readonly weight: number;
  readonly df: number;
}

function differenceOf({ withFeature, without }: MomentsStratum): StratumDifference | null {
  requireMoments('withFeature', withFeature, 0);
  requireMoments('without', without, 0);
  if (withFeature.n < 2 || without.n < 2) return null;
  const { standardError, df } = welchError(withFeature, without);
  const weight = 1 / (standardError * standardError);
  if (weight === Infinity) return null;
  return { difference: withFeature.mean - without.mean, weight, df };
}

function undefinedFor(strata: number): StratifiedWelchUndefined {
  return {
    estimate: null,
    standardError: null,
    df: null,
    statistic: null,
    pValue: null,
    interval: null,
    strata,
    informativeStrata: 0,
  };
}
