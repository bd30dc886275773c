import type { Attributes } from '../../model/attributes';
import type { RewardClaim, RewardTarget } from '../../model/reward';
import { textOf } from '../attribute-value';
import { type ClaimOrigin, makeClaim, scoreOf, sourceOf } from './make-claim';

/**
 * OpenTelemetry's evaluation event, as a span event or as a log record.
 * @see https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/gen-ai-events.md
 */
export const EVALUATION_RESULT = 'gen_ai.evaluation.result';

/**
 * The claim of one evaluation event. The event does not say who judged; without `reward.source` it
 * counts as `llm`, the source that yields to every other.
 */
export function evaluationResult(
  attributes: Attributes,
  target: RewardTarget,
  timestampUnixNano: bigint,
  origin: ClaimOrigin,
): RewardClaim | { readonly refused: string } {
  const name = textOf(attributes['gen_ai.evaluation.name']);
  if (name === null) {
    return {
      refused: `${EVALUATION_RESULT} without gen_ai.evaluation.name; send the metric's name`,
    };
  }
  const score = scoreOf(attributes['gen_ai.evaluation.score.value']);
  if (score === 'not_finite') {
    return { refused: `gen_ai.evaluation.score.value of "${name}" is not a finite number` };
  }
  const claim = makeClaim(
    {
      target,
      name,
      score,
      feedback: textOf(attributes['gen_ai.evaluation.explanation']),
      label: textOf(attributes['gen_ai.evaluation.score.label']),
      source: sourceOf(textOf(attributes['reward.source']), 'llm'),
      evaluator: textOf(attributes['reward.evaluator']),
      timestampUnixNano,
    },
    origin,
  );
  return claim ?? { refused: `evaluation "${name}" has no score, no label and no explanation` };
}
