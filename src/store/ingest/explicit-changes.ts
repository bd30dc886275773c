import { InputError, NotFoundError } from '../../errors';
import type { ExecutionChange, NewExecution, NewTask, TaskChange } from '../../model/ports';
import type { Status } from '../../model/status';
import type { Session } from '../database/database';
import type { ExplicitExecution, ExplicitTask } from '../derive/explicit';
import { applyExecutions } from '../derive/apply-executions';
import { executionDirty, loadExecutions } from '../schema/execution-table';
import { lockIds } from '../derive/lock-ids';
import type { DeriveSettings } from '../derive/outcome';
import { taskRow } from '../derive/apply-tasks';
import { loadTasks, taskTable } from '../schema/task-table';
import { insertRows, updateRows } from '../schema/table';
import { checkTransition } from '../derive/transitions';
import { int64Text } from '../schema/json-values';
import { cleanJson, cleanText, maxIdLength } from '../schema/text';
import type { KeyCache } from './key-cache';
import { tagKeys } from './write-tags';

/** What changes by hand need besides the transaction. */
export interface ExplicitContext {
  readonly settings: DeriveSettings;
  readonly tags: KeyCache;
  readonly nowUnixNano: bigint;
}

/** Makes a task, or says the same about one that its spans made already. */
export async function createTask(
  session: Session,
  context: ExplicitContext,
  id: string,
  task: NewTask,
): Promise<void> {
  const { id: _given, ...said } = task;
  await lockIds(session, [id]);
  const stored = await loadExplicitTask(session, checkId('task', id));
  if (stored) return changeTask(session, context, id, said);
  await noteTags(session, context, said.tags);
  const explicit = clean<ExplicitTask>({ ...said, createdAt: int64Text(context.nowUnixNano) });
  await insertRows(session, taskTable, [taskRow(cleanText(id), explicit, null)], {
    returning: 'key',
  });
}

/** @throws NotFoundError · TransitionError */
export async function changeTask(
  session: Session,
  context: ExplicitContext,
  id: string,
  change: TaskChange & Pick<NewTask, 'agentId' | 'sessionId'>,
): Promise<void> {
  const stored = await loadExplicitTask(session, id);
  if (!stored) throw new NotFoundError(`There is no task ${JSON.stringify(id)}.`);
  if (change.status) checkTransition('task', stored.status, change.status);
  await noteTags(session, context, change.tags);
  const before = stored.explicit ?? {};
  const explicit = clean<ExplicitTask>({
    ...before,
    ...defined(change),
    tags: union(before.tags, change.tags),
  });
  const task = (await loadTasks(session, [cleanText(id)])).get(cleanText(id))!;
  await updateRows(session, taskTable, [
    { key: task.key, ...taskRow(task.taskId, explicit, task.state) },
  ]);
}

/** @throws NotFoundError where the task is unknown · InputError where the execution exists */
export async function createExecution(
  session: Session,
  context: ExplicitContext,
  id: string,
  execution: NewExecution,
): Promise<void> {
  await lockIds(session, [id, execution.taskId]);
  const task = await loadExplicitTask(session, execution.taskId);
  if (!task) {
    throw new NotFoundError(`There is no task ${JSON.stringify(execution.taskId)}.`, {
      hint: 'Create the task first.',
    });
  }
  checkId('execution', id);
  for (const [name, value, least] of [
    ['attempt', execution.attempt ?? 1, 1],
    ['replication', execution.replication ?? 0, 0],
  ] as const) {
    if (!Number.isSafeInteger(value) || value < least) {
      throw new InputError(`Expected a whole ${name} from ${least}, got ${value}.`);
    }
  }
  await noteTags(session, context, execution.tags);
  const { id: _given, ...said } = execution;
  const stored = await loadExplicitExecution(session, id);
  if (stored && said.status) checkTransition('execution', stored.status, said.status);
  const explicit = clean<ExplicitExecution>({
    ...stored?.explicit,
    ...defined(said),
    // Known before anything ran, as tags of a run that is under way are not.
    tagsAtStart: stored ? stored.explicit?.tagsAtStart : said.tags,
    createdAt: stored?.explicit?.createdAt ?? int64Text(context.nowUnixNano),
  });
  await apply(session, context, cleanText(id), {
    ...explicit,
    taskId: cleanText(execution.taskId),
  });
}

/** @throws NotFoundError · TransitionError */
export async function changeExecution(
  session: Session,
  context: ExplicitContext,
  id: string,
  change: ExecutionChange,
): Promise<void> {
  const stored = await loadExplicitExecution(session, id);
  if (!stored) throw new NotFoundError(`There is no execution ${JSON.stringify(id)}.`);
  if (change.status) checkTransition('execution', stored.status, change.status);
  await noteTags(session, context, change.tags);
  const before = stored.explicit ?? {};
  const explicit = clean<ExplicitExecution>({
    ...before,
    ...defined(change),
    tags: union(before.tags, change.tags),
  });
  await apply(session, context, cleanText(id), explicit);
}

interface Stored<T> {
  readonly key: number;
  readonly status: Status;
  readonly explicit: T | null;
}

const loadExplicitTask = (session: Session, id: string): Promise<Stored<ExplicitTask> | null> =>
  loadExplicit(session, 'SELECT key, status, explicit FROM tasks WHERE task_id = ?', id);

const loadExplicitExecution = (
  session: Session,
  id: string,
): Promise<Stored<ExplicitExecution> | null> =>
  loadExplicit(session, 'SELECT key, status, explicit FROM executions WHERE execution_id = ?', id);

async function loadExplicit<T>(
  session: Session,
  sql: string,
  id: string,
): Promise<Stored<T> | null> {
  const [row] = await session.all<{
    key: number | string;
    status: Status;
    explicit: string | null;
  }>(sql, [cleanText(id)]);
  if (!row) return null;
  const explicit = row.explicit === null ? null : (JSON.parse(row.explicit) as T);
  return { key: Number(row.key), status: row.status, explicit };
}

/** Writes what was said, and all that follows from it. */
async function apply(
  session: Session,
  { settings }: ExplicitContext,
  executionId: string,
  explicit: ExplicitExecution,
): Promise<void> {
  const [stored = null] = await loadExecutions(session, [executionId], []);
  await applyExecutions(session, settings, [
    {
      executionId,
      stored,
      explicit,
      state: stored?.state ?? null,
      late: stored?.late ?? false,
      arriving: [],
      unfinished: stored !== null && stored.dirty >= executionDirty.recompute,
    },
  ]);
}

function checkId(kind: string, id: string): string {
  if (id.length >= 1 && id.length <= maxIdLength) return id;
  throw new InputError(
    `Expected a ${kind} id of 1 to ${maxIdLength} characters, got ${id.length}.`,
  );
}

async function noteTags(
  session: Session,
  context: ExplicitContext,
  tags: readonly string[] = [],
): Promise<void> {
  for (const tag of tags) checkId('tag', tag);
  await tagKeys(session, context.tags, tags);
}

function clean<T>(value: T): T {
  return JSON.parse(cleanJson(value)) as T;
}

function defined<T extends object>(value: T): Partial<T> {
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(entries) as Partial<T>;
}

function union(before: readonly string[] = [], added: readonly string[] = []): string[] {
  return [...new Set([...before, ...added])];
}
