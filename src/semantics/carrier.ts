import type { SpanMeaning, SpanRecord } from '../model/span';
import { readLinkQuery } from './link-query';
import type { Findings } from './read-concepts';
import { scoreOf } from './rewards/make-claim';

export const REWARD_CARRIER = 'evolution.reward';
export const TAGS_CARRIER = 'evolution.tags';

/**
 * A carrier is feedback that was sent after the fact in the shape of a span. It is
 *
 * - a span named `evolution.reward` or `evolution.tags`;
 * - a span named `agentlightning.annotation` or `agentlightning.reward` that has no attribute beyond
 *   rewards, links, tags and the ids of its attempt, and carries a reward or names a target (tags
 *   without a target are about the run it stands in, so that span is no carrier);
 * - a span with OpenInference annotations or evaluations that says no role of its own and has
 *   exactly one span link, or judges a whole trace or session.
 */
export function isCarrier(record: SpanRecord, said: Findings): boolean {
  if (record.name === REWARD_CARRIER || record.name === TAGS_CARRIER) return true;
  if (said.familyKeys?.has('annotation') === true) return isAnnotationCarrier(record, said);
  return lightningCarriers.has(record.name) && isLightningCarrier(record, said);
}

/** The one span that a carrier's span link names. */
export function linkedSpan(record: SpanRecord): { traceId: string; spanId: string } | null {
  const link =
    record.links.length === 1
      ? record.links[0]
      : record.links.find(({ attributes }) => attributes['link.type'] === 'reward_for_operation');
  return link === undefined ? null : { traceId: link.traceId, spanId: link.spanId };
}

const lightningCarriers: ReadonlySet<string> = new Set([
  'agentlightning.annotation',
  'agentlightning.reward',
]);

const lightningIds: ReadonlySet<string> = new Set([
  'agentlightning.rollout_id',
  'agentlightning.attempt_id',
  'agentlightning.span_sequence_id',
  'agentlightning.tracer.name',
  'task.id',
  'execution.id',
]);

function isLightningCarrier(record: SpanRecord, said: Findings): boolean {
  const of = (family: 'lightningReward' | 'lightningLink' | 'lightningTag'): readonly string[] =>
    said.familyKeys?.get(family) ?? [];
  const feedback = new Set([
    ...of('lightningReward'),
    ...of('lightningLink'),
    ...of('lightningTag'),
    'reward',
  ]);
  const keys = Object.keys(record.attributes);
  if (!keys.every((key) => feedback.has(key) || lightningIds.has(key))) return false;
  const rewarded = of('lightningReward').length > 0 || keys.includes('reward');
  return rewarded || record.links.length > 0 || readLinkQuery(record, said) !== null;
}

function isAnnotationCarrier(record: SpanRecord, said: Findings): boolean {
  if (said.role !== null) return false;
  if (record.links.length === 1) return true;
  const keys = said.familyKeys?.get('annotation') ?? [];
  return keys.every((key) => key.startsWith('trace.') || key.startsWith('session.'));
}

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
