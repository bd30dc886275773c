import type { LogRecord, SpanRecord } from '../model/span';
import type { EvolutionStore, IngestBatch, IngestResult, Refusal, SpanSink } from '../model/ports';
import type { RewardClaim } from '../model/reward';
import type { PriceTable, RedactionPolicy } from '../semantics';
import { interpretLog, interpretSpan, redactReward, redactSpan } from '../semantics';

export interface IngestOptions {
  readonly store: Pick<EvolutionStore, 'write'>;
  readonly policy: RedactionPolicy;
  readonly prices: PriceTable;
}

/** Every entrance ends here: interpret, redact, write; resolves after the commit. */
export function createIngest({ store, policy, prices }: IngestOptions): SpanSink {
  return {
    async accept(batch: IngestBatch): Promise<IngestResult> {
      const spans = batch.spans.map((span: SpanRecord) =>
        redactSpan({ span, meaning: interpretSpan(span, { prices }) }, policy),
      );
      const { rewards, refused } = readRewards(batch.logs ?? [], batch.rewards ?? [], policy);
      const written = await store.write({ spans, rewards: rewards.map(({ claim }) => claim) });
      return {
        ...written,
        refused: [...refused, ...written.refused.map((refusal) => atOrigin(refusal, rewards))],
      };
    },
  };
}

/** A claim with the place in the batch that it came from. */
interface PlacedClaim {
  readonly claim: RewardClaim;
  readonly part: Refusal['part'];
  readonly index: number;
}

function readRewards(
  logs: readonly LogRecord[],
  given: readonly RewardClaim[],
  policy: RedactionPolicy,
): { rewards: PlacedClaim[]; refused: Refusal[] } {
  const refused: Refusal[] = [];
  const rewards: PlacedClaim[] = given.map((claim, index) => ({
    claim: redactReward(claim, policy),
    part: 'rewards',
    index,
  }));
  logs.forEach((log, index) => {
    const claim = interpretLog(log);
    if ('refused' in claim) refused.push({ part: 'logs', index, reason: claim.refused });
    else rewards.push({ claim: redactReward(claim, policy), part: 'logs', index });
  });
  return { rewards, refused };
}

/** The store counts rewards in the list it was given; the caller counts in the list it sent. */
function atOrigin(refusal: Refusal, rewards: readonly PlacedClaim[]): Refusal {
  const origin = refusal.part === 'rewards' ? rewards[refusal.index] : undefined;
  return origin === undefined
    ? refusal
    : { part: origin.part, index: origin.index, reason: refusal.reason };
}
