import type { Session } from '../database/database';
import type { ExecutionState } from '../derive/execution-state';
import type { ExplicitExecution } from '../derive/explicit';
import type { TaskRun } from '../derive/task-run';
import type { Status } from '../../model/status';
import { uint64 } from './json-values';
import { defineTable } from './table';

export const executionTable = defineTable('executions', {
  execution_id: 'text',
  task_key: 'bigint',
  dirty: 'bigint',
  revision: 'bigint',
  explicit: 'text',
  state: 'text',
  attempt: 'bigint',
  replication: 'bigint',
  agent_id: 'text',
  agent_name: 'text',
  agent_version: 'text',
  agent_type: 'text',
  session_id: 'text',
  task_type: 'text',
  task_input: 'text',
  model: 'text',
  config: 'text',
  sampling: 'text',
  exposures: 'text',
  status: 'text',
  root_trace_id: 'text',
  root_span_id: 'text',
  root_start_time: 'bigint',
  root_ended: 'bigint',
  start_time: 'bigint',
  end_time: 'bigint',
  duration: 'bigint',
  last_received_at: 'bigint',
  spans: 'bigint',
  llm_calls: 'bigint',
  tool_calls: 'bigint',
  errors: 'bigint',
  input_tokens: 'double precision',
  output_tokens: 'double precision',
  cost_usd: 'double precision',
  said_status: 'text',
  rewards: 'text',
  reward: 'double precision',
  success: 'bigint',
  tags: 'text',
  flags: 'text',
});

/** Nothing to do, its outcome is to be judged again, or its state is to be made anew from its spans. */
export const executionDirty = { clean: 0, judge: 1, recompute: 2, failed: 3 } as const;

/** An execution's row as far as derivation builds on it. */
export interface StoredExecution {
  readonly key: number;
  readonly executionId: string;
  readonly taskId: string;
  readonly taskKey: number;
  readonly dirty: number;
  /** Grows with every change. */
  readonly revision: number;
  readonly explicit: ExplicitExecution | null;
  readonly state: ExecutionState | null;
  readonly closedAt: string | null;
  /** Retention took some of its spans: what they said is in the state, and nowhere else. */
  readonly pruned: boolean;
  readonly late: boolean;
  /** What the hourly roll-ups know of it. */
  readonly figures: StoredFigures;
  /** What its task knows of it. */
  readonly run: TaskRun;
}

export interface StoredFigures {
  readonly model: string | null;
  readonly errors: number;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly costUsd: number | null;
  readonly success: boolean | null;
  readonly durationNano: bigint | null;
}

/** Rows by id or key; locked until the transaction ends, where the database has locks of rows. */
export async function loadExecutions(
  session: Session,
  ids: readonly string[],
  keys: readonly number[],
): Promise<readonly StoredExecution[]> {
  const { inList, list, asText, forUpdate } = session.dialect;
  if (ids.length + keys.length === 0) return [];
  const select =
    `SELECT e.key, e.execution_id, e.task_key, t.task_id, e.dirty, e.revision, e.explicit, e.state, ` +
    `${asText('e.closed_at')} AS closed_at, e.pruned, e.flags, e.attempt, e.replication, ` +
    `${asText('e.start_time')} AS start_time, ${asText('e.end_time')} AS end_time, e.status, ` +
    `e.agent_id, e.session_id, e.task_type, e.task_input, e.tags, e.reward, e.model, e.errors, ` +
    `e.input_tokens, e.output_tokens, e.cost_usd, e.success, ${asText('e.duration')} AS duration ` +
    `FROM executions AS e JOIN tasks AS t ON t.key = e.task_key WHERE `;
  const lock = ` ORDER BY e.key${forUpdate('e')}`;
  const byId =
    ids.length === 0
      ? []
      : await session.all<ExecutionRead>(select + inList('e.execution_id', 'text') + lock, [
          list(ids),
        ]);
  const found = new Set(byId.map((row) => Number(row.key)));
  const others = keys.filter((key) => !found.has(key));
  const byKey =
    others.length === 0
      ? []
      : await session.all<ExecutionRead>(select + inList('e.key', 'bigint') + lock, [list(others)]);
  return [...byId, ...byKey].map(toStored);
}

interface ExecutionRead {
  readonly key: number | string;
  readonly execution_id: string;
  readonly task_key: number | string;
  readonly task_id: string;
  readonly dirty: number | string;
  readonly revision: number | string;
  readonly explicit: string | null;
  readonly state: string | null;
  readonly closed_at: string | null;
  readonly pruned: number | string;
  readonly flags: string;
  readonly attempt: number | string;
  readonly replication: number | string;
  readonly start_time: string;
  readonly end_time: string | null;
  readonly status: Status;
  readonly agent_id: string | null;
  readonly session_id: string | null;
  readonly task_type: string | null;
  readonly task_input: string | null;
  readonly tags: string;
  readonly reward: number | null;
  readonly model: string | null;
  readonly errors: number | string;
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly cost_usd: number | null;
  readonly success: number | string | null;
  readonly duration: string | null;
}

function toStored(row: ExecutionRead): StoredExecution {
  return {
    key: Number(row.key),
    executionId: row.execution_id,
    taskId: row.task_id,
    taskKey: Number(row.task_key),
    dirty: Number(row.dirty),
    revision: Number(row.revision),
    explicit: row.explicit === null ? null : (JSON.parse(row.explicit) as ExplicitExecution),
    state: row.state === null ? null : (JSON.parse(row.state) as ExecutionState),
    closedAt: row.closed_at,
    pruned: Number(row.pruned) === 1,
    late: row.flags.includes('"late_spans"'),
    figures: {
      model: row.model,
      errors: Number(row.errors),
      inputTokens: row.input_tokens,
      outputTokens: row.output_tokens,
      costUsd: row.cost_usd,
      success: row.success === null ? null : Number(row.success) === 1,
      durationNano: row.duration === null ? null : BigInt(row.duration),
    },
    run: {
      executionId: row.execution_id,
      attempt: Number(row.attempt),
      replication: Number(row.replication),
      startTimeUnixNano: uint64(row.start_time),
      endTimeUnixNano: row.end_time === null ? null : uint64(row.end_time),
      status: row.status,
      agentId: row.agent_id,
      sessionId: row.session_id,
      taskType: row.task_type,
      taskInput: row.task_input,
      tags: JSON.parse(row.tags) as string[],
      reward: row.reward,
    },
  };
}
