import type { Session } from '../database/database';
import { spanColumns, spanRowValues, spanTexts } from '../schema/span-table';
import type { KeyCache } from './key-cache';
import type { PreparedSpan } from './prepared-span';
import { sharedKeys, type SpanCaches, updateSpansSql } from './write-spans';
import { writeSpanTags } from './write-tags';

/** The row that a span has, as far as its new reading does not say it. */
export interface PlacedRow {
  readonly key: number | string;
  readonly trace_key: number | string;
  readonly span_id: string;
  readonly received_at: string;
}

/** Writes what a new reading says of stored spans; ids, places and times of arrival stay. */
export async function updateSpans(
  session: Session,
  caches: SpanCaches,
  changed: readonly { readonly row: PlacedRow; readonly span: PreparedSpan }[],
  meaningVersion: number,
): Promise<void> {
  if (changed.length === 0) return;
  const spans = changed.map(({ span }) => span);
  const resources = await sharedKeys(session, caches.resources, spans, (span) => span.resource);
  const scopes = await sharedKeys(session, caches.scopes, spans, (span) => span.scope);
  const place = spanColumns.findIndex(([name]) => name === 'execution_key');
  const rows = changed.map(({ row, span }) => {
    const values = spanRowValues(span.columns, {
      trace_key: Number(row.trace_key),
      span_id: row.span_id,
      received_at: row.received_at,
      resource_key: resources.get(span.resource.hash)!,
      scope_key: scopes.get(span.scope.hash)!,
      meaning_version: meaningVersion,
      execution_key: null,
    });
    return [Number(row.key), ...values.filter((_, index) => index !== place), ...span.texts];
  });
  if (rows[0]!.length !== spanColumns.length + spanTexts.length) {
    throw new RangeError('A row and the columns of spans are no longer in step.');
  }
  await session.run(updateSpansSql(session), [JSON.stringify(rows)]);
}

/** Of each span the tags that it has from itself. */
export async function replaceOwnTags(
  session: Session,
  cache: KeyCache,
  spans: readonly {
    readonly traceKey: number;
    readonly spanId: string;
    readonly tags: readonly string[];
  }[],
): Promise<void> {
  const { rows, inList, list } = session.dialect;
  const stored = await session.all<{ place: string; tag: string }>(
    `SELECT given.trace_key || '/' || given.span_id AS place, g.tag ` +
      `FROM ${rows({ trace_key: 'bigint', span_id: 'text' })} AS given ` +
      `JOIN span_tags AS st ON st.trace_key = given.trace_key AND st.span_id = given.span_id ` +
      `JOIN tags AS g ON g.key = st.tag_key WHERE st.link_key = 0`,
    [JSON.stringify(spans.map(({ traceKey, spanId }) => [traceKey, spanId]))],
  );
  const before = new Map<string, string[]>();
  for (const { place, tag } of stored) before.set(place, [...(before.get(place) ?? []), tag]);
  const placeOf = (span: (typeof spans)[number]): string => `${span.traceKey}/${span.spanId}`;
  const key = (tags: readonly string[]): string => JSON.stringify([...new Set(tags)].sort());
  const others = spans.filter((span) => key(before.get(placeOf(span)) ?? []) !== key(span.tags));
  if (others.length === 0) return;
  await session.run(
    `DELETE FROM span_tags WHERE link_key = 0 AND ${inList('trace_key', 'bigint')} ` +
      `AND ${inList(`trace_key || '/' || span_id`, 'text')}`,
    [list([...new Set(others.map(({ traceKey }) => traceKey))]), list(others.map(placeOf))],
  );
  await writeSpanTags(
    session,
    cache,
    others.flatMap(({ traceKey, spanId, tags }) =>
      tags.map((tag) => ({ traceKey, spanId, tag, linkKey: 0 })),
    ),
  );
}
