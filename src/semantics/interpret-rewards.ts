import type { RewardClaim, RewardTarget } from '../model/reward';
import type { SpanRecord } from '../model/span';
import { linkedSpan, REWARD_CARRIER } from './carrier';
import { readLinkQuery } from './link-query';
import type { Findings } from './read-concepts';
import { annotations } from './rewards/annotations';
import { EVALUATION_RESULT, evaluationResult } from './rewards/evaluation-result';
import { evolutionReward } from './rewards/evolution-reward';
import { lightningRewards } from './rewards/lightning-rewards';

/** Every judgement a span brings, in whatever dialect; one that cannot be read is left out. */
export function interpretRewards(
  record: SpanRecord,
  said: Findings,
  about: {
    readonly carrier: boolean;
    readonly executionId: string | null;
    readonly sessionId: string | null;
  },
): readonly RewardClaim[] {
  if (record.name === REWARD_CARRIER) {
    return evolutionReward(record, said, targetOf(record, said, about.executionId));
  }
  const claims = [
    ...lightningRewards(record, said, () => targetOf(record, said, about.executionId)),
  ];
  if (said.familyKeys?.has('annotation') === true) claims.push(...annotations(record, said, about));
  for (const [index, event] of record.events.entries()) {
    if (event.name !== EVALUATION_RESULT) continue;
    const { traceId, spanId } = record;
    const target = { kind: 'span', traceId, spanId } as const;
    const origin = [traceId, spanId, index];
    const claim = evaluationResult(event.attributes, target, event.timeUnixNano, origin);
    if (!('refused' in claim)) claims.push(claim);
  }
  return claims;
}

/** The one linked span; else the link by query; else the run the span says it belongs to. */
function targetOf(record: SpanRecord, said: Findings, executionId: string | null): RewardTarget {
  const linked = linkedSpan(record);
  if (linked !== null) return { kind: 'span', ...linked };
  const query = readLinkQuery(record, said);
  if (query !== null) return query;
  if (executionId !== null) return { kind: 'execution', executionId };
  return { kind: 'trace', traceId: record.traceId };
}
