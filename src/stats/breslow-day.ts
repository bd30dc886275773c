import { chiSquareSf } from './chi-square';
import { mantelHaenszelOddsRatio } from './mantel-haenszel-odds-ratio';
import { isInformative, marginsOf, type Margins, type Table2x2 } from './table-2x2';

/** Result of {@link breslowDay}; all null when the common odds ratio or a second stratum lacks. */
export type BreslowDay =
  | { readonly statistic: number; readonly df: number; readonly pValue: number }
  | { readonly statistic: null; readonly df: null; readonly pValue: null };

/**
 * Breslow-Day test of equal odds ratios over strata, at the Mantel-Haenszel odds ratio.
 *
 * No room calls it: the published answer for homogeneity of odds ratios, beside `cmh-test`.
 *
 * Source: Breslow and Day, "Statistical Methods in Cancer Research" I (1980), 4.4; `tarone`
 * subtracts Tarone's (1985) correction. Degrees of freedom: informative strata minus 1.
 *
 * @param options - `tarone`, `@defaultValue` false
 * @throws RangeError when a cell is not an integer count >= 0
 */
export function breslowDay(
  strata: readonly Table2x2[],
  options: { readonly tarone?: boolean } = {},
): BreslowDay {
  const { oddsRatio } = mantelHaenszelOddsRatio(strata, 0.95);
  const informative = strata.filter((table) => isInformative(marginsOf(table)));
  const df = informative.length - 1;
  if (oddsRatio === null || oddsRatio === 0 || df < 1) {
    return { statistic: null, df: null, pValue: null };
  }
  let statistic = 0;
  let excess = 0;
  let variance = 0;
  for (const table of informative) {
    const margins = marginsOf(table);
    const fitted = fittedCell(margins, oddsRatio);
    const cellVariance = varianceOfCell(margins, fitted);
    const residual = table.a - fitted;
    statistic += (residual * residual) / cellVariance;
    excess += residual;
    variance += cellVariance;
  }
  if (options.tarone === true) statistic -= (excess * excess) / variance;
  return { statistic, df, pValue: chiSquareSf(statistic, df) };
}

/** The a that gives a table of these margins the odds ratio: a root of a quadratic equation. */
function fittedCell(margins: Margins, oddsRatio: number): number {
  const { withFeature, without, successes } = margins;
  const quadratic = 1 - oddsRatio;
  const linear = without - successes + oddsRatio * (withFeature + successes);
  const constant = oddsRatio * withFeature * successes;
  const root = Math.sqrt(linear * linear + 4 * quadratic * constant);
  return linear < 0 ? (root - linear) / (2 * quadratic) : (2 * constant) / (linear + root);
}

function varianceOfCell(margins: Margins, a: number): number {
  const b = margins.withFeature - a;
  const c = margins.successes - a;
  const d = margins.without - c;
  return 1 / (1 / a + 1 / b + 1 / c + 1 / d);
}
