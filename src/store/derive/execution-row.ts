import type { SqlValue } from '../database/database';
import { int64Text } from '../schema/json-values';
import type { Status } from '../../model/status';
import type { ExecutionFlag } from '../../model/task';
import type { ExecutionDraft, FoldSettings } from './fold-state';

export const executionColumns = {
  execution_id: 'text',
  task_key: 'bigint',
  dirty: 'bigint',
  explicit: 'text',
  attempt: 'bigint',
  replication: 'bigint',
  agent_id: 'text',
  agent_name: 'text',
  agent_version: 'text',
  agent_type: 'text',
  session_id: 'text',
  task_type: 'text',
  task_input: 'text',
  config: 'text',
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
  said_success: 'bigint',
  said_status: 'text',
  rewards: 'text',
  reward: 'double precision',
  success: 'bigint',
  tags: 'text',
  flags: 'text',
} as const;

/** A row of `executions` in the order of `executionColumns`. */
export function executionRow(
  draft: ExecutionDraft,
  taskKey: number,
  outcome: Readonly<Record<string, number>>,
  settings: FoldSettings,
): SqlValue[] {
  const { folded } = draft;
  return [
    ...identityValues(draft, taskKey),
    executionStatus(draft),
    folded?.root.traceId ?? null,
    folded?.root.spanId ?? null,
    ...foldedValues(draft),
    JSON.stringify(outcome),
    outcome.reward ?? null,
    flag(successOf(draft, outcome, settings)),
    JSON.stringify(draft.tags),
    JSON.stringify(flagsOf(draft)),
  ];
}

function identityValues(draft: ExecutionDraft, taskKey: number): SqlValue[] {
  const { folded, stored } = draft;
  const explicit = stored?.explicit ?? {};
  const agent = { ...folded?.agent, ...explicit.agent };
  const config = explicit.config ?? folded?.config ?? null;
  return [
    draft.executionId,
    taskKey,
    0,
    stored?.explicit ? JSON.stringify(stored.explicit) : null,
    draft.attempt,
    draft.replication,
    agent.id ?? null,
    agent.name ?? null,
    agent.version ?? null,
    agent.type ?? null,
    folded?.sessionId ?? null,
    folded?.taskType ?? null,
    folded?.taskInput ?? null,
    config === null ? null : JSON.stringify(config),
  ];
}

function foldedValues({ folded, startTimeUnixNano }: ExecutionDraft): SqlValue[] {
  const start = int64Text(startTimeUnixNano);
  return [
    folded ? int64Text(folded.rootStartTimeUnixNano) : start,
    folded?.rootEnded ? 1 : 0,
    start,
    nanos(folded?.endTimeUnixNano),
    nanos(folded?.durationNano),
    folded ? int64Text(folded.lastReceivedAtUnixNano) : start,
    folded?.spans ?? 0,
    folded?.llmCalls ?? 0,
    folded?.toolCalls ?? 0,
    folded?.errors ?? 0,
    folded?.inputTokens ?? null,
    folded?.outputTokens ?? null,
    folded?.costUsd ?? null,
    flag(folded?.saidSuccess ?? null),
    folded?.saidStatus ?? null,
  ];
}

export function executionStatus({ stored, folded }: ExecutionDraft): Status {
  if (stored?.explicit?.status) return stored.explicit.status;
  if (!folded) return 'queued';
  // Closed while its root was open: nothing had come for so long that it was given up.
  if (stored?.closedAt != null && folded.status === 'running') return 'timed_out';
  return folded.status;
}

export function successOf(
  { folded }: ExecutionDraft,
  outcome: Readonly<Record<string, number>>,
  { successThreshold }: FoldSettings,
): boolean | null {
  if (outcome.reward !== undefined) return outcome.reward >= successThreshold;
  return folded?.saidSuccess ?? null;
}

function flagsOf({ stored, folded, members }: ExecutionDraft): readonly ExecutionFlag[] {
  const closedAfter = stored?.closedSpanKey ?? null;
  const late = closedAfter !== null && members.some((span) => span.key > closedAfter);
  return [...(late ? (['late_spans'] as const) : []), ...(folded?.flags ?? [])];
}

const flag = (value: boolean | null): number | null => (value === null ? null : value ? 1 : 0);

const nanos = (value: bigint | null | undefined): string | null =>
  value == null ? null : int64Text(value);
