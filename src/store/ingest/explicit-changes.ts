import { InputError, NotFoundError } from '../../errors';
import type { ExecutionChange, NewExecution, NewTask, TaskChange } from '../../model/ports';
import type { Status } from '../../model/status';
import type { Session } from '../database/database';
import type { ExplicitExecution, ExplicitTask } from '../derive/explicit';
import { foldChunk } from '../derive/fold-chunk';
import type { FoldSettings } from '../derive/fold-state';
import { taskRow } from '../derive/fold-tasks';
import { checkTransition } from '../derive/transitions';
import { int64Text } from '../schema/json-values';
import { cleanJson, cleanText, maxIdLength } from '../schema/text';
import type { KeyCache } from './key-cache';
import { tagKeys } from './write-tags';

/** What changes by hand need besides the transaction. */
export interface ExplicitContext {
  readonly settings: FoldSettings;
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
  const stored = await loadExplicitTask(session, checkId('task', id));
  if (stored) return changeTask(session, context, id, said);
  await noteTags(session, context, said.tags);
  const explicit = clean<ExplicitTask>({ ...said, createdAt: int64Text(context.nowUnixNano) });
  const [taskId, text, type, input, status, agentId, sessionId, createdAt, , , tags] = taskRow(
    cleanText(id),
    explicit,
    [],
  );
  await session.run(
    `INSERT INTO tasks (task_id, explicit, type, input, status, agent_id, session_id, created_at, ` +
      `tags, executions, reward_executions) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)`,
    [taskId!, text!, type!, input!, status!, agentId!, sessionId!, createdAt!, tags!],
  );
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
  await session.run('UPDATE tasks SET explicit = ? WHERE key = ?', [
    JSON.stringify(explicit),
    stored.key,
  ]);
  await refoldTask(session, context, stored.key, cleanText(id), explicit);
}

/** @throws NotFoundError where the task is unknown · InputError where the execution exists */
export async function createExecution(
  session: Session,
  context: ExplicitContext,
  id: string,
  execution: NewExecution,
): Promise<void> {
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
  const explicit = clean<ExplicitExecution>({
    ...stored?.explicit,
    ...defined(said),
    createdAt: int64Text(context.nowUnixNano),
  });
  const key = stored?.key ?? (await insertExecution(session, cleanText(id), task.key, explicit));
  await session.run('UPDATE executions SET explicit = ? WHERE key = ?', [
    JSON.stringify(explicit),
    key,
  ]);
  await foldChunk(session, context.settings, [], [key]);
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
  await session.run('UPDATE executions SET explicit = ? WHERE key = ?', [
    JSON.stringify(explicit),
    stored.key,
  ]);
  await foldChunk(session, context.settings, [], [stored.key]);
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

/** A bare row, which the fold then fills. */
async function insertExecution(
  session: Session,
  id: string,
  taskKey: number,
  { createdAt }: ExplicitExecution,
): Promise<number> {
  const [row] = await session.all<{ key: number | string }>(
    `INSERT INTO executions (execution_id, task_key, dirty, attempt, replication, status, ` +
      `root_start_time, root_ended, start_time, last_received_at, spans, llm_calls, tool_calls, ` +
      `errors, rewards, tags, flags) ` +
      `VALUES (?, ?, 1, 1, 0, 'queued', ?, 0, ?, ?, 0, 0, 0, 0, '{}', '[]', '[]') RETURNING key`,
    [id, taskKey, createdAt!, createdAt!, createdAt!],
  );
  return Number(row!.key);
}

/** A task is folded with its executions; without any there is only what was said. */
async function refoldTask(
  session: Session,
  { settings }: ExplicitContext,
  key: number,
  taskId: string,
  explicit: ExplicitTask,
): Promise<void> {
  const runs = await session.all<{ key: number | string }>(
    'SELECT key FROM executions WHERE task_key = ? LIMIT 1',
    [key],
  );
  if (runs.length > 0) return foldChunk(session, settings, [], [Number(runs[0]!.key)]);
  const [, , type, input, status, agentId, sessionId, , , , tags] = taskRow(taskId, explicit, []);
  await session.run(
    'UPDATE tasks SET type = ?, input = ?, status = ?, agent_id = ?, session_id = ?, tags = ? WHERE key = ?',
    [type!, input!, status!, agentId!, sessionId!, tags!, key],
  );
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
