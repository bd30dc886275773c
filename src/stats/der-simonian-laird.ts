import { requireFinite, requireOpenProbability, requirePositive } from './argument-checks';
import { chiSquareSf } from './chi-square';
import type { Interval } from '../model/interval';
import { normalQuantile } from './normal';

/** A pooled effect in the unit of the effects. */
export interface PooledEffect {
  readonly estimate: number;
  readonly standardError: number;
  readonly interval: Interval;
}

/** Result of {@link derSimonianLaird}. */
export interface RandomEffects extends PooledEffect {
  /** Variance between the cells, in the squared unit of the effects, >= 0. */
  readonly tau2: number;
  /** Share of the variation that is between the cells, in [0, 1). */
  readonly i2: number;
  /** Cochran's Q. */
  readonly q: number;
  /** Degrees of freedom of Q. */
  readonly df: number;
  /** P-value of Q; 1 with a single effect. */
  readonly heterogeneityPValue: number;
  /** The pooled effect if all cells shared one true effect. */
  readonly fixedEffect: PooledEffect;
}

/**
 * Random-effects mean by the moment estimator of DerSimonian and Laird (1986), normal intervals, as
 * metafor's `rma(method = "DL")`.
 *
 * @param effects - at least one effect
 * @param variances - sampling variance of each effect, > 0, in its squared unit
 * @param level - confidence, strictly between 0 and 1, `@defaultValue` .95
 * @throws RangeError when the lists are empty, differ in length or hold bad values
 */
export function derSimonianLaird(
  effects: readonly number[],
  variances: readonly number[],
  level = 0.95,
): RandomEffects {
  requireLists(effects, variances);
  requireOpenProbability('level', level);
  const fixedEffect = pool(effects, variances, 0, level);
  const weights = variances.map((variance) => 1 / variance);
  const total = sumOf(weights);
  const q = sumOf(effects.map((y, i) => (weights[i] ?? 0) * (y - fixedEffect.estimate) ** 2));
  const df = effects.length - 1;
  const scale = total - sumOf(weights.map((w) => w * w)) / total;
  const tau2 = df === 0 ? 0 : Math.max(0, (q - df) / scale);
  return {
    ...pool(effects, variances, tau2, level),
    tau2,
    i2: q > df ? (q - df) / q : 0,
    q,
    df,
    heterogeneityPValue: df === 0 ? 1 : chiSquareSf(q, df),
    fixedEffect,
  };
}

function requireLists(effects: readonly number[], variances: readonly number[]): void {
  if (effects.length === 0 || effects.length !== variances.length) {
    throw new RangeError(
      `effects and variances must be equally long and not empty, got ${effects.length} and ${variances.length}`,
    );
  }
  for (const effect of effects) requireFinite('every effect', effect);
  for (const variance of variances) requirePositive('every variance', variance);
}

function pool(
  effects: readonly number[],
  variances: readonly number[],
  tau2: number,
  level: number,
): PooledEffect {
  const weights = variances.map((variance) => 1 / (variance + tau2));
  const total = sumOf(weights);
  const estimate = sumOf(effects.map((y, i) => y * (weights[i] ?? 0))) / total;
  const standardError = Math.sqrt(1 / total);
  const half = normalQuantile(1 - (1 - level) / 2) * standardError;
  return { estimate, standardError, interval: { lower: estimate - half, upper: estimate + half } };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
