import type { Session } from '../database/database';
import type { ExplicitTask } from '../derive/explicit';
import type { TaskState } from '../derive/task-state';
import { defineTable } from './table';

export const taskTable = defineTable('tasks', {
  task_id: 'text',
  explicit: 'text',
  state: 'text',
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
});

export interface StoredTask {
  readonly key: number;
  readonly taskId: string;
  readonly explicit: ExplicitTask | null;
  readonly state: TaskState | null;
}

/** Rows by id, locked until the transaction ends, where the database has locks of rows. */
export async function loadTasks(
  session: Session,
  taskIds: readonly string[],
): Promise<ReadonlyMap<string, StoredTask>> {
  if (taskIds.length === 0) return new Map();
  const { inList, list, forUpdate } = session.dialect;
  const rows = await session.all<{
    key: number | string;
    task_id: string;
    explicit: string | null;
    state: string | null;
  }>(
    `SELECT t.key, t.task_id, t.explicit, t.state FROM tasks AS t ` +
      `WHERE ${inList('t.task_id', 'text')} ORDER BY t.key${forUpdate('t')}`,
    [list(taskIds)],
  );
  return new Map(
    rows.map((row) => [
      row.task_id,
      {
        key: Number(row.key),
        taskId: row.task_id,
        explicit: row.explicit === null ? null : (JSON.parse(row.explicit) as ExplicitTask),
        state: row.state === null ? null : (JSON.parse(row.state) as TaskState),
      },
    ]),
  );
}
