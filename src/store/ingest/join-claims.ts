import type { LinkClaim } from '../../model/reward';
import type { Session } from '../database/database';
import { findTarget, type Found, type MatchKeys } from './claims';
import type { KeyCache } from './key-cache';
import type { OpenClaim } from './write-links';
import { writeSpanTags } from './write-tags';

/** Points links and rewards by query at the span they mean, or at none while it is not stored. */
export async function joinClaims(
  session: Session,
  tags: KeyCache,
  matchKeys: MatchKeys,
  claims: readonly OpenClaim[],
): Promise<void> {
  const targets = new Map<string, Found | null>();
  for (const claim of claims) {
    const question = JSON.stringify(claim.matches);
    let target = targets.get(question);
    if (target === undefined) {
      target = await findTarget(session, matchKeys, claim.matches);
      targets.set(question, target);
    }
    if (claim.kind === 'link') await pointLink(session, tags, claim.ownerKey, target);
    else await pointReward(session, claim.ownerKey, target);
  }
}

async function pointLink(
  session: Session,
  tags: KeyCache,
  key: number,
  target: Found | null,
): Promise<void> {
  const [before] = await session.all<{
    linked_trace_id: string | null;
    linked_span_id: string | null;
    body: string;
  }>('SELECT linked_trace_id, linked_span_id, body FROM span_links WHERE key = ?', [key]);
  if (isSame(target, before!.linked_trace_id, before!.linked_span_id)) return;
  await session.run('UPDATE span_links SET linked_trace_id = ?, linked_span_id = ? WHERE key = ?', [
    target?.traceId ?? null,
    target?.spanId ?? null,
    key,
  ]);
  const names = (JSON.parse(before!.body) as LinkClaim).tags;
  if (names.length === 0) return;
  await session.run(
    `DELETE FROM span_tags WHERE link_key = ? AND trace_key = ` +
      `(SELECT key FROM traces WHERE trace_id = ?) AND span_id = ?`,
    [key, before!.linked_trace_id, before!.linked_span_id],
  );
  if (target) {
    const { traceKey, spanId } = target;
    await writeSpanTags(
      session,
      tags,
      names.map((tag) => ({ traceKey, spanId, tag, linkKey: key })),
    );
  }
  await markDirty(session, before!.linked_trace_id, target?.traceId ?? null);
}

async function pointReward(session: Session, key: number, target: Found | null): Promise<void> {
  const [before] = await session.all<{ target_id: string | null; target_span_id: string | null }>(
    'SELECT target_id, target_span_id FROM rewards WHERE key = ?',
    [key],
  );
  if (isSame(target, before!.target_id, before!.target_span_id)) return;
  await session.run('UPDATE rewards SET target_id = ?, target_span_id = ? WHERE key = ?', [
    target?.traceId ?? null,
    target?.spanId ?? null,
    key,
  ]);
  await markDirty(session, before!.target_id, target?.traceId ?? null);
}

function isSame(target: Found | null, traceId: string | null, spanId: string | null): boolean {
  return (target?.traceId ?? null) === traceId && (target?.spanId ?? null) === spanId;
}

async function markDirty(
  session: Session,
  before: string | null,
  now: string | null,
): Promise<void> {
  await session.run('UPDATE traces SET dirty = 1 WHERE trace_id = ? OR trace_id = ?', [
    before,
    now,
  ]);
}
