import type { SpanRole } from '../../model/span';
import type { Session } from '../database/database';
import type { Dialect } from '../database/dialect';
import { uint64 } from '../schema/json-values';
import type { StoredMeaning } from '../schema/stored-meaning';
import type { FoldSpan } from './fold-span';

/** A span with the execution that it is stored under now. */
export type LoadedSpan = FoldSpan & { readonly executionKey: number | null };

export async function loadSpansOfTraces(
  session: Session,
  traceKeys: readonly number[],
): Promise<LoadedSpan[]> {
  if (traceKeys.length === 0) return [];
  const { dialect } = session;
  const rows = await session.all<FoldRow>(
    `${selectFoldSpans(dialect)} WHERE ${dialect.inList('s.trace_key', 'bigint')}`,
    [dialect.list(traceKeys)],
  );
  return rows.map(toLoadedSpan);
}

/** Spans of executions that lie outside the given traces. */
export async function loadSpansElsewhere(
  session: Session,
  executionKeys: readonly number[],
  traceKeys: readonly number[],
): Promise<LoadedSpan[]> {
  if (executionKeys.length === 0) return [];
  const { dialect } = session;
  const rows = await session.all<FoldRow>(
    `${selectFoldSpans(dialect)} WHERE ${dialect.inList('s.execution_key', 'bigint')} ` +
      `AND NOT (${dialect.inList('s.trace_key', 'bigint')})`,
    [dialect.list(executionKeys), dialect.list(traceKeys)],
  );
  return rows.map(toLoadedSpan);
}

export function selectFoldSpans({ asText }: Dialect): string {
  return (
    `SELECT s.key, s.trace_key, t.trace_id, s.span_id, s.parent_span_id, s.name, ` +
    `${asText('s.start_time')} AS start_time, ${asText('s.end_time')} AS end_time, ` +
    `s.status_code, s.role, s.carrier, s.agent_id, s.input_tokens, s.output_tokens, s.cost_usd, ` +
    `${asText('s.received_at')} AS received_at, s.meaning, s.execution_key ` +
    `FROM spans AS s JOIN traces AS t ON t.key = s.trace_key`
  );
}

export interface FoldRow {
  readonly key: number | string;
  readonly trace_key: number | string;
  readonly trace_id: string;
  readonly span_id: string;
  readonly parent_span_id: string | null;
  readonly name: string;
  readonly start_time: string;
  readonly end_time: string | null;
  readonly status_code: number | string;
  readonly role: SpanRole;
  readonly carrier: number | string;
  readonly agent_id: string | null;
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly cost_usd: number | null;
  readonly received_at: string;
  readonly meaning: string | null;
  readonly execution_key: number | string | null;
}

export function toLoadedSpan(row: FoldRow): LoadedSpan {
  return {
    key: Number(row.key),
    traceKey: Number(row.trace_key),
    traceId: row.trace_id,
    spanId: row.span_id,
    parentSpanId: row.parent_span_id,
    name: row.name,
    startTimeUnixNano: uint64(row.start_time),
    endTimeUnixNano: row.end_time === null ? null : uint64(row.end_time),
    error: Number(row.status_code) === 2,
    role: row.role,
    carrier: Number(row.carrier) === 1,
    agentId: row.agent_id,
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    costUsd: row.cost_usd,
    receivedAtUnixNano: uint64(row.received_at),
    meaning: row.meaning === null ? nothing : (JSON.parse(row.meaning) as StoredMeaning),
    executionKey: row.execution_key === null ? null : Number(row.execution_key),
  };
}

const nothing: StoredMeaning = {};
