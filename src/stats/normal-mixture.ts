import {
  requireFinite,
  requireNonNegative,
  requireOpenProbability,
  requirePositive,
} from './argument-checks';
import { findRoot } from './find-root';
import { normalLogSf } from './normal';

/**
 * Normal mixture martingales for a sum S with intrinsic time V (sub-Gaussian variance): exp(log m)
 * is an e-value at every time, and P(S ever exceeds the bound) <= alpha (two-sided: |S|).
 *
 * Source: Howard, Ramdas, McAuliffe and Sekhon, "Time-uniform, nonparametric, nonasymptotic
 * confidence sequences" (Annals of Statistics 2021), propositions 5 and 6; R and Python package
 * confseq.
 */
export interface NormalMixtureOptions {
  /** Mixture precision, > 0, in the unit of V; see {@link normalMixtureRho}. */
  readonly rho: number;
  /** Whether only large positive S count against the null. */
  readonly oneSided: boolean;
}

/**
 * The rho whose bound is tightest at the time vOpt.
 *
 * @param vOpt - intrinsic time, > 0
 * @param alphaOpt - error level, in (0, 1); one-sided below 1/2
 * @throws RangeError when an argument is out of range
 */
export function normalMixtureRho(vOpt: number, alphaOpt: number, oneSided: boolean): number {
  requirePositive('vOpt', vOpt);
  requireOpenProbability('alphaOpt', alphaOpt);
  const alpha = oneSided ? 2 * alphaOpt : alphaOpt;
  requireOpenProbability(oneSided ? '2 alphaOpt' : 'alphaOpt', alpha);
  const doubleLog = -2 * Math.log(alpha);
  return vOpt / (doubleLog + Math.log1p(doubleLog));
}

/**
 * Natural logarithm of the mixture martingale (an e-value) at sum s and intrinsic time v.
 *
 * No room calls it: the bounds that confseq publishes, which `asymptotic-confidence-sequence` is held against.
 *
 * @param s - sum, finite
 * @param v - intrinsic time, finite, >= 0
 * @throws RangeError when an argument is out of range
 */
export function normalLogMixture(s: number, v: number, options: NormalMixtureOptions): number {
  requireFinite('s', s);
  requireNonNegative('v', v);
  requirePositive('rho', options.rho);
  const spread = v + options.rho;
  const twoSided = 0.5 * Math.log(options.rho / spread) + (s * s) / (2 * spread);
  if (!options.oneSided) return twoSided;
  return twoSided + Math.LN2 + normalLogSf(-s / Math.sqrt(spread));
}

/**
 * Uniform boundary: the s at which the mixture martingale reaches 1 / alpha.
 *
 * @param v - intrinsic time, finite, >= 0
 * @param alpha - error level, strictly between 0 and 1
 * @throws RangeError when an argument is out of range
 */
export function normalMixtureBound(
  v: number,
  alpha: number,
  options: NormalMixtureOptions,
): number {
  requireNonNegative('v', v);
  requireOpenProbability('alpha', alpha);
  requirePositive('rho', options.rho);
  const spread = v + options.rho;
  const twoSided = Math.sqrt(spread * (Math.log(spread / options.rho) - 2 * Math.log(alpha)));
  if (!options.oneSided) return twoSided;
  return findRoot((s) => normalLogMixture(s, v, options) + Math.log(alpha), 0, twoSided);
}
