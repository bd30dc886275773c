import type { Session } from '../database/database';
import type { PreparedReward } from './prepared-reward';
import type { OpenClaim } from './write-links';

/** Stores rewards that are not there yet and marks what they judge as dirty. */
export async function writeRewards(
  session: Session,
  rewards: readonly PreparedReward[],
): Promise<readonly OpenClaim[]> {
  if (rewards.length === 0) return [];
  const byId = new Map(rewards.map((reward) => [reward.id, reward]));
  const added = await session.all<{ key: number | string; reward_id: string }>(
    insertRewardsSql(session),
    [JSON.stringify([...byId.values()].map((reward) => reward.columns))],
  );
  const addedRewards = added.map((row) => byId.get(row.reward_id)!);
  await markTargetsDirty(
    session,
    added.map((row) => row.reward_id),
  );
  const superseded = addedRewards.flatMap((reward) => reward.supersedes ?? []);
  if (superseded.length > 0) await markTargetsDirty(session, superseded);
  return added.flatMap((row) => {
    const { target } = byId.get(row.reward_id)!;
    return target.kind === 'query'
      ? [{ kind: 'reward' as const, ownerKey: Number(row.key), matches: target.matches }]
      : [];
  });
}

/** What the rewards judge is folded again; a target that does not exist yet finds them when it comes. */
async function markTargetsDirty(session: Session, rewardIds: readonly string[]): Promise<void> {
  const targets = await session.all<{ target_kind: string; target_id: string }>(
    `SELECT DISTINCT target_kind, target_id FROM rewards ` +
      `WHERE ${session.dialect.inList('reward_id', 'text')} AND target_id IS NOT NULL`,
    [session.dialect.list(rewardIds)],
  );
  const idsOf = (...kinds: string[]): string[] =>
    targets.filter((row) => kinds.includes(row.target_kind)).map((row) => row.target_id);
  const { inList, list } = session.dialect;
  const mark = async (ids: readonly string[], sql: string): Promise<void> => {
    if (ids.length > 0) await session.run(sql, [list(ids)]);
  };
  await mark(
    idsOf('span', 'trace', 'query'),
    `UPDATE traces SET dirty = 1 WHERE ${inList('trace_id', 'text')}`,
  );
  await mark(
    idsOf('execution'),
    `UPDATE executions SET dirty = 1 WHERE ${inList('execution_id', 'text')}`,
  );
  await mark(
    idsOf('task'),
    `UPDATE executions SET dirty = 1 WHERE task_key IN ` +
      `(SELECT key FROM tasks WHERE ${inList('task_id', 'text')})`,
  );
}

function insertRewardsSql({ dialect }: Session): string {
  const columns = {
    reward_id: 'text',
    target_kind: 'text',
    target_id: 'text',
    target_span_id: 'text',
    name: 'text',
    source: 'text',
    timestamp: 'bigint',
    supersedes: 'text',
    body: 'text',
  } as const;
  const names = Object.keys(columns).join(', ');
  return (
    `INSERT INTO rewards (${names}) SELECT ${names} FROM ${dialect.rows(columns)} AS given ` +
    `WHERE true ON CONFLICT DO NOTHING RETURNING key, reward_id`
  );
}
