import type { Session, SqlValue } from '../database/database';
import type { SqlType } from '../database/dialect';
import { int64Text } from '../schema/json-values';
import { compareSpans } from './fold-span';
import type { TaskRun } from './fold-task';
import { taskColumns, taskRow, type StoredTask } from './fold-tasks';
import type { LoadedSpan } from './load-spans';
import { findTopmost } from './root-span';

/** Writes the tasks that still exist, drops the others, and gives their keys. */
export async function writeTasks(
  session: Session,
  tasks: readonly StoredTask[],
  taskIds: ReadonlySet<string>,
  runs: ReadonlyMap<string, readonly TaskRun[]>,
): Promise<ReadonlyMap<string, number>> {
  const stored = new Map(tasks.map((task) => [task.taskId, task]));
  const rows: SqlValue[][] = [];
  const gone: number[] = [];
  for (const taskId of taskIds) {
    const task = stored.get(taskId) ?? null;
    const own = runs.get(taskId) ?? [];
    if (own.length > 0 || task?.explicit?.createdAt !== undefined) {
      rows.push(taskRow(taskId, task?.explicit ?? null, own));
    } else {
      gone.push(task!.key);
    }
  }
  await deleteByKeys(session, 'tasks', gone);
  return upsert(session, 'tasks', 'task_id', taskColumns, rows);
}

export async function moveSpans(
  session: Session,
  spans: readonly LoadedSpan[],
  executionKeys: readonly (number | null)[],
): Promise<void> {
  const moved = spans.flatMap((span, index) => {
    const executionKey = executionKeys[index]!;
    return executionKey === span.executionKey ? [] : [[span.key, executionKey]];
  });
  if (moved.length === 0) return;
  await session.run(
    `UPDATE spans SET execution_key = given.execution_key ` +
      `FROM ${session.dialect.rows({ key: 'bigint', execution_key: 'bigint' })} AS given ` +
      `WHERE spans.key = given.key`,
    [JSON.stringify(moved)],
  );
}

export async function writeTraces(
  session: Session,
  traceKeys: readonly number[],
  spans: readonly LoadedSpan[],
  executionKeys: readonly (number | null)[],
): Promise<void> {
  const byTrace = new Map<number, LoadedSpan[]>();
  const executionBySpan = new Map<LoadedSpan, number | null>();
  spans.forEach((span, index) => {
    byTrace.set(span.traceKey, [...(byTrace.get(span.traceKey) ?? []), span]);
    executionBySpan.set(span, executionKeys[index]!);
  });
  const rows = traceKeys.map((key) => {
    // Feedback is no span of a trace: one that holds nothing else is not listed.
    const own = (byTrace.get(key) ?? []).filter((span) => !span.carrier).sort(compareSpans);
    const top = findTopmost(own) as LoadedSpan | null;
    const inOrder = top ? [top, ...own] : own;
    const executionKey =
      inOrder.map((span) => executionBySpan.get(span)!).find((found) => found !== null) ?? null;
    return [
      key,
      ...traceTimes(own, top),
      own.length,
      own.filter((span) => span.error).length,
      executionKey,
      top?.agentId ?? null,
    ];
  });
  await session.run(updateTracesSql(session), [JSON.stringify(rows)]);
}

function traceTimes(own: readonly LoadedSpan[], top: LoadedSpan | null): (string | null)[] {
  if (!top) return [null, null, null];
  let end: bigint | null = null;
  for (const span of own) {
    if (span.endTimeUnixNano !== null && (end === null || span.endTimeUnixNano > end)) {
      end = span.endTimeUnixNano;
    }
  }
  return [
    top.name,
    int64Text(own[0]!.startTimeUnixNano),
    top.endTimeUnixNano === null || end === null ? null : int64Text(end),
  ];
}

function updateTracesSql({ dialect }: Session): string {
  const columns = {
    key: 'bigint',
    root_name: 'text',
    start_time: 'bigint',
    end_time: 'bigint',
    spans: 'bigint',
    errors: 'bigint',
    execution_key: 'bigint',
    agent_id: 'text',
  } as const;
  const set = Object.keys(columns).slice(1);
  return (
    `UPDATE traces SET dirty = 0, ${set.map((name) => `${name} = given.${name}`).join(', ')} ` +
    `FROM ${dialect.rows(columns)} AS given WHERE traces.key = given.key`
  );
}

export async function upsert(
  session: Session,
  table: 'tasks' | 'executions',
  idColumn: string,
  columns: Readonly<Record<string, SqlType>>,
  rows: readonly SqlValue[][],
): Promise<ReadonlyMap<string, number>> {
  if (rows.length === 0) return new Map();
  const names = Object.keys(columns);
  const set = names.filter((name) => name !== idColumn).map((name) => `${name} = excluded.${name}`);
  const stored = await session.all<{ key: number | string; id: string }>(
    `INSERT INTO ${table} (${names.join(', ')}) SELECT ${names.join(', ')} ` +
      `FROM ${session.dialect.rows(columns)} AS given WHERE true ` +
      `ON CONFLICT (${idColumn}) DO UPDATE SET ${set.join(', ')} RETURNING key, ${idColumn} AS id`,
    [JSON.stringify(rows)],
  );
  return new Map(stored.map((row) => [row.id, Number(row.key)]));
}

export async function deleteByKeys(
  session: Session,
  table: 'tasks' | 'executions',
  keys: readonly number[],
): Promise<void> {
  if (keys.length === 0) return;
  await session.run(`DELETE FROM ${table} WHERE ${session.dialect.inList('key', 'bigint')}`, [
    session.dialect.list(keys),
  ]);
}
