import { InputError } from '../../errors';
import type { Removal, RemovalQuery } from '../../model/ports-upkeep';
import type { Database, Session, SqlValue } from '../database/database';
import { executionDirty } from '../schema/execution-table';
import { int64Text } from '../schema/json-values';
import { cleanText } from '../schema/text';

/** Traces that one transaction removes. */
const tracesAtOnce = 100;

/**
 * Removes traces with all that hangs on them, a few at a time. By age what was summed up of them stays; by task or
 * session it goes too, frozen records and all.
 */
export async function remove(database: Database, query: RemovalQuery): Promise<Removal> {
  const wanted = selectionOf(query);
  if (query.dryRun) {
    return database.read(async (session) => {
      const [row] = await session.ask<{ traces: number | string; spans: number | string | null }>(
        `SELECT count(*) AS traces, coalesce(sum(t.spans), 0) AS spans FROM traces AS t WHERE ${wanted.sql}`,
        wanted.values,
      );
      return { traces: Number(row!.traces), spans: Number(row!.spans) };
    });
  }
  let removed: Removal = { traces: 0, spans: 0 };
  for (;;) {
    const part = await database.write('shared', (session) => removePart(session, wanted));
    removed = { traces: removed.traces + part.traces, spans: removed.spans + part.spans };
    if (part.traces < tracesAtOnce) return removed;
  }
}

interface Selection {
  /** Condition on `traces AS t`. */
  readonly sql: string;
  readonly values: readonly SqlValue[];
  /** Frozen records and sums go too. */
  readonly whole: boolean;
}

function selectionOf({ olderThanUnixNano, taskId, sessionId }: RemovalQuery): Selection {
  const given = [olderThanUnixNano, taskId, sessionId].filter((value) => value !== undefined);
  if (given.length !== 1) {
    throw new InputError('Expected an age, a task or a session to remove, and one of them only.');
  }
  if (olderThanUnixNano !== undefined) {
    const values = [int64Text(olderThanUnixNano)];
    return { sql: 't.start_time < CAST(? AS bigint)', values, whole: false };
  }
  const column = taskId === undefined ? 'e.session_id' : 'k.task_id';
  return {
    sql:
      `t.key IN (SELECT s.trace_key FROM executions AS e JOIN tasks AS k ON k.key = e.task_key ` +
      `JOIN spans AS s ON s.execution_key = e.key WHERE ${column} = ?)`,
    values: [cleanText((taskId ?? sessionId)!)],
    whole: true,
  };
}

async function removePart(session: Session, { sql, values, whole }: Selection): Promise<Removal> {
  const { inList, list, forUpdate } = session.dialect;
  const traces = await session.ask<{ key: number | string; trace_id: string }>(
    `SELECT t.key, t.trace_id FROM traces AS t WHERE ${sql} ` +
      `ORDER BY t.key LIMIT ${tracesAtOnce}${forUpdate('t')}`,
    values,
  );
  if (traces.length === 0) return { traces: 0, spans: 0 };
  const keys = list(traces.map((row) => Number(row.key)));
  const ids = list(traces.map((row) => row.trace_id));
  const ofTraces = `SELECT execution_key FROM spans WHERE ${inList('trace_key', 'bigint')}`;
  if (whole) {
    await session.run(
      `DELETE FROM exposed WHERE frozen_key IN (SELECT f.key FROM frozen AS f ` +
        `JOIN executions AS e ON e.execution_id = f.execution_id WHERE e.key IN (${ofTraces}))`,
      [keys],
    );
    await session.run(
      `DELETE FROM frozen WHERE execution_id IN ` +
        `(SELECT execution_id FROM executions WHERE key IN (${ofTraces}))`,
      [keys],
    );
    await session.run(
      `UPDATE executions SET dirty = ${executionDirty.recompute}, revision = revision + 1 ` +
        `WHERE key IN (${ofTraces})`,
      [keys],
    );
  }
  await session.run(`DELETE FROM rewards WHERE ${inList('target_id', 'text')}`, [ids]);
  await session.run(`DELETE FROM span_links WHERE ${inList('trace_id', 'text')}`, [ids]);
  for (const table of ['span_tags', 'span_matches']) {
    await session.run(`DELETE FROM ${table} WHERE ${inList('trace_key', 'bigint')}`, [keys]);
  }
  const spans = await session.run(`DELETE FROM spans WHERE ${inList('trace_key', 'bigint')}`, [
    keys,
  ]);
  await session.run(`DELETE FROM traces WHERE ${inList('key', 'bigint')}`, [keys]);
  return { traces: traces.length, spans };
}
