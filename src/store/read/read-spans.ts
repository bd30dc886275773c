import { InputError } from '../../errors';
import type { Page, PageRequest, RecordFilter, SpanQuery, TraceSummary } from '../../model/query';
import type { Span, SpanAddress, SpanSkeleton } from '../../model/span';
import type { Session } from '../database/database';
import { uint64 } from '../schema/json-values';
import { cleanText } from '../schema/text';
import { type Keyset, readKeyset } from './keyset';
import { filterConditions, join } from './record-filter';
import { selectSkeletons, toSkeletons } from './skeleton-codec';
import { selectSpans, type SkeletonRead, type SpanRead, toSpans } from './span-codec';

/** Spans by (start, arrival). */
export async function querySpans(session: Session, query: SpanQuery): Promise<Page<Span>> {
  const keyset: Keyset<SpanRead> = {
    list: 'spans',
    select: selectSpans(session.dialect),
    order: [
      { column: 's.start_time', kind: 'int' },
      { column: 's.key', kind: 'int' },
    ],
    direction: 'ASC',
    position: (row) => [row.start_time, String(row.key)],
  };
  const conditions = await filterConditions(session, 'spans', query);
  const { rows, nextCursor } = await readKeyset(session, keyset, conditions, query);
  return { items: await toSpans(session, rows), nextCursor };
}

export async function getSpan(
  session: Session,
  address: SpanAddress | { readonly spanId: string },
): Promise<Span | null> {
  const inTrace = 'traceId' in address;
  // Without the trace id this walks the index (trace_key, span_id): some 50 ms for a million spans.
  const rows = await session.all<SpanRead>(
    inTrace
      ? `${selectSpans(session.dialect)} WHERE s.span_id = ? AND t.trace_id = ?`
      : `${selectSpans(session.dialect)} WHERE s.key IN (SELECT key FROM spans WHERE span_id = ? LIMIT 2)`,
    inTrace ? [cleanText(address.spanId), cleanText(address.traceId)] : [cleanText(address.spanId)],
  );
  if (rows.length > 1) {
    throw new InputError(
      `The span id ${address.spanId} occurs in more than one trace, such as ${rows[0]!.trace_id} and ${rows[1]!.trace_id}.`,
      { code: 'ambiguous', hint: 'Give the trace id too.' },
    );
  }
  return (await toSpans(session, rows))[0] ?? null;
}

/** An unfinished span ends after all others. */
const MAX_TIME = '9223372036854775807';

export async function getTrace(session: Session, traceId: string): Promise<readonly Span[]> {
  const rows = await session.all<SpanRead>(
    // Of two that start at once, as clocks of milliseconds have it, the one that ends first came first.
    `${selectSpans(session.dialect)} WHERE t.trace_id = ? ` +
      `ORDER BY s.start_time, COALESCE(s.end_time, ${MAX_TIME}), s.span_id`,
    [cleanText(traceId)],
  );
  return toSpans(session, rows);
}

/** As {@link getTrace}, from the columns of the spans alone. */
export async function getTraceSkeleton(
  session: Session,
  traceId: string,
): Promise<readonly SpanSkeleton[]> {
  const rows = await session.all<SkeletonRead>(
    `${selectSkeletons(session.dialect)} WHERE t.trace_id = ? ` +
      `ORDER BY s.start_time, COALESCE(s.end_time, ${MAX_TIME}), s.span_id`,
    [cleanText(traceId)],
  );
  return toSkeletons(session, rows);
}

/** The given spans, as far as they are stored, by (start, trace id, span id). */
export async function getSpans(
  session: Session,
  addresses: readonly SpanAddress[],
): Promise<readonly Span[]> {
  const rows = await session.all<SpanRead>(
    `${selectSpans(session.dialect)} JOIN ${session.dialect.rows({
      trace_id: 'text',
      span_id: 'text',
    })} AS given ON given.trace_id = t.trace_id AND given.span_id = s.span_id ` +
      `ORDER BY s.start_time, t.trace_id, s.span_id`,
    [JSON.stringify(addresses.map(({ traceId, spanId }) => [traceId, spanId]))],
  );
  return toSpans(session, rows);
}

interface TraceRead {
  readonly key: number | string;
  readonly trace_id: string;
  readonly root_name: string | null;
  readonly start_time: string;
  readonly end_time: string | null;
  readonly spans: number | string;
  readonly errors: number | string;
  readonly task_id: string | null;
  readonly execution_id: string | null;
  readonly agent_id: string | null;
}

/** Traces, the newest first. */
export async function listTraces(
  session: Session,
  query: RecordFilter & PageRequest,
): Promise<Page<TraceSummary>> {
  const { asText } = session.dialect;
  const keyset: Keyset<TraceRead> = {
    list: 'traces',
    select:
      `SELECT t.key, t.trace_id, t.root_name, ${asText('t.start_time')} AS start_time, ` +
      `${asText('t.end_time')} AS end_time, t.spans, t.errors, tk.task_id, te.execution_id, ` +
      // The execution's agent may change through another of its traces.
      `CASE WHEN te.key IS NULL THEN t.agent_id ELSE te.agent_id END AS agent_id ` +
      `FROM traces AS t LEFT JOIN executions AS te ON te.key = t.execution_key ` +
      `LEFT JOIN tasks AS tk ON tk.key = te.task_key`,
    order: [
      { column: 't.start_time', kind: 'int' },
      { column: 't.key', kind: 'int' },
    ],
    direction: 'DESC',
    position: (row) => [row.start_time, String(row.key)],
  };
  // A trace that is only known as the target of a tag has no spans yet, and no start.
  const conditions = join(
    { sql: ['t.start_time IS NOT NULL'], values: [] },
    await filterConditions(session, 'traces', query),
  );
  const { rows, nextCursor } = await readKeyset(session, keyset, conditions, query);
  return { items: rows.map(toTraceSummary), nextCursor };
}

function toTraceSummary(row: TraceRead): TraceSummary {
  return {
    traceId: row.trace_id,
    rootName: row.root_name,
    startTimeUnixNano: uint64(row.start_time),
    endTimeUnixNano: row.end_time === null ? null : uint64(row.end_time),
    spans: Number(row.spans),
    errors: Number(row.errors),
    taskId: row.task_id,
    executionId: row.execution_id,
    agentId: row.agent_id,
  };
}
