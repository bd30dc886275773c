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
 * How strata are weighed. `inverse-variance`: by 1 / their estimated variance, the most powerful
 * with some ten or more units a side and outcomes whose spread does not follow their mean.
 * `mantel-haenszel`: by n_1 n_0 / n, which no outcome can influence; for many small strata (the
 * repeated runs of one task) and for binary outcomes.
 */
export type StratumWeights = 'inverse-variance' | 'mantel-haenszel';

/**
 * Difference of means, with minus without the feature, pooled over strata.
 *
 * A stratum enters when both sides have at least two values and at least one of them varies; the
 * others are left out and counted (`strata` - `informativeStrata`). With shares s_k = w_k / Σw and
 * stratum variances v_k on df_k (Welch) degrees of freedom, the variance is Σ s_k² v_k and its
 * degrees of freedom are Satterthwaite's, (Σ s_k² v_k)² / Σ (s_k² v_k)² / df_k. Inverse-variance
 * weights are themselves estimated, so their variance is inflated by
 * 1 + 4 Σ s_k (1 - s_k) / df_k (P. Meier, "Variance of a weighted mean", Biometrics 1953); that
 * holds the level of .05 with ten units a side and more, gives .07 with five and .4 with two, where
 * only `mantel-haenszel` holds it. With one stratum this is {@link welchTest}.
 *
 * @param level - confidence of the interval, strictly between 0 and 1
 * @param weights - `@defaultValue` 'inverse-variance'
 * @throws RangeError when moments are malformed or the level is out of range
 */
export function stratifiedWelch(
  strata: readonly MomentsStratum[],
  level: number,
  weights: StratumWeights = 'inverse-variance',
): StratifiedWelch | StratifiedWelchUndefined {
  requireOpenProbability('level', level);
  const entered = strata.map(differenceOf).filter((entry) => entry !== null);
  if (entered.length === 0) return undefinedFor(strata.length);
  const estimated = weights === 'inverse-variance';
  const weightOf = (entry: StratumDifference): number =>
    estimated ? 1 / entry.variance : entry.size;
  const total = entered.reduce((sum, entry) => sum + weightOf(entry), 0);
  let estimate = 0;
  let variance = 0;
  let squares = 0;
  let inflation = 1;
  for (const entry of entered) {
    const share = weightOf(entry) / total;
    const part = share * share * entry.variance;
    estimate += share * entry.difference;
    variance += part;
    squares += (part * part) / entry.df;
    if (estimated) inflation += (4 * share * (1 - share)) / entry.df;
  }
  const standardError = Math.sqrt(variance * inflation);
  return {
    ...tInference(estimate, standardError, (variance * variance) / squares, level),
    strata: strata.length,
    informativeStrata: entered.length,
  };
}

interface StratumDifference {
  readonly difference: number;
  readonly variance: number;
  readonly df: number;
  /** n_1 n_0 / n. */
  readonly size: number;
}

function differenceOf({ withFeature, without }: MomentsStratum): StratumDifference | null {
  requireMoments('withFeature', withFeature, 0);
  requireMoments('without', without, 0);
  if (withFeature.n < 2 || without.n < 2) return null;
  const { standardError, df } = welchError(withFeature, without);
  const variance = standardError * standardError;
  if (variance === 0) return null;
  const size = (withFeature.n * without.n) / (withFeature.n + without.n);
  return { difference: withFeature.mean - without.mean, variance, df, size };
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
