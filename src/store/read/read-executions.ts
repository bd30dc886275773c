import type { Page, PageRequest, RecordFilter } from '../../model/query';
import type { Exposure } from '../../model/span';
import type { Status } from '../../model/status';
import type { Execution, ExecutionFlag, Task } from '../../model/task';
import type { Session } from '../database/database';
import type { Dialect } from '../database/dialect';
import { numbersByName, parseAttributes, uint64 } from '../schema/json-values';
import { cleanText } from '../schema/text';
import { type Keyset, readKeyset } from './keyset';
import { filterConditions } from './record-filter';

/** Executions, the newest first. */
export async function listExecutions(
  session: Session,
  query: RecordFilter & PageRequest,
): Promise<Page<Execution>> {
  const keyset: Keyset<ShownExecution> = {
    list: 'executions',
    select: selectExecutions(session.dialect),
    order: [
      { column: 'e.start_time', kind: 'int' },
      { column: 'e.key', kind: 'int' },
    ],
    direction: 'DESC',
    position: (row) => [row.start_time, String(row.key)],
  };
  const conditions = await filterConditions(session, 'executions', query);
  const { rows, nextCursor } = await readKeyset(session, keyset, conditions, query);
  return { items: rows.map(toExecution), nextCursor };
}

export async function getExecution(session: Session, id: string): Promise<Execution | null> {
  const [row] = await session.all<ShownExecution>(
    `${selectExecutions(session.dialect)} WHERE e.execution_id = ?`,
    [cleanText(id)],
  );
  return row ? toExecution(row) : null;
}

/** Tasks, the newest first. */
export async function listTasks(
  session: Session,
  query: RecordFilter & PageRequest,
): Promise<Page<Task>> {
  const keyset: Keyset<TaskRead> = {
    list: 'tasks',
    select: selectTasks(session.dialect),
    order: [
      { column: 'k.created_at', kind: 'int' },
      { column: 'k.key', kind: 'int' },
    ],
    direction: 'DESC',
    position: (row) => [row.created_at, String(row.key)],
  };
  const conditions = await filterConditions(session, 'tasks', query);
  const { rows, nextCursor } = await readKeyset(session, keyset, conditions, query);
  return { items: rows.map(toTask), nextCursor };
}

export async function getTask(session: Session, id: string): Promise<Task | null> {
  const [row] = await session.all<TaskRead>(`${selectTasks(session.dialect)} WHERE k.task_id = ?`, [
    cleanText(id),
  ]);
  return row ? toTask(row) : null;
}

interface ShownExecution {
  readonly key: number | string;
  readonly execution_id: string;
  readonly task_id: string;
  readonly attempt: number | string;
  readonly replication: number | string;
  readonly agent_id: string | null;
  readonly agent_name: string | null;
  readonly agent_version: string | null;
  readonly agent_type: string | null;
  readonly session_id: string | null;
  readonly config: string | null;
  readonly status: Status;
  readonly start_time: string;
  readonly end_time: string | null;
  readonly spans: number | string;
  readonly llm_calls: number | string;
  readonly tool_calls: number | string;
  readonly errors: number | string;
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly cost_usd: number | null;
  readonly rewards: string;
  readonly exposures: string | null;
  readonly success: number | string | null;
  readonly tags: string;
  readonly flags: string;
  readonly closed: number | string;
}

function selectExecutions({ asText }: Dialect): string {
  return (
    `SELECT e.key, e.execution_id, k.task_id, e.attempt, e.replication, e.agent_id, e.agent_name, ` +
    `e.agent_version, e.agent_type, e.session_id, e.config, e.status, ` +
    `${asText('e.start_time')} AS start_time, ${asText('e.end_time')} AS end_time, e.spans, ` +
    `e.llm_calls, e.tool_calls, e.errors, e.input_tokens, e.output_tokens, e.cost_usd, e.rewards, ` +
    `e.exposures, e.success, e.tags, e.flags, CASE WHEN e.closed_at IS NULL THEN 0 ELSE 1 END AS closed ` +
    `FROM executions AS e JOIN tasks AS k ON k.key = e.task_key`
  );
}

function toExecution(row: ShownExecution): Execution {
  return {
    id: row.execution_id,
    taskId: row.task_id,
    attempt: Number(row.attempt),
    replication: Number(row.replication),
    agent: {
      id: row.agent_id,
      name: row.agent_name,
      version: row.agent_version,
      type: row.agent_type,
    },
    sessionId: row.session_id,
    config: row.config === null ? null : parseAttributes(row.config),
    status: row.status,
    startTimeUnixNano: uint64(row.start_time),
    endTimeUnixNano: row.end_time === null ? null : uint64(row.end_time),
    spans: Number(row.spans),
    llmCalls: Number(row.llm_calls),
    toolCalls: Number(row.tool_calls),
    errors: Number(row.errors),
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    costUsd: row.cost_usd,
    rewards: parseNumbers(row.rewards),
    success: row.success === null ? null : Number(row.success) === 1,
    exposures: row.exposures === null ? [] : (JSON.parse(row.exposures) as Exposure[]),
    tags: JSON.parse(row.tags) as string[],
    flags: JSON.parse(row.flags) as ExecutionFlag[],
    closed: Number(row.closed) === 1,
  };
}

function parseNumbers(json: string): Readonly<Record<string, number>> {
  return numbersByName(Object.entries(JSON.parse(json) as Record<string, number>));
}

interface TaskRead {
  readonly key: number | string;
  readonly task_id: string;
  readonly type: string | null;
  readonly input: string | null;
  readonly status: Status;
  readonly agent_id: string | null;
  readonly session_id: string | null;
  readonly created_at: string;
  readonly completed_at: string | null;
  readonly executions: number | string;
  readonly tags: string;
  readonly reward_mean: number | null;
  readonly reward_executions: number | string;
}

function selectTasks({ asText }: Dialect): string {
  return (
    `SELECT k.key, k.task_id, k.type, k.input, k.status, k.agent_id, k.session_id, ` +
    `${asText('k.created_at')} AS created_at, ${asText('k.completed_at')} AS completed_at, ` +
    `k.executions, k.tags, k.reward_mean, k.reward_executions FROM tasks AS k`
  );
}

function toTask(row: TaskRead): Task {
  return {
    id: row.task_id,
    type: row.type,
    input: row.input,
    status: row.status,
    agentId: row.agent_id,
    sessionId: row.session_id,
    createdAtUnixNano: uint64(row.created_at),
    completedAtUnixNano: row.completed_at === null ? null : uint64(row.completed_at),
    executions: Number(row.executions),
    tags: JSON.parse(row.tags) as string[],
    reward:
      row.reward_mean === null
        ? null
        : { mean: row.reward_mean, executions: Number(row.reward_executions) },
  };
}
