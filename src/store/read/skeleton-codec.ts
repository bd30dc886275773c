import type { SpanSkeleton } from '../../model/span';
import type { Session } from '../database/database';
import type { Dialect } from '../database/dialect';
import { parseRest, type SkeletonRead, toSkeleton } from './span-codec';

/** What a skeleton is made of, with `rest` only where it may hold a message. */
export function selectSkeletons({ asText }: Dialect): string {
  return (
    `SELECT s.trace_key, t.trace_id, s.span_id, s.parent_span_id, s.name, s.kind, ` +
    `${asText('s.start_time')} AS start_time, ${asText('s.end_time')} AS end_time, s.status_code, ` +
    `s.role, s.agent_id, s.model, s.tool, s.input_tokens, s.output_tokens, s.cost_usd, s.error_type, ` +
    `s.tool_arguments_hash, CASE WHEN s.rest LIKE '%"message":%' THEN s.rest END AS rest, ` +
    `e.execution_id, k.task_id FROM spans AS s JOIN traces AS t ON t.key = s.trace_key ` +
    `LEFT JOIN executions AS e ON e.key = s.execution_key LEFT JOIN tasks AS k ON k.key = e.task_key`
  );
}

/** Rows of one trace. */
export async function toSkeletons(
  session: Session,
  rows: readonly SkeletonRead[],
): Promise<SpanSkeleton[]> {
  if (rows.length === 0) return [];
  const tags = await loadTagsOfTrace(session, Number(rows[0]!.trace_key));
  return rows.map((row) => toSkeleton(row, parseRest(row), tags.get(row.span_id) ?? noTags));
}

const noTags: readonly string[] = [];

async function loadTagsOfTrace(
  session: Session,
  traceKey: number,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = await session.all<{ span_id: string; tag: string }>(
    `SELECT DISTINCT st.span_id, g.tag FROM span_tags AS st JOIN tags AS g ON g.key = st.tag_key ` +
      `WHERE st.trace_key = ? ORDER BY g.tag`,
    [traceKey],
  );
  const tags = new Map<string, string[]>();
  for (const { span_id: spanId, tag } of found) {
    const own = tags.get(spanId);
    if (own === undefined) tags.set(spanId, [tag]);
    else own.push(tag);
  }
  return tags;
}
