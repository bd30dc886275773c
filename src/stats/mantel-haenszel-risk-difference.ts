import { requireOpenProbability } from './argument-checks';
import type { Interval } from '../model/interval';
import { normalQuantile } from './normal';
import { marginsOf, type Table2x2 } from './table-2x2';

/** Difference of two success shares, with the feature minus without, in [-1, 1]. */
export interface RiskDifference {
  readonly estimate: number;
  readonly standardError: number;
  readonly interval: Interval;
}

/**
 * Mantel-Haenszel risk difference over strata, weights (a+b)(c+d)/n, with the variance of Sato
 * (1989; Greenland and Robins' form), which is consistent both for few large and for many small
 * strata.
 *
 * Strata with both rows count even when all their units succeed or fail: their difference is 0.
 * They say nothing on the odds ratio and are not informative strata of the test.
 *
 * @param level - confidence, strictly between 0 and 1; the interval is cut to [-1, 1]
 * @returns null when no stratum has both rows
 * @throws RangeError when a cell is not an integer count >= 0 or the level is out of range
 */
export function mantelHaenszelRiskDifference(
  strata: readonly Table2x2[],
  level: number,
): RiskDifference | null {
  requireOpenProbability('level', level);
  let weight = 0;
  let weighted = 0;
  let p = 0;
  let q = 0;
  for (const table of strata) {
    const { n, withFeature, without } = marginsOf(table);
    if (withFeature === 0 || without === 0) continue;
    const one = withFeature / n;
    const other = without / n;
    weight += withFeature * other;
    weighted += table.a * other - table.c * one;
    p +=
      table.c * one * one - table.a * other * other + (one * other * (without - withFeature)) / 2;
    q += (table.a * (table.d / n) + table.c * (table.b / n)) / 2;
  }
  if (weight === 0) return null;
  const estimate = weighted / weight;
  const standardError = Math.sqrt(Math.max(0, estimate * p + q)) / weight;
  const half = normalQuantile(1 - (1 - level) / 2) * standardError;
  return {
    estimate,
    standardError,
    interval: { lower: Math.max(-1, estimate - half), upper: Math.min(1, estimate + half) },
  };
}
