import type { RewardClaim, RewardSource, RewardTarget } from '../../model/reward';
import type { Session } from '../database/database';
import { uint64 } from '../schema/json-values';
import type { ExecutionDraft } from './fold-state';
import type { Judgement } from './outcome';

/** The rewards that concern the drafts, sorted by what they judge. */
export interface Judgements {
  of(draft: ExecutionDraft, isLatestOfTask: boolean): readonly Judgement[];
  /** Somebody judged the task as such. */
  concernTask(taskId: string): boolean;
}

export async function loadJudgements(
  session: Session,
  drafts: readonly ExecutionDraft[],
  taskIds: Iterable<string>,
): Promise<Judgements> {
  const ids = new Set<string>(taskIds);
  for (const draft of drafts) {
    ids.add(draft.executionId);
    for (const span of draft.members) ids.add(span.traceId);
  }
  const byTarget = new Map<string, TargetedReward[]>();
  for (const reward of await loadRewards(session, [...ids])) {
    const key = `${reward.kind}/${reward.targetId}`;
    byTarget.set(key, [...(byTarget.get(key) ?? []), reward]);
  }
  const at = (kind: TargetKind, id: string): readonly TargetedReward[] =>
    byTarget.get(`${kind}/${id}`) ?? [];

  return {
    of: (draft, isLatestOfTask) => judgementsOf(draft, isLatestOfTask, at),
    concernTask: (taskId) => at('task', taskId).length > 0,
  };
}

type TargetKind = RewardTarget['kind'];

interface TargetedReward extends Omit<Judgement, 'scope'> {
  readonly kind: TargetKind;
  readonly targetId: string;
  readonly targetSpanId: string | null;
}

function judgementsOf(
  draft: ExecutionDraft,
  isLatestOfTask: boolean,
  at: (kind: TargetKind, id: string) => readonly TargetedReward[],
): readonly Judgement[] {
  const whole = (rewards: readonly TargetedReward[]): Judgement[] =>
    rewards.map((reward) => ({ ...reward, scope: 'whole' as const }));
  const judgements = [
    ...whole(at('execution', draft.executionId)),
    ...(isLatestOfTask ? whole(at('task', draft.taskId)) : []),
  ];
  const root = draft.folded?.root;
  if (!root) return judgements;
  judgements.push(...whole(at('trace', root.traceId)));
  const addresses = new Set(draft.members.map((span) => span.traceId + span.spanId));
  for (const traceId of new Set(draft.members.map((span) => span.traceId))) {
    for (const reward of [...at('span', traceId), ...at('query', traceId)]) {
      if (!addresses.has(traceId + reward.targetSpanId)) continue;
      const isRoot = traceId === root.traceId && reward.targetSpanId === root.spanId;
      judgements.push({ ...reward, scope: isRoot ? 'whole' : 'part' });
    }
  }
  return judgements;
}

async function loadRewards(
  session: Session,
  targetIds: readonly string[],
): Promise<TargetedReward[]> {
  const { inList, list, asText } = session.dialect;
  const rows = await session.all<{
    reward_id: string;
    target_kind: TargetKind;
    target_id: string;
    target_span_id: string | null;
    source: RewardSource;
    timestamp: string;
    body: string;
    superseded: number | string;
  }>(
    `SELECT r.reward_id, r.target_kind, r.target_id, r.target_span_id, r.source, ` +
      `${asText('r.timestamp')} AS timestamp, r.body, ` +
      `CASE WHEN EXISTS (SELECT 1 FROM rewards AS n WHERE n.supersedes = r.reward_id) ` +
      `THEN 1 ELSE 0 END AS superseded ` +
      `FROM rewards AS r WHERE ${inList('r.target_id', 'text')}`,
    [list(targetIds)],
  );
  return rows.map((row) => {
    const claim = JSON.parse(row.body) as Pick<
      RewardClaim,
      'name' | 'value' | 'dimensions' | 'evaluator'
    >;
    return {
      id: row.reward_id,
      kind: row.target_kind,
      targetId: row.target_id,
      targetSpanId: row.target_span_id,
      name: claim.name,
      value: claim.value,
      dimensions: claim.dimensions,
      source: row.source,
      evaluator: claim.evaluator,
      timestampUnixNano: uint64(row.timestamp),
      superseded: Number(row.superseded) === 1,
    };
  });
}
