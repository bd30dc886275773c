import type { SpanAddress } from '../../model/span';
import type { Status } from '../../model/status';
import {
  executionDirty,
  type executionTable,
  type StoredExecution,
} from '../schema/execution-table';
import { int64Text } from '../schema/json-values';
import type { TableRow } from '../schema/table';
import { type ExecutionState, union } from './execution-state';
import type { ExplicitExecution } from './explicit';
import { type FoldedExecution, foldExecution } from './fold-execution';
import type { DeriveSettings } from './outcome';
import type { TaskRun } from './task-run';

/** An execution that is to be written anew. */
export interface ExecutionDraft {
  readonly executionId: string;
  /** Its row, where there is one. */
  readonly stored: StoredExecution | null;
  /** What somebody says now, in place of what its row holds. */
  readonly explicit?: ExplicitExecution;
  /** Of all its spans; `null` for one that was made by hand and has none. */
  readonly state: ExecutionState | null;
  /** Spans came after it was closed. */
  readonly late: boolean;
  /** Spans that come to it now. */
  readonly arriving: readonly SpanAddress[];
  /** Its state is still to be made anew from its spans. */
  readonly unfinished?: boolean;
}

export interface View {
  readonly draft: ExecutionDraft;
  readonly folded: FoldedExecution | null;
  readonly taskId: string;
  readonly run: TaskRun;
}

export interface JudgedView extends View {
  readonly rewards: Readonly<Record<string, number>>;
}

/** `null` for an execution that lost its last span and that nobody made by hand. */
export function viewOf(draft: ExecutionDraft): View | null {
  const { state, executionId } = draft;
  const explicit = explicitOf(draft) ?? {};
  if (!state && explicit.createdAt === undefined) return null;
  const folded = state && foldExecution(state);
  return {
    draft,
    folded,
    // Without spans somebody made it, and said its task and when.
    taskId: explicit.taskId ?? folded!.taskId,
    run: {
      executionId,
      attempt: explicit.attempt ?? folded?.attempt ?? 1,
      replication: explicit.replication ?? folded?.replication ?? 0,
      startTimeUnixNano: folded?.startTimeUnixNano ?? BigInt(explicit.createdAt!),
      endTimeUnixNano: folded?.endTimeUnixNano ?? null,
      status: statusOf(draft, folded),
      agentId: explicit.agent?.id ?? folded?.agent.id ?? null,
      sessionId: folded?.sessionId ?? null,
      taskType: folded?.taskType ?? null,
      taskInput: folded?.taskInput ?? null,
      tags: union(folded?.tags ?? [], explicit.tags ?? []),
      reward: null,
    },
  };
}

export const explicitOf = ({ explicit, stored }: ExecutionDraft): ExplicitExecution | null =>
  explicit ?? stored?.explicit ?? null;

function statusOf(draft: ExecutionDraft, folded: FoldedExecution | null): Status {
  const { stored } = draft;
  const said = explicitOf(draft)?.status;
  if (said) return said;
  if (!folded) return 'queued';
  // Closed while its root was open: nothing had come for so long that it was given up.
  if (stored?.closedAt != null && folded.status === 'running') return 'timed_out';
  return folded.status;
}

/** A row of `executions`. */
export function executionRow(
  { draft, folded, run, rewards }: JudgedView,
  taskKey: number,
  settings: DeriveSettings,
): TableRow<typeof executionTable.columns> {
  const explicit = explicitOf(draft);
  const agent = { ...folded?.agent, ...explicit?.agent };
  const start = int64Text(run.startTimeUnixNano);
  return {
    execution_id: run.executionId,
    task_key: taskKey,
    dirty: draft.unfinished ? executionDirty.recompute : executionDirty.clean,
    revision: (draft.stored?.revision ?? 0) + 1,
    explicit: jsonOrNull(explicit),
    state: jsonOrNull(draft.state),
    attempt: run.attempt,
    replication: run.replication,
    agent_id: run.agentId,
    agent_name: agent.name ?? null,
    agent_version: agent.version ?? null,
    agent_type: agent.type ?? null,
    session_id: run.sessionId,
    task_type: run.taskType,
    task_input: run.taskInput,
    model: folded?.model ?? null,
    config: jsonOrNull(explicit?.config ?? folded?.config ?? null),
    sampling: jsonOrNull(folded?.sampling ?? null),
    exposures: folded?.exposures.length ? JSON.stringify(folded.exposures) : null,
    status: run.status,
    start_time: start,
    end_time: nanos(run.endTimeUnixNano),
    ...spanValues(folded, start),
    rewards: JSON.stringify(rewards),
    reward: run.reward,
    success: flag(successOf(folded, rewards, settings)),
    tags: JSON.stringify(run.tags),
    flags: JSON.stringify([...(draft.late ? ['late_spans'] : []), ...(folded?.flags ?? [])]),
  };
}

/** What only spans say. */
function spanValues(folded: FoldedExecution | null, start: string) {
  return {
    root_trace_id: folded?.root.traceId ?? null,
    root_span_id: folded?.root.spanId ?? null,
    root_start_time: folded ? int64Text(folded.rootStartTimeUnixNano) : start,
    root_ended: folded?.rootEnded ? 1 : 0,
    duration: nanos(folded?.durationNano),
    last_received_at: folded ? int64Text(folded.lastReceivedAtUnixNano) : start,
    spans: folded?.spans ?? 0,
    llm_calls: folded?.llmCalls ?? 0,
    tool_calls: folded?.toolCalls ?? 0,
    errors: folded?.errors ?? 0,
    input_tokens: folded?.inputTokens ?? null,
    output_tokens: folded?.outputTokens ?? null,
    cost_usd: folded?.costUsd ?? null,
    said_status: folded?.saidStatus ?? null,
  };
}

export function successOf(
  folded: Pick<FoldedExecution, 'saidSuccess'> | null,
  rewards: Readonly<Record<string, number>>,
  { successThreshold }: DeriveSettings,
): boolean | null {
  if (rewards.reward !== undefined) return rewards.reward >= successThreshold;
  return folded?.saidSuccess ?? null;
}

const flag = (value: boolean | null): number | null => (value === null ? null : value ? 1 : 0);

const jsonOrNull = (value: object | null): string | null =>
  value === null ? null : JSON.stringify(value);

const nanos = (value: bigint | null | undefined): string | null =>
  value == null ? null : int64Text(value);
