import { stringify } from 'csv-stringify/sync';
import type { Span } from '../model/span';

/**
 * The columns of the CSV, in order; names and units as on the wire. Ids and times are text, unknown
 * is an empty cell; events, links and resource are in the other formats only.
 */
export const csvColumns = [
  'trace_id',
  'span_id',
  'parent_span_id',
  'name',
  'kind',
  'start_time_unix_nano',
  'end_time_unix_nano',
  'duration_nano',
  'status_code',
  'status_message',
  'task_id',
  'execution_id',
  'agent_id',
  'role',
  'model',
  'tool',
  'input_tokens',
  'output_tokens',
  'cost_usd',
  'error_type',
  'tags',
  'attributes',
] as const;

type Row = Readonly<Record<(typeof csvColumns)[number], string | number | bigint | null>>;

/** Rows that are put into text at once. */
const rowsPerPiece = 500;

/**
 * CSV by RFC 4180 with a heading. A spreadsheet runs a cell that begins with `=`, `+`, `-` or `@` as
 * a formula, so such a cell gets a `'` before it.
 */
export async function* exportCsv(spans: AsyncIterable<Span>): AsyncGenerator<string> {
  let rows: Row[] = [];
  yield `${csvColumns.join(',')}\r\n`;
  for await (const span of spans) {
    rows.push(toRow(span));
    if (rows.length < rowsPerPiece) continue;
    yield toText(rows);
    rows = [];
  }
  if (rows.length > 0) yield toText(rows);
}

function toText(rows: readonly Row[]): string {
  return stringify([...rows], {
    columns: [...csvColumns],
    record_delimiter: 'windows',
    escape_formulas: true,
  });
}

function toRow(span: Span): Row {
  const { startTimeUnixNano: start, endTimeUnixNano: end } = span;
  return {
    trace_id: span.traceId,
    span_id: span.spanId,
    parent_span_id: span.parentSpanId,
    name: span.name,
    kind: span.kind,
    start_time_unix_nano: start,
    end_time_unix_nano: end,
    duration_nano: end === null ? null : end - start,
    status_code: span.status.code,
    status_message: span.status.message,
    task_id: span.taskId,
    execution_id: span.executionId,
    agent_id: span.agentId,
    role: span.role,
    model: span.model,
    tool: span.tool,
    input_tokens: span.inputTokens,
    output_tokens: span.outputTokens,
    cost_usd: span.costUsd,
    error_type: span.errorType,
    tags: span.tags.length === 0 ? null : JSON.stringify(span.tags),
    attributes: JSON.stringify(span.attributes),
  };
}
