import { requireOpenProbability, requireProbability } from './argument-checks';
import { normalQuantile } from './normal';

/**
 * Units per arm that a two-sided test of two proportions needs, normal approximation with pooled
 * variance under the null (R's `power.prop.test`, rounded up). A base for "about n more runs".
 *
 * @param p1 - success share of one arm, in [0, 1]
 * @param p2 - success share of the other arm, in [0, 1], different from p1
 * @param alpha - level of the test, strictly between 0 and 1
 * @param power - strictly between 0 and 1
 * @returns an integer >= 1
 * @throws RangeError when an argument is out of range or p1 = p2
 */
export function requiredSampleSizeTwoProportions(
  p1: number,
  p2: number,
  alpha: number,
  power: number,
): number {
  requireProbability('p1', p1);
  requireProbability('p2', p2);
  requireOpenProbability('alpha', alpha);
  requireOpenProbability('power', power);
  if (p1 === p2) throw new RangeError(`p1 and p2 must differ, got ${p1} twice`);
  const mean = (p1 + p2) / 2;
  const underNull = -normalQuantile(alpha / 2) * Math.sqrt(2 * mean * (1 - mean));
  const underEffect = normalQuantile(power) * Math.sqrt(p1 * (1 - p1) + p2 * (1 - p2));
  return Math.max(1, Math.ceil(((underNull + underEffect) / (p1 - p2)) ** 2));
}
