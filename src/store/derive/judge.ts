import type { RewardClaim, RewardSource, RewardTarget } from '../../model/reward';
import type { SpanAddress } from '../../model/span';
import { allOf } from '../database/all-of';
import type { Session, SqlValue } from '../database/database';
import { uint64 } from '../schema/json-values';
import type { Judgement } from './outcome';

/** An execution whose rewards are asked for. */
export interface Judged {
  readonly executionId: string;
  /** `null` while it is not stored. */
  readonly key: number | null;
  readonly root: SpanAddress | null;
  /** Where it speaks for its task, the task's judgements are its own. */
  readonly judgedTaskId: string | null;
  /** Spans that come to it now, whose rewards may have waited for them. */
  readonly arriving: readonly SpanAddress[];
}

export interface Judgements {
  /** By execution id. */
  readonly of: ReadonlyMap<string, readonly Judgement[]>;
  /** Rewards of arriving spans, by the id of their execution, to be attached to it. */
  readonly attach: readonly { readonly rewardKey: number; readonly executionId: string }[];
}

/**
 * Of one target this many rewards of each source count, the latest: a target that is judged for ever costs no more, and a
 * source that floods does not hide what another said.
 */
const maxRewardsPerTarget = 1_000;
const maxRewardsAtOnce = 5_000;
const sources: readonly RewardSource[] = ['human', 'llm', 'code'];

/** The rewards that concern executions; most have none, and then one look at an index is all. */
export async function loadJudgements(
  session: Session,
  executions: readonly Judged[],
): Promise<Judgements> {
  const stored = executions.flatMap(({ key }) => key ?? []);
  const [wanted, attached] = await allOf([
    withRewards(session, executions),
    loadLimited(session, 'r.execution_key', stored),
  ]);
  const whole = await loadLimited(session, 'r.target_span_id IS NULL AND r.target_id', [...wanted]);
  const arriving = executions.flatMap((execution) =>
    execution.arriving
      .filter(({ traceId }) => wanted.has(traceId))
      .map((address) => ({ address, execution })),
  );
  const waiting = await loadOfSpans(
    session,
    arriving.map(({ address }) => address),
  );
  const executionOf = new Map(
    arriving.map(({ address, execution }) => [address.traceId + address.spanId, execution]),
  );
  const of = new Map<string, Judgement[]>();
  for (const execution of executions) {
    const mine = (reward: TargetedReward): boolean => reward.executionKey === execution.key;
    const ofSpans = attached.filter((reward) => execution.key !== null && mine(reward));
    of.set(execution.executionId, [
      ...whole.filter((reward) => concerns(reward, execution)).map((reward) => judge(reward, true)),
      ...ofSpans.map((reward) => judge(reward, isRoot(reward, execution))),
    ]);
  }
  const attach = [];
  for (const reward of waiting) {
    const execution = executionOf.get(reward.targetId + reward.targetSpanId!)!;
    if (execution.key === null || reward.executionKey !== execution.key) {
      of.get(execution.executionId)!.push(judge(reward, isRoot(reward, execution)));
    }
    attach.push({ rewardKey: reward.key, executionId: execution.executionId });
  }
  return { of, attach };
}

/** Of the ids that may be judged those that are. */
async function withRewards(
  session: Session,
  executions: readonly Judged[],
): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  for (const { executionId, root, judgedTaskId, arriving } of executions) {
    ids.add(executionId);
    if (root) ids.add(root.traceId);
    if (judgedTaskId !== null) ids.add(judgedTaskId);
    for (const { traceId } of arriving) ids.add(traceId);
  }
  if (ids.size === 0) return ids;
  const rows = await session.all<{ id: string }>(
    `SELECT given.id FROM ${session.dialect.rows({ id: 'text' })} AS given ` +
      `WHERE ${session.dialect.exists('SELECT 1 FROM rewards AS r WHERE r.target_id = given.id')}`,
    [JSON.stringify([...ids].map((id) => [id]))],
  );
  return new Set(rows.map((row) => row.id));
}

interface TargetedReward extends Omit<Judgement, 'scope'> {
  readonly key: number;
  readonly kind: RewardTarget['kind'];
  readonly targetId: string;
  readonly targetSpanId: string | null;
  readonly executionKey: number | null;
}

const judge = (reward: TargetedReward, whole: boolean): Judgement => ({
  ...reward,
  scope: whole ? 'whole' : 'part',
});

function concerns(
  { kind, targetId }: TargetedReward,
  { executionId, root, judgedTaskId }: Judged,
): boolean {
  switch (kind) {
    case 'execution':
      return targetId === executionId;
    case 'trace':
      return targetId === root?.traceId;
    case 'task':
      return targetId === judgedTaskId;
    default:
      return false;
  }
}

function isRoot({ targetId, targetSpanId }: TargetedReward, { root }: Judged): boolean {
  return root !== null && root.traceId === targetId && root.spanId === targetSpanId;
}

/** What was said of tasks as such, the latest of each where it is much. */
export async function loadTaskRewards(
  session: Session,
  taskIds: readonly string[],
): Promise<readonly (Judgement & { readonly targetId: string })[]> {
  const rewards = await loadLimited(session, 'r.target_span_id IS NULL AND r.target_id', taskIds);
  return rewards
    .filter(({ kind }) => kind === 'task')
    .map((reward) => ({ ...judge(reward, true), targetId: reward.targetId }));
}

/** All rewards of few, or the latest of each where they are many. */
async function loadLimited(
  session: Session,
  column: string,
  values: readonly (string | number)[],
): Promise<readonly TargetedReward[]> {
  if (values.length === 0) return [];
  const { inList, list } = session.dialect;
  const type = typeof values[0] === 'number' ? 'bigint' : 'text';
  const all = await load(session, `WHERE ${inList(column, type)} LIMIT ${maxRewardsAtOnce + 1}`, [
    list(values),
  ]);
  if (all.length <= maxRewardsAtOnce) return all;
  const latest: TargetedReward[] = [];
  for (const value of values) {
    const order = `ORDER BY r.timestamp DESC, r.reward_id DESC LIMIT ${maxRewardsPerTarget}`;
    for (const source of sources) {
      const where = `WHERE ${column} = ? AND r.source = ? ${order}`;
      latest.push(...(await load(session, where, [value, source])));
    }
  }
  return latest;
}

async function loadOfSpans(
  session: Session,
  spans: readonly SpanAddress[],
): Promise<readonly TargetedReward[]> {
  if (spans.length === 0) return [];
  return load(
    session,
    `JOIN ${session.dialect.rows({ trace_id: 'text', span_id: 'text' })} AS given ` +
      `ON r.target_id = given.trace_id AND r.target_span_id = given.span_id`,
    [JSON.stringify(spans.map(({ traceId, spanId }) => [traceId, spanId]))],
  );
}

async function load(
  session: Session,
  where: string,
  values: readonly SqlValue[],
): Promise<TargetedReward[]> {
  const rows = await session.all<{
    key: number | string;
    reward_id: string;
    target_kind: RewardTarget['kind'];
    target_id: string;
    target_span_id: string | null;
    execution_key: number | string | null;
    source: RewardSource;
    timestamp: string;
    body: string;
    superseded: number | string;
  }>(
    `SELECT r.key, r.reward_id, r.target_kind, r.target_id, r.target_span_id, r.execution_key, r.source, ` +
      `${session.dialect.asText('r.timestamp')} AS timestamp, r.body, ` +
      `CASE WHEN EXISTS (SELECT 1 FROM rewards AS n WHERE n.supersedes = r.reward_id) ` +
      `THEN 1 ELSE 0 END AS superseded FROM rewards AS r ${where}`,
    values,
  );
  return rows.map((row) => {
    const claim = JSON.parse(row.body) as Pick<
      RewardClaim,
      'name' | 'value' | 'dimensions' | 'evaluator'
    >;
    return {
      key: Number(row.key),
      id: row.reward_id,
      kind: row.target_kind,
      targetId: row.target_id,
      targetSpanId: row.target_span_id,
      executionKey: row.execution_key === null ? null : Number(row.execution_key),
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
