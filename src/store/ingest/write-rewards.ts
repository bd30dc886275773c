import type { Session } from '../database/database';
import { judgeAgain } from '../derive/recompute-executions';
import type { DeriveSettings } from '../derive/outcome';
import { executionDirty } from '../schema/execution-table';
import { defineTable, insertRows } from '../schema/table';
import type { PreparedReward } from './prepared-reward';
import type { OpenClaim } from './write-links';

export interface WrittenRewards {
  /** Ids of those that were not there. */
  readonly added: readonly string[];
  readonly openClaims: readonly OpenClaim[];
}

const rewardTable = defineTable('rewards', {
  reward_id: 'text',
  target_kind: 'text',
  target_id: 'text',
  target_span_id: 'text',
  name: 'text',
  source: 'text',
  timestamp: 'bigint',
  supersedes: 'text',
  body: 'text',
});

/** Stores rewards that are not there yet. */
export async function writeRewards(
  session: Session,
  rewards: readonly PreparedReward[],
): Promise<WrittenRewards> {
  if (rewards.length === 0) return { added: [], openClaims: [] };
  const byId = new Map(rewards.map((reward) => [reward.id, reward]));
  const added = await insertRows<
    typeof rewardTable.columns,
    { key: number | string; reward_id: string }
  >(
    session,
    rewardTable,
    [...byId.values()].map((reward) => reward.columns),
    { skipping: true, returning: 'key, reward_id' },
  );
  const openClaims = added.flatMap((row) => {
    const { target } = byId.get(row.reward_id)!;
    return target.kind === 'query'
      ? [{ kind: 'reward' as const, ownerKey: Number(row.key), matches: target.matches }]
      : [];
  });
  const superseded = added.flatMap((row) => byId.get(row.reward_id)!.supersedes ?? []);
  return { added: [...added.map((row) => row.reward_id), ...superseded], openClaims };
}

/**
 * Points rewards at the executions that they concern, as far as those are stored, and judges these again: a bounded
 * number now, the others in the background. A target that does not exist yet finds its rewards when it comes.
 *
 * @param judged keys of executions that this transaction has judged with these rewards already
 */
export async function settleRewards(
  session: Session,
  settings: DeriveSettings,
  rewardIds: readonly string[],
  judged: ReadonlySet<number> = new Set(),
): Promise<void> {
  if (rewardIds.length === 0) return;
  const { inList, list } = session.dialect;
  const given = inList('r.reward_id', 'text');
  const spanOfReward =
    `SELECT s.execution_key FROM traces AS t JOIN spans AS s ON s.trace_key = t.key ` +
    `WHERE t.trace_id = r.target_id AND s.span_id = r.target_span_id`;
  await session.run(
    `UPDATE rewards AS r SET execution_key = (${spanOfReward}) ` +
      `WHERE ${given} AND r.target_span_id IS NOT NULL`,
    [list(rewardIds)],
  );
  const rows = await session.all<{ key: number | string | null }>(
    concerned.map((select) => `${select} AND ${given}`).join(' UNION '),
    concerned.map(() => list(rewardIds)),
  );
  const keys = rows.flatMap(({ key }) =>
    key === null || judged.has(Number(key)) ? [] : Number(key),
  );
  keys.sort((a, b) => a - b);
  await judgeAgain(session, settings, keys.slice(0, judgedAtOnce));
  const others = keys.slice(judgedAtOnce);
  if (others.length === 0) return;
  await session.run(
    `UPDATE executions SET dirty = ${executionDirty.judge} ` +
      `WHERE dirty = ${executionDirty.clean} AND ${inList('key', 'bigint')}`,
    [list(others)],
  );
}

const judgedAtOnce = 500;

/** Keys of the executions that rewards `r` concern. */
const concerned = [
  `SELECT r.execution_key AS key FROM rewards AS r WHERE r.execution_key IS NOT NULL`,
  `SELECT e.key FROM rewards AS r JOIN executions AS e ON e.execution_id = r.target_id ` +
    `WHERE r.target_kind = 'execution'`,
  // Of the runs of a task the one that speaks for it.
  `SELECT e.key FROM rewards AS r JOIN tasks AS k ON k.task_id = r.target_id ` +
    `JOIN executions AS e ON e.execution_id = k.latest_execution WHERE r.target_kind = 'task'`,
  `SELECT t.execution_key FROM rewards AS r JOIN traces AS t ON t.trace_id = r.target_id ` +
    `WHERE r.target_kind = 'trace'`,
  `SELECT s.execution_key FROM rewards AS r JOIN traces AS t ON t.trace_id = r.target_id ` +
    `JOIN spans AS s ON s.trace_key = t.key ` +
    `WHERE r.target_kind = 'trace' AND t.state LIKE '%"many":true%'`,
];
