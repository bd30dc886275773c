import type { SpanMeaning, SpanRecord } from '../model/span';
import { scoreOf } from './rewards/make-claim';

/** Why a span that only brings a reward is of no use: its score is no finite number. `null` where it is. */
export function refusedCarrier(record: SpanRecord, meaning: SpanMeaning): string | null {
  if (!meaning.carrier || meaning.rewards.length > 0) return null;
  const key = scoreKeys.find((name) => scoreOf(record.attributes[name]) === 'not_finite');
  return key === undefined ? null : `${key} is not a finite number: send a score of 0 to 1`;
}

const scoreKeys: readonly string[] = [
  'reward.value',
  'gen_ai.evaluation.score.value',
  'agentlightning.reward.0.value',
  'reward',
];
