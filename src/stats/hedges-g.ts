import { logGamma } from './log-gamma';
import { requireMoments, type Moments } from './moments';

/**
 * Hedges' g: standardised mean difference (mean(a) - mean(b)) / pooled standard deviation, with the
 * exact small-sample factor Γ(df/2) / (√(df/2) Γ((df - 1)/2)), df = n_a + n_b - 2 (L. Hedges, 1981).
 *
 * @param a - at least two values
 * @param b - at least two values
 * @returns g in standard deviations; null when both samples are constant
 * @throws RangeError when a sample has fewer than two values
 */
export function hedgesG(a: Moments, b: Moments): number | null {
  requireMoments('a', a, 2);
  requireMoments('b', b, 2);
  const df = a.n + b.n - 2;
  const pooled = Math.sqrt((a.m2 + b.m2) / df);
  if (pooled === 0) return null;
  const logFactor = logGamma(df / 2) - logGamma((df - 1) / 2) - 0.5 * Math.log(df / 2);
  return (Math.exp(logFactor) * (a.mean - b.mean)) / pooled;
}
