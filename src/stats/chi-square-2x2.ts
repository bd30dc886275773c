import { chiSquareLogSf } from './chi-square';
import { isInformative, marginsOf, type Table2x2 } from './table-2x2';

/** Result of {@link chiSquare2x2}. */
export interface ChiSquare2x2 {
  readonly statistic: number;
  readonly df: 1;
  readonly pValue: number;
  /** Natural logarithm of the p-value; does not underflow. */
  readonly logPValue: number;
}

/**
 * Pearson's chi-square test of a 2x2 table. Without correction it is the square of the pooled
 * two-proportion z test.
 *
 * @param options - `continuity`: Yates' correction max(0, |ad - bc| - n/2)
 * @returns statistic 0 and p 1 for a table with an empty margin, which says nothing
 * @throws RangeError when a cell is not an integer count >= 0
 */
export function chiSquare2x2(
  table: Table2x2,
  options: { readonly continuity: boolean },
): ChiSquare2x2 {
  const margins = marginsOf(table);
  const { n, withFeature, without, successes, failures } = margins;
  if (!isInformative(margins)) return { statistic: 0, df: 1, pValue: 1, logPValue: 0 };
  const determinant = Math.abs(table.a * table.d - table.b * table.c);
  const distance = Math.max(0, determinant - (options.continuity ? n / 2 : 0));
  const statistic = ((distance / withFeature / without) * n * distance) / successes / failures;
  const logPValue = chiSquareLogSf(statistic, 1);
  return { statistic, df: 1, pValue: Math.exp(logPValue), logPValue };
}
