import {
  chiSquareSf,
  mergeMoments,
  normalQuantile,
  type Interval,
  type MomentsStratum,
} from '../../stats';

/** Result of {@link meanScoreTest}; all null when no stratum is informative. */
export type MeanScoreTest =
  | {
      readonly estimate: number;
      readonly standardError: number;
      readonly statistic: number;
      readonly df: 1;
      readonly pValue: number;
      readonly interval: Interval;
      readonly informativeStrata: number;
    }
  | {
      readonly estimate: null;
      readonly standardError: null;
      readonly statistic: null;
      readonly df: null;
      readonly pValue: null;
      readonly interval: null;
      readonly informativeStrata: 0;
    };

/**
 * Mean-score Mantel-Haenszel test: the CMH test for outcomes of any value (Landis, Heyman and Koch,
 * 1978). Within a stratum the feature is exchangeable given the values, so the sum of the values with
 * it has mean n₁·m and variance n₁n₀/n · s², s² the stratum's variance over n - 1. It serves strata of
 * two or three runs, whose own arms have no variance; for 0/1 values it is the CMH test.
 *
 * The estimate weighs the strata's differences by n₁n₀/n; its error comes from the same variance,
 * which contains the effect itself and therefore errs to the wide side.
 *
 * @param level - of the interval, above 0 and below 1
 */
export function meanScoreTest(strata: readonly MomentsStratum[], level: number): MeanScoreTest {
  let excess = 0;
  let variance = 0;
  let weight = 0;
  let informativeStrata = 0;
  for (const { withFeature, without } of strata) {
    if (withFeature.n === 0 || without.n === 0) continue;
    const { n, m2 } = mergeMoments(withFeature, without);
    const stratumWeight = (withFeature.n * without.n) / n;
    weight += stratumWeight;
    if (m2 <= 0) continue;
    informativeStrata += 1;
    excess += stratumWeight * (withFeature.mean - without.mean);
    variance += (stratumWeight * m2) / (n - 1);
  }
  if (informativeStrata === 0) return uninformative;
  const estimate = excess / weight;
  const standardError = Math.sqrt(variance) / weight;
  const statistic = (excess * excess) / variance;
  const half = normalQuantile(1 - (1 - level) / 2) * standardError;
  return {
    estimate,
    standardError,
    statistic,
    df: 1,
    pValue: chiSquareSf(statistic, 1),
    interval: { lower: estimate - half, upper: estimate + half },
    informativeStrata,
  };
}

const uninformative: MeanScoreTest = {
  estimate: null,
  standardError: null,
  statistic: null,
  df: null,
  pValue: null,
  interval: null,
  informativeStrata: 0,
};
