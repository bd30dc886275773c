import type { RewardClaim, RewardTarget } from '../../model/reward';
import type { SpanRecord } from '../../model/span';
import { textOf } from '../attribute-value';
import type { Findings } from '../read-concepts';
import { isScore, makeClaim, scoreOf, sourceOf } from './make-claim';

/** The reward of our carrier span `evolution.reward`; source `code` where none is said. */
export function evolutionReward(
  record: SpanRecord,
  said: Findings,
  target: RewardTarget,
): readonly RewardClaim[] {
  const { attributes } = record;
  const score = scoreOf(attributes['reward.value'] ?? attributes['gen_ai.evaluation.score.value']);
  if (score === 'not_finite') return [];
  const text = (key: string): string | null => textOf(attributes[key]);
  const claim = makeClaim(
    {
      id: text('reward.id'),
      target: explicitTarget(text) ?? target,
      name: text('reward.name') ?? text('gen_ai.evaluation.name') ?? 'reward',
      score,
      dimensions: dimensionsOf(record, said),
      feedback: text('reward.feedback') ?? text('gen_ai.evaluation.explanation'),
      label: text('reward.label') ?? text('gen_ai.evaluation.score.label'),
      source: sourceOf(text('reward.source'), 'code'),
      evaluator: text('reward.evaluator'),
      timestampUnixNano: record.startTimeUnixNano,
      supersedes: text('reward.supersedes'),
    },
    [record.traceId, record.spanId],
  );
  return claim === null ? [] : [claim];
}

const DIMENSION = 'reward.dimension.';

function dimensionsOf(record: SpanRecord, said: Findings): Readonly<Record<string, number>> {
  const dimensions = Object.create(null) as Record<string, number>;
  for (const key of said.familyKeys?.get('rewardDimension') ?? []) {
    const score = scoreOf(record.attributes[key]);
    if (score !== 'not_finite' && isScore(score)) dimensions[key.slice(DIMENSION.length)] = score;
  }
  return dimensions;
}

function explicitTarget(text: (key: string) => string | null): RewardTarget | null {
  const executionId = text('reward.target.execution_id');
  if (executionId !== null) return { kind: 'execution', executionId };
  const taskId = text('reward.target.task_id');
  return taskId === null ? null : { kind: 'task', taskId };
}
