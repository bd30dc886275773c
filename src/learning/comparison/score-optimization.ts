import { normalSf } from '../../stats';
import type { ConfidenceScore } from './confidence-scorer';

/**
 * Intersection-union test (LEARNING 4 a): less is spent, and the outcome is not worse by the margin; p is the larger
 * of the two one-sided ones, doubled as those of other tests are two-sided.
 *
 * @param saving - of the logarithm of what is spent
 */
export function scoreOptimization(
  saving: ConfidenceScore,
  outcome: ConfidenceScore,
  margin: number,
): ConfidenceScore {
  const reason = saving.reason ?? whyNone(saving, outcome);
  if (reason !== null || outcome.effect === null) {
    return { ...saving, test: 'none', statistic: null, df: null, pValue: 1, reason };
  }
  const { estimate, standardError } = outcome.effect;
  const worse = standardError === 0 ? 1 : normalSf((estimate + margin) / standardError);
  return { ...saving, pValue: Math.min(1, 2 * Math.max(saving.pValue / 2, worse)) };
}

function whyNone(saving: ConfidenceScore, outcome: ConfidenceScore): string | null {
  if (saving.effect === null || saving.effect.estimate >= 0)
    return 'runs with it do not spend less';
  return outcome.effect === null ? 'its effect on the outcome is not known' : null;
}
