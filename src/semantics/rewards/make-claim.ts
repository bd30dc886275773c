import { nodeCrypto } from '../../node-crypto';
import type { AttributeValue } from '../../model/attributes';
import type { RewardClaim, RewardSource, RewardTarget } from '../../model/reward';
import { numberOf } from '../attribute-value';

/** What makes one judgement different from another that was sent in the same place. */
export type ClaimOrigin = readonly (string | number | null)[];

export interface ReadReward {
  /** As the sender named it, so that a later reward can supersede it. @defaultValue the hash */
  readonly id?: string | null | undefined;
  readonly target: RewardTarget;
  readonly name: string;
  readonly score: number | null;
  readonly dimensions?: Readonly<Record<string, number>> | undefined;
  readonly feedback: string | null;
  readonly label: string | null;
  readonly source: RewardSource;
  readonly evaluator: string | null;
  readonly timestampUnixNano: bigint;
  readonly supersedes?: string | null | undefined;
}

/**
 * A judgement as a claim, with an id that is the same whenever it is sent again: SHA-256 over
 * target, name, evaluator, source and origin, the first 32 hex digits. `null` where it judges nothing.
 */
export function makeClaim(judgement: ReadReward, origin: ClaimOrigin): RewardClaim | null {
  const { target, name, score, feedback, label, source, evaluator } = judgement;
  const dimensions = judgement.dimensions ?? {};
  const empty = score === null && feedback === null && label === null;
  if (empty && Object.keys(dimensions).length === 0) return null;
  const identity = JSON.stringify([Object.entries(target), name, evaluator, source, origin]);
  return {
    id:
      judgement.id ?? nodeCrypto().createHash('sha256').update(identity).digest('hex').slice(0, 32),
    target,
    name,
    value: isScore(score) ? score : null,
    rawValue: score,
    dimensions,
    feedback,
    label,
    source,
    evaluator,
    timestampUnixNano: judgement.timestampUnixNano,
    supersedes: judgement.supersedes ?? null,
  };
}

/** A score of any finite range; booleans are 0 and 1. `null` where none was sent. */
export function scoreOf(value: AttributeValue | undefined): number | null | 'not_finite' {
  if (typeof value === 'boolean') return value ? 1 : 0;
  const score = numberOf(value);
  return score === null || Number.isFinite(score) ? score : 'not_finite';
}

export function isScore(score: number | null): score is number {
  return score !== null && score >= 0 && score <= 1;
}

export function sourceOf(value: string | null, otherwise: RewardSource): RewardSource {
  return sources.get(value?.toLowerCase() ?? '') ?? otherwise;
}

const sources: ReadonlyMap<string, RewardSource> = new Map([
  ['human', 'human'],
  ['llm', 'llm'],
  ['code', 'code'],
]);
