import type { Status } from '../../model/status';
import type { Session, SqlValue } from '../database/database';
import { int64Text, uint64 } from '../schema/json-values';
import type { ExplicitTask } from './explicit';
import { compareRuns, foldTask, type TaskRun } from './fold-task';
import { isFinal } from './transitions';

export interface StoredTask {
  readonly key: number;
  readonly taskId: string;
  readonly explicit: ExplicitTask | null;
  readonly latestExecution: string | null;
}

export async function loadTasks(
  session: Session,
  taskIds: readonly string[],
): Promise<readonly StoredTask[]> {
  const rows = await session.all<{
    key: number | string;
    task_id: string;
    explicit: string | null;
    latest_execution: string | null;
  }>(
    `SELECT key, task_id, explicit, latest_execution FROM tasks ` +
      `WHERE ${session.dialect.inList('task_id', 'text')}`,
    [session.dialect.list(taskIds)],
  );
  return rows.map((row) => ({
    key: Number(row.key),
    taskId: row.task_id,
    explicit: row.explicit === null ? null : (JSON.parse(row.explicit) as ExplicitTask),
    latestExecution: row.latest_execution,
  }));
}

/** Runs of the tasks that the chunk does not fold, by task id. */
export async function loadOtherRuns(
  session: Session,
  tasks: readonly StoredTask[],
  foldedIds: ReadonlySet<string>,
): Promise<readonly (TaskRun & { readonly taskId: string })[]> {
  if (tasks.length === 0) return [];
  const { inList, list, asText } = session.dialect;
  const rows = await session.all<Record<string, string | number | null>>(
    `SELECT e.execution_id, t.task_id, e.attempt, e.replication, ${asText('e.start_time')} AS start_time, ` +
      `${asText('e.end_time')} AS end_time, e.status, e.agent_id, e.session_id, e.task_type, ` +
      `e.task_input, e.tags, e.reward FROM executions AS e JOIN tasks AS t ON t.key = e.task_key ` +
      `WHERE ${inList('e.task_key', 'bigint')}`,
    [list(tasks.map((task) => task.key))],
  );
  const text = (value: string | number | null | undefined): string | null =>
    value === null || value === undefined ? null : String(value);
  return rows
    .map((row) => ({
      executionId: String(row.execution_id),
      taskId: String(row.task_id),
      attempt: Number(row.attempt),
      replication: Number(row.replication),
      startTimeUnixNano: uint64(String(row.start_time)),
      endTimeUnixNano: row.end_time == null ? null : uint64(String(row.end_time)),
      status: row.status as Status,
      agentId: text(row.agent_id),
      sessionId: text(row.session_id),
      taskType: text(row.task_type),
      taskInput: text(row.task_input),
      tags: JSON.parse(String(row.tags)) as string[],
      reward: row.reward == null ? null : Number(row.reward),
    }))
    .filter((run) => !foldedIds.has(run.executionId));
}

/** The run that speaks for the task. */
export function latestRun<T extends Parameters<typeof compareRuns>[0]>(
  runs: readonly T[],
): T | null {
  return runs.reduce<T | null>(
    (latest, run) => (latest === null || compareRuns(run, latest) > 0 ? run : latest),
    null,
  );
}

/** A row of `tasks` in the order of `taskColumns`. */
export function taskRow(
  taskId: string,
  explicit: ExplicitTask | null,
  runs: readonly TaskRun[],
): SqlValue[] {
  const folded = runs.length > 0 ? foldTask(runs) : null;
  const status = explicit?.status ?? folded?.status ?? 'queued';
  const createdAt = explicit?.createdAt ?? int64Text(folded!.createdAtUnixNano);
  const completedAt = isFinal(status) ? (folded?.completedAtUnixNano ?? null) : null;
  return [
    taskId,
    explicit === null ? null : JSON.stringify(explicit),
    explicit?.type ?? folded?.type ?? null,
    explicit?.input ?? folded?.input ?? null,
    status,
    explicit?.agentId ?? folded?.agentId ?? null,
    explicit?.sessionId ?? folded?.sessionId ?? null,
    createdAt,
    completedAt === null ? null : int64Text(completedAt),
    folded?.executions ?? 0,
    JSON.stringify([...new Set([...(folded?.tags ?? []), ...(explicit?.tags ?? [])])].sort()),
    folded?.rewardMean ?? null,
    folded?.rewardExecutions ?? 0,
    latestRun(runs)?.executionId ?? null,
  ];
}

export const taskColumns = {
  task_id: 'text',
  explicit: 'text',
  type: 'text',
  input: 'text',
  status: 'text',
  agent_id: 'text',
  session_id: 'text',
  created_at: 'bigint',
  completed_at: 'bigint',
  executions: 'bigint',
  tags: 'text',
  reward_mean: 'double precision',
  reward_executions: 'bigint',
  latest_execution: 'text',
} as const;
