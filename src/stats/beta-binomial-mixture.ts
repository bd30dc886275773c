import {
  requireCount,
  requireFinite,
  requireNonNegative,
  requireOpenProbability,
  requirePositive,
} from './argument-checks';
import { findRoot } from './find-root';
import type { Interval } from '../model/interval';
import { logBeta } from './log-gamma';
import { normalMixtureRho } from './normal-mixture';
import { logRegularizedBeta } from './regularized-beta';

/** Tuning of the beta-binomial mixture martingale. */
export interface BetaBinomialOptions {
  /** Intrinsic time at which the bound is tightest, > 0. */
  readonly vOpt: number;
  /** Error level the tuning assumes, in (0, 1); one-sided below 1/2. */
  readonly alphaOpt: number;
  /** Increments lie in [-g, h]; > 0. */
  readonly g: number;
  /** Increments lie in [-g, h]; > 0. */
  readonly h: number;
  /** Whether only large positive sums count against the null. */
  readonly oneSided: boolean;
}

/**
 * Natural logarithm of the beta-binomial mixture martingale (an e-value) for a sum of increments
 * in [-g, h] with mean 0 under the null.
 *
 * No room calls it: Bernoulli confidence sequences as confseq publishes them, which what is called
 * (`asymptotic-confidence-sequence`, `blocked-e-process`) is held against.
 *
 * Source: Howard, Ramdas, McAuliffe and Sekhon (Annals of Statistics 2021), propositions 7 and 8;
 * package confseq.
 *
 * @param s - sum, in [-v/h, v/g]
 * @param v - intrinsic time g h n, finite, >= 0
 * @throws RangeError when an argument is out of range
 */
export function betaBinomialLogMixture(s: number, v: number, options: BetaBinomialOptions): number {
  const { g, h, oneSided } = options;
  requirePositive('g', g);
  requirePositive('h', h);
  requireFinite('s', s);
  requireNonNegative('v', v);
  if (s > (v / g) * (1 + 1e-12) || s < (-v / h) * (1 + 1e-12)) {
    throw new RangeError(`s must be in [${-v / h}, ${v / g}], got ${s}`);
  }
  const r = mixturePrecision(options);
  const x = oneSided ? h / (g + h) : 1;
  const downs = Math.max(0, v - g * s) / (g * (g + h));
  const ups = Math.max(0, v + h * s) / (h * (g + h));
  const priorDowns = r / (g * (g + h));
  const priorUps = r / (h * (g + h));
  return (
    (v / (g * h)) * Math.log(g + h) -
    ups * Math.log(g) -
    downs * Math.log(h) +
    logIncompleteBeta(priorDowns + downs, priorUps + ups, x) -
    logIncompleteBeta(priorDowns, priorUps, x)
  );
}

/**
 * Uniform boundary: the s at which the martingale reaches 1 / alpha, or the largest possible sum
 * v / g when it cannot.
 *
 * @param v - intrinsic time, finite, >= 0
 * @param alpha - error level, strictly between 0 and 1
 * @throws RangeError when an argument is out of range
 */
export function betaBinomialMixtureBound(
  v: number,
  alpha: number,
  options: BetaBinomialOptions,
): number {
  requireOpenProbability('alpha', alpha);
  const excess = (s: number): number => betaBinomialLogMixture(s, v, options) + Math.log(alpha);
  const largest = v / options.g;
  return excess(largest) < 0 ? largest : findRoot(excess, 0, largest);
}

/**
 * Confidence sequence of a success probability: the interval holds at all sample sizes at once.
 *
 * @param successes - 0..trials
 * @param trials - number of independent trials, > 0
 * @param options - `alpha`, 1 - confidence; `tOpt`, the number of trials at which the interval is
 *   tightest; `alphaOpt`, the level the tuning assumes, `@defaultValue` .05
 * @throws RangeError when an argument is out of range
 */
export function bernoulliConfidenceInterval(
  successes: number,
  trials: number,
  options: { readonly alpha: number; readonly tOpt: number; readonly alphaOpt?: number },
): Interval {
  requireArguments(successes, trials, options);
  const { alpha, tOpt, alphaOpt = 0.05 } = options;
  const share = successes / trials;
  const excess = (p: number, inside: number): number => {
    if (p <= 0 || p >= 1) return p === inside ? -1 : 1;
    const v = p * (1 - p);
    const tuning = { vOpt: v * tOpt, alphaOpt, g: p, h: 1 - p, oneSided: false };
    return betaBinomialLogMixture(successes - p * trials, v * trials, tuning) + Math.log(alpha);
  };
  return {
    lower: successes === 0 ? 0 : findRoot((p) => excess(p, 1), 0, share),
    upper: successes === trials ? 1 : findRoot((p) => excess(p, 0), share, 1),
  };
}

function requireArguments(
  successes: number,
  trials: number,
  options: { readonly alpha: number; readonly tOpt: number },
): void {
  requireCount('successes', successes);
  requireCount('trials', trials);
  if (trials === 0 || successes > trials) {
    throw new RangeError(`successes must be at most trials > 0, got ${successes} of ${trials}`);
  }
  requireOpenProbability('alpha', options.alpha);
  requirePositive('tOpt', options.tOpt);
}

function mixturePrecision({ vOpt, alphaOpt, g, h, oneSided }: BetaBinomialOptions): number {
  return Math.max(normalMixtureRho(vOpt, alphaOpt, oneSided) - g * h, 1e-3 * g * h);
}

/** log of the incomplete beta function ∫₀ˣ t^(a-1) (1-t)^(b-1) dt. */
function logIncompleteBeta(a: number, b: number, x: number): number {
  return logBeta(a, b) + (x === 1 ? 0 : logRegularizedBeta(x, a, b));
}
