import type { Session } from '../database/database';
import { noShared, type SharedRows } from './shared-rows';

/** A span that is to go. */
export interface DoomedSpan {
  readonly key: number;
  readonly traceKey: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly resourceKey: number;
  readonly scopeKey: number;
}

/** Spans of one transaction at most. */
export const mostSpansAtOnce = 2_000;

/** `condition` is on `spans AS s`. */
export async function findDoomed(
  session: Session,
  condition: string,
  values: Parameters<Session['ask']>[1],
  limit: number,
): Promise<readonly DoomedSpan[]> {
  const rows = await session.ask<Record<string, number | string>>(
    `SELECT s.key, s.trace_key, t.trace_id, s.span_id, s.resource_key, s.scope_key ` +
      `FROM spans AS s JOIN traces AS t ON t.key = s.trace_key WHERE ${condition} LIMIT ${limit}`,
    values,
  );
  return rows.map((row) => ({
    key: Number(row.key),
    traceKey: Number(row.trace_key),
    traceId: String(row.trace_id),
    spanId: String(row.span_id),
    resourceKey: Number(row.resource_key),
    scopeKey: Number(row.scope_key),
  }));
}

/**
 * Deletes spans with their tags, matches and links. Rewards are judgements, no spans: who wants them gone says so.
 *
 * @returns what they shared with others, and nobody may need any more
 */
export async function deleteSpans(
  session: Session,
  spans: readonly DoomedSpan[],
): Promise<SharedRows> {
  if (spans.length === 0) return noShared;
  const { inList, list } = session.dialect;
  const traceKeys = list([...new Set(spans.map(({ traceKey }) => traceKey))]);
  const addresses = list(spans.map(({ traceKey, spanId }) => `${traceKey}/${spanId}`));
  // The first condition finds the rows by their index, the second takes those of the spans.
  const own = `${inList('trace_key', 'bigint')} AND ${inList(`trace_key || '/' || span_id`, 'text')}`;
  const tags = await session.all<{ tag_key: number | string }>(
    `DELETE FROM span_tags WHERE ${own} RETURNING tag_key`,
    [traceKeys, addresses],
  );
  await session.run(`DELETE FROM span_matches WHERE ${own}`, [traceKeys, addresses]);
  await deleteLinks(session, spans);
  await session.run(`DELETE FROM spans WHERE ${inList('key', 'bigint')}`, [
    list(spans.map(({ key }) => key)),
  ]);
  return {
    resources: new Set(spans.map(({ resourceKey }) => resourceKey)),
    scopes: new Set(spans.map(({ scopeKey }) => scopeKey)),
    tags: new Set(tags.map((row) => Number(row.tag_key))),
  };
}

async function deleteLinks(session: Session, spans: readonly DoomedSpan[]): Promise<void> {
  const { inList, list } = session.dialect;
  const links = await session.all<{ key: number | string }>(
    `DELETE FROM span_links WHERE ${inList('trace_id', 'text')} ` +
      `AND ${inList('trace_id || span_id', 'text')} RETURNING key`,
    [
      list([...new Set(spans.map(({ traceId }) => traceId))]),
      list(spans.map(({ traceId, spanId }) => traceId + spanId)),
    ],
  );
  await deleteClaims(
    session,
    'link',
    links.map((row) => Number(row.key)),
  );
}

/** Links and rewards that are gone ask for nothing any more. */
export async function deleteClaims(
  session: Session,
  kind: 'link' | 'reward',
  ownerKeys: readonly number[],
): Promise<void> {
  if (ownerKeys.length === 0) return;
  const { inList, list } = session.dialect;
  await session.run(`DELETE FROM claims WHERE ${inList('owner_key', 'bigint')} AND kind = ?`, [
    list(ownerKeys),
    kind,
  ]);
}

/** Deletes the rows of traces that have no spans left. */
export async function deleteTraces(session: Session, traceKeys: readonly number[]): Promise<void> {
  if (traceKeys.length === 0) return;
  const { inList, list } = session.dialect;
  for (const table of ['span_tags', 'span_matches']) {
    await session.run(`DELETE FROM ${table} WHERE ${inList('trace_key', 'bigint')}`, [
      list(traceKeys),
    ]);
  }
  await session.run(`DELETE FROM traces WHERE ${inList('key', 'bigint')}`, [list(traceKeys)]);
}
