import type { SpanRole } from '../../model/span';
import type { Session, SqlValue } from '../database/database';
import type { Dialect } from '../database/dialect';
import { uint64 } from '../schema/json-values';
import type { StoredMeaning } from '../schema/stored-meaning';
import type { FoldSpan } from './fold-span';

/** All spans of small traces. */
export function loadSpansOfTraces(
  session: Session,
  traceKeys: readonly number[],
): Promise<readonly FoldSpan[]> {
  if (traceKeys.length === 0) return Promise.resolve([]);
  const { inList, list } = session.dialect;
  return load(session, inList('s.trace_key', 'bigint'), [list(traceKeys)]);
}

/** A page of one trace's spans by span id. */
export function loadSpansOfTrace(
  session: Session,
  traceKey: number,
  afterSpanId: string,
  limit: number,
): Promise<readonly FoldSpan[]> {
  return load(session, `s.trace_key = ? AND s.span_id > ? ORDER BY s.span_id LIMIT ${limit}`, [
    traceKey,
    afterSpanId,
  ]);
}

export function loadSpansByKey(
  session: Session,
  keys: readonly number[],
): Promise<readonly FoldSpan[]> {
  if (keys.length === 0) return Promise.resolve([]);
  return load(session, session.dialect.inList('s.key', 'bigint'), [session.dialect.list(keys)]);
}

/** All spans of small executions. */
export function loadSpansOfExecutions(
  session: Session,
  executionKeys: readonly number[],
): Promise<readonly FoldSpan[]> {
  if (executionKeys.length === 0) return Promise.resolve([]);
  const { inList, list } = session.dialect;
  return load(session, inList('s.execution_key', 'bigint'), [list(executionKeys)]);
}

/** A page of one execution's spans by (start, key). */
export function loadSpansOfExecution(
  session: Session,
  executionKey: number,
  after: { readonly start: string; readonly key: number } | null,
  limit: number,
): Promise<readonly FoldSpan[]> {
  const beyond = after === null ? '' : 'AND (s.start_time, s.key) > (CAST(? AS bigint), ?) ';
  return load(
    session,
    `s.execution_key = ? ${beyond}ORDER BY s.start_time, s.key LIMIT ${limit}`,
    after === null ? [executionKey] : [executionKey, after.start, after.key],
  );
}

export function selectFoldSpans({ asText }: Dialect, more = ''): string {
  return (
    `SELECT s.key, s.trace_key, t.trace_id, s.span_id, s.parent_span_id, s.name, ` +
    `${asText('s.start_time')} AS start_text, ${asText('s.end_time')} AS end_text, ` +
    `s.status_code, s.role, s.carrier, s.agent_id, s.model, s.input_tokens, s.output_tokens, s.cost_usd, ` +
    `${asText('s.received_at')} AS received_text, s.meaning, s.execution_key${more} ` +
    `FROM spans AS s JOIN traces AS t ON t.key = s.trace_key`
  );
}

async function load(
  session: Session,
  condition: string,
  values: readonly SqlValue[],
): Promise<readonly FoldSpan[]> {
  const sql = `${selectFoldSpans(session.dialect)} WHERE ${condition}`;
  return (await session.all<FoldRow>(sql, values)).map(toFoldSpan);
}

export interface FoldRow {
  readonly key: number | string;
  readonly trace_key: number | string;
  readonly trace_id: string;
  readonly span_id: string;
  readonly parent_span_id: string | null;
  readonly name: string;
  readonly start_text: string;
  readonly end_text: string | null;
  readonly status_code: number | string;
  readonly role: SpanRole;
  readonly carrier: number | string;
  readonly agent_id: string | null;
  readonly model: string | null;
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly cost_usd: number | null;
  readonly received_text: string;
  readonly meaning: string | null;
  readonly execution_key: number | string | null;
}

export function toFoldSpan(row: FoldRow): FoldSpan {
  return {
    key: Number(row.key),
    traceKey: Number(row.trace_key),
    traceId: row.trace_id,
    spanId: row.span_id,
    parentSpanId: row.parent_span_id,
    name: row.name,
    startTimeUnixNano: uint64(row.start_text),
    endTimeUnixNano: row.end_text === null ? null : uint64(row.end_text),
    error: Number(row.status_code) === 2,
    role: row.role,
    carrier: Number(row.carrier) === 1,
    agentId: row.agent_id,
    model: row.model,
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    costUsd: row.cost_usd,
    receivedAtUnixNano: uint64(row.received_text),
    meaning: row.meaning === null ? nothing : (JSON.parse(row.meaning) as StoredMeaning),
    executionKey: row.execution_key === null ? null : Number(row.execution_key),
  };
}

const nothing: StoredMeaning = {};

/** Tags of the given spans by `trace key/span id`, own and brought. */
export async function loadTagsOf(
  session: Session,
  spans: readonly Pick<FoldSpan, 'traceKey' | 'spanId'>[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (spans.length === 0) return new Map();
  const rows = await session.all<{ trace_key: number | string; span_id: string; tag: string }>(
    `SELECT DISTINCT st.trace_key, st.span_id, g.tag ` +
      `FROM ${session.dialect.rows({ trace_key: 'bigint', span_id: 'text' })} AS given ` +
      `JOIN span_tags AS st ON st.trace_key = given.trace_key AND st.span_id = given.span_id ` +
      `JOIN tags AS g ON g.key = st.tag_key`,
    [JSON.stringify(spans.map(({ traceKey, spanId }) => [traceKey, spanId]))],
  );
  const tags = new Map<string, string[]>();
  for (const { trace_key, span_id, tag } of rows) {
    const place = `${trace_key}/${span_id}`;
    const list = tags.get(place);
    if (list) list.push(tag);
    else tags.set(place, [tag]);
  }
  return tags;
}
