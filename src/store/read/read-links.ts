import type { Page, PageRequest } from '../../model/query';
import type { Link, LinkClaim } from '../../model/reward';
import type { Span, SpanAddress } from '../../model/span';
import type { Session } from '../database/database';
import { withoutPrototype } from '../schema/json-values';
import { cleanText } from '../schema/text';
import { type Keyset, readKeyset } from './keyset';
import { getSpans } from './read-spans';
import { equal } from './record-filter';

interface LinkRead {
  readonly key: number | string;
  readonly trace_id: string;
  readonly span_id: string;
  readonly linked_trace_id: string | null;
  readonly linked_span_id: string | null;
  readonly type: string;
  readonly body: string;
  readonly resolved: number | string;
}

const selectLinks =
  `SELECT l.key, l.trace_id, l.span_id, l.linked_trace_id, l.linked_span_id, l.type, l.body, ` +
  `CASE WHEN EXISTS (SELECT 1 FROM traces AS t JOIN spans AS s ON s.trace_key = t.key ` +
  `WHERE t.trace_id = l.linked_trace_id AND s.span_id = l.linked_span_id) THEN 1 ELSE 0 END AS resolved ` +
  `FROM span_links AS l`;

/** Links by arrival. */
export async function queryLinks(
  session: Session,
  query: PageRequest & { readonly traceId?: string | undefined },
): Promise<Page<Link>> {
  const keyset: Keyset<LinkRead> = {
    list: 'links',
    select: selectLinks,
    order: [{ column: 'l.key', kind: 'int' }],
    direction: 'ASC',
    position: (row) => [String(row.key)],
  };
  const { rows, nextCursor } = await readKeyset(
    session,
    keyset,
    equal('l.trace_id', query.traceId),
    query,
  );
  return { items: rows.map(toLink), nextCursor };
}

export async function getLink(session: Session, key: number): Promise<Link> {
  const [row] = await session.all<LinkRead>(`${selectLinks} WHERE l.key = ?`, [key]);
  return toLink(row!);
}

export async function queryLinkedSpans(
  session: Session,
  { traceId, spanId }: SpanAddress,
  {
    direction = 'outgoing',
    type,
  }: {
    readonly direction?: 'outgoing' | 'incoming' | undefined;
    readonly type?: string | undefined;
  } = {},
): Promise<readonly Span[]> {
  const [near, far] = direction === 'outgoing' ? ['', 'linked_'] : ['linked_', ''];
  const rows = await session.all<{ trace_id: string; span_id: string }>(
    `SELECT DISTINCT ${far}trace_id AS trace_id, ${far}span_id AS span_id FROM span_links ` +
      `WHERE ${near}trace_id = ? AND ${near}span_id = ? ${type === undefined ? '' : 'AND type = ?'}`,
    [cleanText(traceId), cleanText(spanId), ...(type === undefined ? [] : [cleanText(type)])],
  );
  return getSpans(
    session,
    rows.map((row) => ({ traceId: row.trace_id, spanId: row.span_id })),
  );
}

function toLink(row: LinkRead): Link {
  return {
    traceId: row.trace_id,
    spanId: row.span_id,
    linkedTraceId: row.linked_trace_id,
    linkedSpanId: row.linked_span_id,
    type: row.type,
    attributes: withoutPrototype((JSON.parse(row.body) as LinkClaim).attributes),
    resolved: Number(row.resolved) === 1,
  };
}
