import type { Session } from '../database/database';
import { cleanText } from '../schema/text';
import type { KeyCache } from './key-cache';

export interface TagMark {
  readonly traceKey: number;
  readonly spanId: string;
  readonly tag: string;
  /** The link that brought the tag; 0 for the span's own, -1 where somebody tagged it by hand. */
  readonly linkKey: number;
}

export const taggedByHand = -1;

export async function writeSpanTags(
  session: Session,
  tags: KeyCache,
  marks: readonly TagMark[],
): Promise<void> {
  if (marks.length === 0) return;
  const keys = await tagKeys(
    session,
    tags,
    marks.map((mark) => mark.tag),
  );
  const rows = marks.map((mark) => [
    mark.traceKey,
    mark.spanId,
    keys.get(cleanText(mark.tag))!,
    mark.linkKey,
  ]);
  await session.run(
    `INSERT INTO span_tags (trace_key, span_id, tag_key, link_key) ` +
      `SELECT trace_key, span_id, tag_key, link_key FROM ${session.dialect.rows({
        trace_key: 'bigint',
        span_id: 'text',
        tag_key: 'bigint',
        link_key: 'bigint',
      })} AS given WHERE true ON CONFLICT DO NOTHING`,
    [JSON.stringify(rows)],
  );
}

/** Keys of tags by their stored text; every tag that exists anywhere has one. */
export function tagKeys(
  session: Session,
  tags: KeyCache,
  names: Iterable<string>,
): Promise<ReadonlyMap<string, number>> {
  const wanted = new Map<string, null>();
  for (const name of names) wanted.set(cleanText(name), null);
  return tags.resolve(session, wanted);
}
