import type { DecisionRules, Observation, VariantAnalysis } from '../model/experiment';
import { asymptoticConfidenceSequence, normalSf } from '../stats';
import { armMeanByPropensity, type WeightedOutcome } from './thompson';

const Z = 1.959963984540054;

/**
 * The read-outs of an allocation that followed the outcomes: plain means of what it was drawn to are biased, so each mean is that of
 * augmented inverse-propensity scores, predicted from the units before.
 */
export function byPropensity(
  described: readonly VariantAnalysis[],
  observations: readonly Observation[],
  rules: DecisionRules,
): VariantAnalysis[] {
  const outcomes = weighted(observations, rules);
  const [control, ...others] = rules.arms.map((_, arm) => armMeanByPropensity(outcomes, arm));
  return described.map((variant, arm) => {
    const own = arm === 0 ? control : others[arm - 1];
    if (own === undefined || control === undefined || variant.units < 2) return variant;
    const { estimate: mean, standardError } = own;
    const interval = { lower: mean - Z * standardError, upper: mean + Z * standardError };
    if (variant.lift === null) return { ...variant, mean, interval };
    const estimate = mean - control.estimate;
    const error = Math.hypot(standardError, control.standardError);
    const options = { alpha: rules.alpha, plannedN: Math.max(1, rules.cap) };
    const lift = {
      estimate,
      interval: { lower: estimate - Z * error, upper: estimate + Z * error },
      alwaysValidInterval: asymptoticConfidenceSequence(
        { estimate, standardError: error, n: outcomes.length },
        options,
      ),
    };
    return { ...variant, mean, interval, lift, pValue: 2 * normalSf(Math.abs(estimate) / error) };
  });
}

function weighted(
  observations: readonly Observation[],
  { arms }: DecisionRules,
): WeightedOutcome[] {
  const counts = arms.map(() => ({ n: 0, sum: 0 }));
  return observations.flatMap(({ arm: name, value, propensities }) => {
    const arm = arms.findIndex((one) => one.name === name);
    const count = counts[arm];
    if (value === null || count === undefined) return [];
    const predictions = counts.map(({ n, sum }) => (sum + 1) / (n + 2));
    count.n += 1;
    count.sum += value;
    const logged = arms.map((one) => propensities?.[one.name] ?? one.share);
    return [{ arm, value, propensities: logged, predictions }];
  });
}
