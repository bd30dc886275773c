import type { CloseOptions, Cut } from '../../model/ports-learning';
import type { Database, Session } from '../database/database';
import { isOfTheDatabase, markFailed } from '../derive/failures';
import { judgeAgain } from '../derive/recompute-executions';
import type { DeriveSettings } from '../derive/outcome';
import { int64Text } from '../schema/json-values';
import { closingColumns, type ClosingRow, freeze } from './freeze';

/** After its root has ended an execution waits this long for stragglers. */
const quietNano = 30_000_000_000n;
/** An open execution that nothing has come for is given up after this long. */
const idleNano = 3_600_000_000_000n;

/** Executions that one transaction closes. */
const closedAtOnce = 100;

/** Closes and freezes what the rule allows, a slice at a time. */
export async function closeExecutions(
  database: Database,
  settings: DeriveSettings,
  options: CloseOptions,
): Promise<number> {
  const close = (limit: number): Promise<number> =>
    database.write('ordered', (session) => closeSlice(session, settings, options, limit));
  for (let total = 0; ;) {
    let closed: number;
    try {
      closed = await close(closedAtOnce);
    } catch (error) {
      if (isOfTheDatabase(database.dialect, error)) throw error;
      closed = await closeOneByOne(database, close, options);
    }
    if (closed === 0) return total;
    total += closed;
  }
}

/** What cannot be closed is left open, and its neighbours are not. */
async function closeOneByOne(
  database: Database,
  close: (limit: number) => Promise<number>,
  options: CloseOptions,
): Promise<number> {
  for (let closed = 0; ;) {
    try {
      if ((await close(1)) === 0) return closed;
      closed += 1;
    } catch (error) {
      if (isOfTheDatabase(database.dialect, error)) throw error;
      await database.write('shared', async (session) => {
        const [row] = await readClosable(session, options, 1);
        if (row) await markFailed(session, Number(row.key), error);
      });
    }
  }
}

async function closeSlice(
  session: Session,
  settings: DeriveSettings,
  options: CloseOptions,
  limit: number,
): Promise<number> {
  const { nowUnixNano } = options;
  const { inList, list } = session.dialect;
  const rows = await readClosable(session, options, limit);
  if (rows.length === 0) return 0;
  const keys = rows.map((row) => Number(row.key));
  await session.run(
    `UPDATE executions SET closed_at = CAST(? AS bigint) WHERE ${inList('key', 'bigint')}`,
    [int64Text(nowUnixNano), list(keys)],
  );
  // Given up while running: these become timed_out.
  const givenUp = rows.filter((row) => row.status === 'running').map((row) => Number(row.key));
  await judgeAgain(session, settings, givenUp);
  const given = new Set(givenUp);
  await freeze(
    session,
    rows.map((row) =>
      given.has(Number(row.key)) ? { ...row, status: 'timed_out' as const } : row,
    ),
    nowUnixNano,
  );
  return rows.length;
}

/** What is still to be derived, or cannot be, is not closed. */
function readClosable(
  session: Session,
  { nowUnixNano, rule }: CloseOptions,
  limit: number,
): Promise<ClosingRow[]> {
  const { asText, forUpdate } = session.dialect;
  const before = (nano: bigint): string => int64Text(nowUnixNano > nano ? nowUnixNano - nano : 0n);
  const select =
    `SELECT ${closingColumns}, ${asText('e.start_time')} AS start_text ` +
    `FROM executions AS e JOIN tasks AS k ON k.key = e.task_key WHERE `;
  return session.all<ClosingRow>(
    `${select} e.closed_at IS NULL AND e.dirty = 0 AND (` +
      `e.said_status IN ${finalStatuses} OR (e.explicit IS NOT NULL AND e.status IN ${finalStatuses}) ` +
      `OR (e.root_ended = 1 AND (e.last_received_at <= CAST(? AS bigint) OR ? = 'ended')) ` +
      `OR (e.spans > 0 AND e.last_received_at <= CAST(? AS bigint))) ` +
      // Along the index of what is open: by key every run that was ever closed would be passed.
      `ORDER BY e.last_received_at, e.key LIMIT ${limit}${forUpdate('e')}`,
    [before(quietNano), rule, before(idleNano)],
  );
}

const finalStatuses = `('completed', 'failed', 'timed_out', 'cancelled')`;

/** Admits every closed execution that no cut holds; without any, the last cut stands, with 0 new. */
export async function admitCut(session: Session, nowUnixNano: bigint): Promise<Cut> {
  const [last] = await session.all<{ number: number | string | null }>(
    'SELECT max(number) AS number FROM cuts',
  );
  const number = Number(last!.number ?? 0) + 1;
  const executions = await session.run('UPDATE frozen SET cut = ? WHERE cut IS NULL', [number]);
  if (executions === 0) return { number: number - 1, executions: 0 };
  await session.run('INSERT INTO cuts (number, at, executions) VALUES (?, ?, ?)', [
    number,
    int64Text(nowUnixNano),
    executions,
  ]);
  return { number, executions };
}
