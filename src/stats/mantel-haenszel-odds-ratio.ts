import { requireOpenProbability } from './argument-checks';
import type { Interval } from '../model/interval';
import { normalQuantile } from './normal';
import { marginsOf, type Table2x2 } from './table-2x2';

/**
 * Mantel-Haenszel common odds ratio Σ(ad/n) / Σ(bc/n) with the interval of Robins, Breslow and
 * Greenland (1986) on the log scale.
 *
 * @param level - confidence, strictly between 0 and 1
 * @returns `oddsRatio` 0 when the numerator is 0 and null when the denominator is; `interval` null
 *   in both cases
 * @throws RangeError when a cell is not an integer count >= 0 or the level is out of range
 */
export function mantelHaenszelOddsRatio(
  strata: readonly Table2x2[],
  level: number,
): { readonly oddsRatio: number | null; readonly interval: Interval | null } {
  requireOpenProbability('level', level);
  const { r, s, pr, mixed, qs } = robinsSums(strata);
  if (s === 0) return { oddsRatio: null, interval: null };
  const oddsRatio = r / s;
  if (oddsRatio === 0) return { oddsRatio, interval: null };
  const variance = pr / (2 * r * r) + mixed / (2 * r * s) + qs / (2 * s * s);
  const half = normalQuantile(1 - (1 - level) / 2) * Math.sqrt(variance);
  return {
    oddsRatio,
    interval: { lower: oddsRatio * Math.exp(-half), upper: oddsRatio * Math.exp(half) },
  };
}

function robinsSums(strata: readonly Table2x2[]): {
  readonly r: number;
  readonly s: number;
  readonly pr: number;
  readonly mixed: number;
  readonly qs: number;
} {
  const sums = { r: 0, s: 0, pr: 0, mixed: 0, qs: 0 };
  for (const table of strata) {
    const { n } = marginsOf(table);
    if (n === 0) continue;
    const p = (table.a + table.d) / n;
    const q = (table.b + table.c) / n;
    const r = (table.a * table.d) / n;
    const s = (table.b * table.c) / n;
    sums.r += r;
    sums.s += s;
    sums.pr += p * r;
    sums.mixed += p * s + q * r;
    sums.qs += q * s;
  }
  return sums;
}
