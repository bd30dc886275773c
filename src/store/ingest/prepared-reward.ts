import type { AttributeMatch, RewardClaim, RewardTarget } from '../../model/reward';
import { int64Text } from '../schema/json-values';
import { cleanJson, cleanText, maxIdLength } from '../schema/text';

type RewardColumn =
  | 'reward_id'
  | 'target_kind'
  | 'target_id'
  | 'target_span_id'
  | 'name'
  | 'source'
  | 'timestamp'
  | 'supersedes'
  | 'body';

/** A reward made ready for its row. */
export interface PreparedReward {
  readonly id: string;
  readonly target: RewardTarget;
  readonly columns: Readonly<Record<RewardColumn, string | null>>;
  readonly supersedes: string | null;
}

/** The reward's row, or why it cannot be stored. */
export function prepareReward(claim: RewardClaim): PreparedReward | { readonly refused: string } {
  const refused = whyRefused(claim);
  if (refused !== null) return { refused };
  const id = cleanText(claim.id);
  const target = cleanTarget(claim.target);
  const supersedes = claim.supersedes === null ? null : cleanText(claim.supersedes);
  const { timestampUnixNano, ...rest } = claim;
  return {
    id,
    target,
    supersedes,
    columns: {
      reward_id: id,
      target_kind: target.kind,
      target_id: targetId(target),
      target_span_id: target.kind === 'span' ? target.spanId : null,
      name: cleanText(claim.name),
      source: claim.source,
      timestamp: int64Text(timestampUnixNano),
      supersedes,
      body: cleanJson(rest),
    },
  };
}

function whyRefused(claim: RewardClaim): string | null {
  const scores = [claim.value, ...Object.values(claim.dimensions)];
  if (scores.some((score) => score !== null && !(score >= 0 && score <= 1))) {
    return 'expected rewards of 0 to 1';
  }
  const ids = [claim.id, claim.name, claim.supersedes, targetId(claim.target)];
  if (claim.id === '' || ids.some((id) => id !== null && id.length > maxIdLength)) {
    return `expected ids and names of 1 to ${maxIdLength} characters`;
  }
  if (claim.timestampUnixNano >> 64n !== 0n) return 'expected a time of 0 to 2^64 - 1 nanoseconds';
  return claim.target.kind === 'query' && !isAnswerable(claim.target) ? unanswerable : null;
}

/** A query asks for 1 to 16 attributes. */
export function isAnswerable({
  matches,
}: {
  readonly matches: readonly AttributeMatch[];
}): boolean {
  return (
    matches.length >= 1 &&
    matches.length <= 16 &&
    matches.every(({ key }) => key !== '' && key.length <= maxIdLength)
  );
}

export const unanswerable = `expected a query of 1 to 16 attributes with keys of at most ${maxIdLength} characters`;

function targetId(target: RewardTarget): string | null {
  switch (target.kind) {
    case 'span':
    case 'trace':
      return target.traceId;
    case 'execution':
      return target.executionId;
    case 'task':
      return target.taskId;
    case 'session':
      return target.sessionId;
    case 'query':
      return null;
  }
}

function cleanTarget(target: RewardTarget): RewardTarget {
  return JSON.parse(cleanJson(target)) as RewardTarget;
}
