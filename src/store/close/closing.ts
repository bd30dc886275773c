import type { CloseOptions, Cut } from '../../model/ports';
import type { Session } from '../database/database';
import { foldChunk } from '../derive/fold-chunk';
import type { FoldSettings } from '../derive/fold-state';
import { int64Text } from '../schema/json-values';

/** After its root has ended an execution waits this long for stragglers. */
export const quietNano = 30_000_000_000n;
/** An open execution that nothing has come for is given up after this long. */
export const idleNano = 3_600_000_000_000n;

/** Closes what the rule allows; spans that come later are marked by their key, which is greater. */
export async function closeExecutions(
  session: Session,
  settings: FoldSettings,
  { nowUnixNano, rule }: CloseOptions,
): Promise<number> {
  const before = (nano: bigint): string => int64Text(nowUnixNano > nano ? nowUnixNano - nano : 0n);
  const closed = await session.all<{ key: number | string; status: string }>(
    `UPDATE executions SET closed_at = CAST(? AS bigint), ` +
      `closed_span_key = (SELECT coalesce(max(key), 0) FROM spans) WHERE closed_at IS NULL AND (` +
      `said_status IN ${finalStatuses} OR (explicit IS NOT NULL AND status IN ${finalStatuses}) ` +
      `OR (root_ended = 1 AND (last_received_at <= CAST(? AS bigint) OR ? = 'ended')) ` +
      `OR (spans > 0 AND last_received_at <= CAST(? AS bigint))) RETURNING key, status`,
    [int64Text(nowUnixNano), before(quietNano), rule, before(idleNano)],
  );
  // Given up while running: folded again, these become timed_out.
  const givenUp = closed.filter((row) => row.status === 'running').map((row) => Number(row.key));
  if (givenUp.length > 0) await foldChunk(session, settings, [], givenUp);
  return closed.length;
}

const finalStatuses = `('completed', 'failed', 'timed_out', 'cancelled')`;

/** Admits every closed execution that no cut holds; without any, the last cut stands, with 0 new. */
export async function admitCut(session: Session, nowUnixNano: bigint): Promise<Cut> {
  const [last] = await session.all<{ number: number | string | null }>(
    'SELECT max(number) AS number FROM cuts',
  );
  const number = Number(last!.number ?? 0) + 1;
  const executions = await session.run(
    'UPDATE executions SET cut = ? WHERE closed_at IS NOT NULL AND cut IS NULL',
    [number],
  );
  if (executions === 0) return { number: number - 1, executions: 0 };
  await session.run('INSERT INTO cuts (number, at, executions) VALUES (?, ?, ?)', [
    number,
    int64Text(nowUnixNano),
    executions,
  ]);
  return { number, executions };
}
