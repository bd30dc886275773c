import { isInformative, marginsOf, type Table2x2 } from './table-2x2';

/**
 * Phi coefficient (Pearson correlation of two binary variables), in [-1, 1].
 *
 * @returns (ad - bc) / √(product of the margins); null when a margin is empty
 * @throws RangeError when a cell is not an integer count >= 0
 */
export function phiCoefficient(table: Table2x2): number | null {
  const margins = marginsOf(table);
  if (!isInformative(margins)) return null;
  const { withFeature, without, successes, failures } = margins;
  const scale = Math.sqrt(withFeature * successes) * Math.sqrt(without * failures);
  return (table.a * table.d - table.b * table.c) / scale;
}
