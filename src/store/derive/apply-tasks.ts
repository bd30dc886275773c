import { allOf } from '../database/all-of';
import type { Session } from '../database/database';
import { int64Text, uint64 } from '../schema/json-values';
import { deleteByKeys, insertRows, type TableRow, updateRows } from '../schema/table';
import { loadTasks, type StoredTask, taskTable } from '../schema/task-table';
import { LostRace } from '../database/retry';
import type { ExplicitTask } from './explicit';
import type { TaskRun } from './task-run';
import {
  changeTask,
  mergeHolders,
  meanReward,
  type RunChange,
  stateOfRuns,
  type TaskState,
  type Unknowns,
} from './task-state';
import { union } from './execution-state';
import { isFinal } from './transitions';

/** How a run of a task changed; the key is of its execution, `null` while that is not stored. */
export interface KeyedChange extends RunChange {
  readonly taskId: string;
  readonly executionKey: number | null;
}

export interface ChangedTask {
  readonly taskId: string;
  readonly stored: StoredTask | null;
  /** `null` where no run is left. */
  readonly state: TaskState | null;
}

/** Applies changes of runs to their tasks, without writing them. */
export async function changeTasks(
  session: Session,
  changes: readonly KeyedChange[],
): Promise<ReadonlyMap<string, ChangedTask>> {
  const byTask = new Map<string, KeyedChange[]>();
  for (const change of changes) {
    const list = byTask.get(change.taskId);
    if (list) list.push(change);
    else byTask.set(change.taskId, [change]);
  }
  const stored = await loadTasks(session, [...byTask.keys()].sort());
  const changed = new Map<string, ChangedTask>();
  for (const [taskId, own] of byTask) {
    const task = stored.get(taskId) ?? null;
    const result = changeTask(task?.state ?? null, own);
    const state = result && (await lookUpUnknowns(session, task, result, own));
    changed.set(taskId, { taskId, stored: task, state });
  }
  return changed;
}

/** The state with what the changes left unknown, from the other runs of the one task, each by an index. */
async function lookUpUnknowns(
  session: Session,
  task: StoredTask | null,
  { state, unknown }: { readonly state: TaskState; readonly unknown: Unknowns },
  changes: readonly KeyedChange[],
): Promise<TaskState> {
  if (unknown.size === 0) return state;
  const keys = changes.flatMap(({ executionKey }) => executionKey ?? []);
  const runs: TaskRun[] = [];
  for (const word of unknown) runs.push(...(await lookUp[word](session, task!.key, keys)));
  const others = stateOfRuns(runs);
  const given = stateOfRuns(changes.flatMap(({ after }) => after ?? []));
  const known = others && given ? mergeHolders(others, given) : (others ?? given);
  return {
    ...state,
    ...(known && unknown.has('created') && { created: known.created }),
    ...(known && unknown.has('latest') && { latest: known.latest }),
    // That no run has one is an answer, too.
    ...(unknown.has('type') && { type: known?.type ?? null }),
    ...(unknown.has('input') && { input: known?.input ?? null }),
    ...(unknown.has('tags') && {
      tags: known?.tags ?? [],
      moreTags: known?.moreTags ?? false,
    }),
  };
}

type LookUp = (session: Session, taskKey: number, except: readonly number[]) => Promise<TaskRun[]>;

const inOrder = 'e.attempt, e.replication, e.start_time, e.execution_id';
const inReverse = inOrder.replaceAll(',', ' DESC,') + ' DESC';

const lookUp: Readonly<Record<'created' | 'type' | 'input' | 'latest' | 'tags', LookUp>> = {
  created: runsWhere('', 'ORDER BY e.start_time LIMIT 1'),
  type: runsWhere('AND e.task_type IS NOT NULL', `ORDER BY ${inOrder} LIMIT 1`),
  input: runsWhere('AND e.task_input IS NOT NULL', `ORDER BY ${inOrder} LIMIT 1`),
  latest: runsWhere('', `ORDER BY ${inReverse} LIMIT 1`),
  // Only where a task has more tags than it shows; else they are counted.
  tags: runsWhere(`AND e.tags <> '[]'`, ''),
};

function runsWhere(condition: string, order: string): LookUp {
  return async (session, taskKey, except) => {
    const { asText, inList, list } = session.dialect;
    const rows = await session.all<Record<string, string | number | null>>(
      `SELECT e.execution_id, e.attempt, e.replication, ${asText('e.start_time')} AS starts, ` +
        `${asText('e.end_time')} AS ends, e.status, e.agent_id, e.session_id, e.task_type, e.task_input, ` +
        `e.tags FROM executions AS e WHERE e.task_key = ? ${condition} ` +
        `AND NOT (${inList('e.key', 'bigint')}) ${order}`,
      [taskKey, list(except)],
    );
    return rows.map((row) => ({
      executionId: String(row.execution_id),
      attempt: Number(row.attempt),
      replication: Number(row.replication),
      startTimeUnixNano: uint64(String(row.starts)),
      endTimeUnixNano: row.ends == null ? null : uint64(String(row.ends)),
      status: row.status as TaskRun['status'],
      agentId: row.agent_id as string | null,
      sessionId: row.session_id as string | null,
      taskType: row.task_type as string | null,
      taskInput: row.task_input as string | null,
      tags: JSON.parse(String(row.tags)) as string[],
      reward: null,
    }));
  };
}

/** Writes the tasks, drops those that nothing is left of, and gives the keys. */
export async function writeTasks(
  session: Session,
  tasks: Iterable<ChangedTask>,
): Promise<ReadonlyMap<string, number>> {
  const added: TableRow<typeof taskTable.columns>[] = [];
  const updated: (TableRow<typeof taskTable.columns> & { readonly key: number })[] = [];
  const keys = new Map<string, number>();
  for (const { taskId, stored, state } of tasks) {
    if (!state && stored?.explicit?.createdAt === undefined) continue;
    const row = taskRow(taskId, stored?.explicit ?? null, state);
    if (!stored) added.push(row);
    else {
      keys.set(taskId, stored.key);
      updated.push({ ...row, key: stored.key });
    }
  }
  added.sort((a, b) => (String(a.task_id) < String(b.task_id) ? -1 : 1));
  const returning = { skipping: true, returning: 'key, task_id' };
  const [inserted] = await allOf([
    insertRows<typeof taskTable.columns, TaskKey>(session, taskTable, added, returning),
    updateRows(session, taskTable, updated),
  ]);
  if (inserted.length < added.length) throw new LostRace('a task');
  for (const row of inserted) keys.set(row.task_id, Number(row.key));
  return keys;
}

interface TaskKey {
  readonly key: number | string;
  readonly task_id: string;
}

/** Drops the tasks that nothing is left of; their executions are gone by then. */
export async function dropEmptyTasks(
  session: Session,
  tasks: Iterable<ChangedTask>,
): Promise<void> {
  const gone = [...tasks].flatMap(({ stored, state }) =>
    !state && stored && stored.explicit?.createdAt === undefined ? [stored.key] : [],
  );
  await deleteByKeys(session, 'tasks', gone);
}

/** A row of `tasks`: what was said by hand beats what the runs say. */
export function taskRow(
  taskId: string,
  explicit: ExplicitTask | null,
  state: TaskState | null,
): TableRow<typeof taskTable.columns> {
  const latest = state?.latest;
  const status = explicit?.status ?? latest?.status ?? 'queued';
  return {
    task_id: taskId,
    explicit: explicit === null ? null : JSON.stringify(explicit),
    state: state === null ? null : JSON.stringify(state),
    type: explicit?.type ?? state?.type?.text ?? null,
    input: explicit?.input ?? state?.input?.text ?? null,
    status,
    agent_id: explicit?.agentId ?? latest?.agentId ?? null,
    session_id: explicit?.sessionId ?? latest?.sessionId ?? null,
    created_at: explicit?.createdAt ?? int64Text(BigInt(state!.created)),
    completed_at:
      isFinal(status) && latest?.end != null && isFinal(latest.status)
        ? int64Text(BigInt(latest.end))
        : null,
    executions: state?.runs ?? 0,
    tags: JSON.stringify(
      union(
        (state?.tags ?? []).map(([tag]) => tag),
        explicit?.tags ?? [],
      ),
    ),
    reward_mean: state ? meanReward(state) : null,
    reward_executions: state?.rewards ?? 0,
    latest_execution: latest?.id ?? null,
  };
}
