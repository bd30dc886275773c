import { requireOpenProbability } from './argument-checks';
import { chiSquareLogSf } from './chi-square';
import type { Interval } from '../model/interval';
import { mantelHaenszelOddsRatio } from './mantel-haenszel-odds-ratio';
import {
  mantelHaenszelRiskDifference,
  type RiskDifference,
} from './mantel-haenszel-risk-difference';
import { isInformative, marginsOf, type Table2x2 } from './table-2x2';

/** Result of {@link cmhTest} with at least one informative stratum. */
export interface CmhTest {
  readonly statistic: number;
  readonly df: 1;
  readonly pValue: number;
  /** Natural logarithm of the p-value; does not underflow. */
  readonly logPValue: number;
  /** Mantel-Haenszel odds ratio, 0 when its numerator is 0, null when its denominator is 0. */
  readonly oddsRatio: number | null;
  /** Robins-Breslow-Greenland interval of the odds ratio; null where that is 0 or null. */
  readonly oddsRatioInterval: Interval | null;
  readonly riskDifference: RiskDifference;
  /** Number of strata given. */
  readonly strata: number;
  /** Number of strata whose four margins are positive. */
  readonly informativeStrata: number;
}

/** Result of {@link cmhTest} when no stratum says anything on the association. */
export interface CmhUndefined {
  readonly statistic: null;
  readonly df: 1;
  readonly pValue: null;
  readonly logPValue: null;
  readonly oddsRatio: null;
  readonly oddsRatioInterval: null;
  readonly riskDifference: null;
  readonly strata: number;
  readonly informativeStrata: 0;
}

/**
 * Cochran-Mantel-Haenszel test of conditional independence in 2x2 tables over strata.
 *
 * Statistic max(0, |Σ(a - E)| - correction)² / Σ Var with hypergeometric mean and variance
 * (Mantel and Haenszel, 1959); correction 1/2 with `continuity`. As R's `mantelhaen.test`, but 0
 * instead of a squared negative when the difference is below the correction.
 *
 * @param options - `continuity`; `level` of both intervals, strictly between 0 and 1,
 *   `@defaultValue` .95
 * @throws RangeError when a cell is not an integer count >= 0 or the level is out of range
 */
export function cmhTest(
  strata: readonly Table2x2[],
  options: { readonly continuity: boolean; readonly level?: number },
): CmhTest | CmhUndefined {
  const level = options.level ?? 0.95;
  requireOpenProbability('level', level);
  const { difference, variance, informativeStrata } = sumOverStrata(strata);
  const riskDifference = mantelHaenszelRiskDifference(strata, level);
  if (informativeStrata === 0 || riskDifference === null) return undefinedFor(strata.length);
  const distance = Math.max(0, Math.abs(difference) - (options.continuity ? 0.5 : 0));
  const statistic = (distance * distance) / variance;
  const logPValue = chiSquareLogSf(statistic, 1);
  const { oddsRatio, interval } = mantelHaenszelOddsRatio(strata, level);
  return {
    statistic,
    df: 1,
    pValue: Math.exp(logPValue),
    logPValue,
    oddsRatio,
    oddsRatioInterval: interval,
    riskDifference,
    strata: strata.length,
    informativeStrata,
  };
}

function sumOverStrata(strata: readonly Table2x2[]): {
  readonly difference: number;
  readonly variance: number;
  readonly informativeStrata: number;
} {
  let difference = 0;
  let variance = 0;
  let informativeStrata = 0;
  for (const table of strata) {
    const margins = marginsOf(table);
    if (!isInformative(margins)) continue;
    const { n, withFeature, without, successes, failures } = margins;
    informativeStrata += 1;
    difference += (table.a * table.d - table.b * table.c) / n;
    variance += ((withFeature * without) / n / n) * ((successes * failures) / (n - 1));
  }
  return { difference, variance, informativeStrata };
}

function undefinedFor(strata: number): CmhUndefined {
  return {
    statistic: null,
    df: 1,
    pValue: null,
    logPValue: null,
    oddsRatio: null,
    oddsRatioInterval: null,
    riskDifference: null,
    strata,
    informativeStrata: 0,
  };
}
