import { requireOpenProbability, requireProbability } from './argument-checks';

/**
 * Benjamini-Hochberg adjusted p-values ("q-values"): q_(i) = min over j >= i of m p_(j) / j, cut
 * at 1 (Benjamini and Hochberg, 1995; R's `p.adjust(method = "BH")`).
 *
 * @param pValues - each in [0, 1]
 * @param familySize - m, where the p-values are a part of a larger family; ranks are counted in this part
 * @returns q-values in the original order
 * @throws RangeError when a p-value is outside [0, 1], or the family is smaller than its part
 */
export function benjaminiHochberg(
  pValues: readonly number[],
  familySize = pValues.length,
): number[] {
  for (const p of pValues) requireProbability('every p-value', p);
  if (!(familySize >= pValues.length)) {
    throw new RangeError(
      `familySize must be at least the ${pValues.length} p-values given, got ${familySize}`,
    );
  }
  const descending = pValues.map((p, index) => ({ p, index })).sort((x, y) => y.p - x.p);
  const qValues = new Array<number>(pValues.length).fill(1);
  let smallest = 1;
  descending.forEach(({ p, index }, position) => {
    smallest = Math.min(smallest, (p * familySize) / (pValues.length - position));
    qValues[index] = smallest;
  });
  return qValues;
}

/**
 * Which hypotheses Benjamini-Hochberg rejects: those with q <= alpha.
 *
 * @param pValues - each in [0, 1]
 * @param alpha - bound of the false discovery rate, strictly between 0 and 1
 * @returns one boolean per p-value, in the original order
 * @throws RangeError when an argument is out of range
 */
export function benjaminiHochbergRejections(pValues: readonly number[], alpha: number): boolean[] {
  requireOpenProbability('alpha', alpha);
  return benjaminiHochberg(pValues).map((q) => q <= alpha);
}
