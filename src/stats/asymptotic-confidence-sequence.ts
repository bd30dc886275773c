import {
  requireFinite,
  requireNonNegative,
  requireOpenProbability,
  requirePositive,
} from './argument-checks';
import type { Interval } from '../model/interval';

/** An estimate and the sample it comes from. */
export interface SequentialEstimate {
  /** The estimate now, in its own unit. */
  readonly estimate: number;
  /** Its standard error now, same unit, >= 0. */
  readonly standardError: number;
  /** Units it rests on (both arms together), > 0. */
  readonly n: number;
}

/**
 * Asymptotic confidence sequence: an interval that may be looked at after every unit.
 *
 * Half-width se √n √(2 (n ρ² + 1) / (n ρ)² log(√(n ρ² + 1) / α)),
 * ρ² = (-2 log α + log(-2 log α + 1)) / plannedN.
 * Source: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory and
 * asymptotic confidence sequences" (arXiv 2103.06476), equations 9 and 161; GrowthBook gbstats.
 *
 * @param options - `alpha`, 1 - confidence, strictly between 0 and 1; `plannedN`, the units at
 *   which the interval is tightest, > 0
 * @throws RangeError when an argument is out of range
 */
export function asymptoticConfidenceSequence(
  { estimate, standardError, n }: SequentialEstimate,
  options: { readonly alpha: number; readonly plannedN: number },
): Interval {
  requireFinite('estimate', estimate);
  requireNonNegative('standardError', standardError);
  requirePositive('n', n);
  requireOpenProbability('alpha', options.alpha);
  requirePositive('plannedN', options.plannedN);
  const doubleLog = -2 * Math.log(options.alpha);
  const rho2 = (doubleLog + Math.log1p(doubleLog)) / options.plannedN;
  const information = n * rho2;
  const logTerm = 0.5 * Math.log1p(information) - Math.log(options.alpha);
  const factor = Math.sqrt(((2 * (information + 1)) / information) * logTerm);
  return { lower: estimate - factor * standardError, upper: estimate + factor * standardError };
}
