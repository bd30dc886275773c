import type { LinkClaim } from '../../model/reward';
import type { Session } from '../database/database';
import type { DeriveSettings } from '../derive/outcome';
import { executionDirty } from '../schema/execution-table';
import { findTarget, type Found, isAnswerableNow, type MatchKeys } from './claims';
import type { KeyCache } from './key-cache';
import type { OpenClaim } from './write-links';
import { settleRewards } from './write-rewards';
import { writeSpanTags } from './write-tags';

/** Points links and rewards by query at the span they mean, or at none while it is not stored; one whose key is not indexed yet waits. */
export async function joinClaims(
  session: Session,
  tags: KeyCache,
  settings: DeriveSettings,
  matchKeys: MatchKeys,
  claims: readonly OpenClaim[],
): Promise<void> {
  const targets = new Map<string, Found | null>();
  for (const claim of claims) {
    if (!isAnswerableNow(matchKeys, claim)) continue;
    const question = JSON.stringify(claim.matches);
    let target = targets.get(question);
    if (target === undefined) {
      target = await findTarget(session, matchKeys, claim.matches);
      targets.set(question, target);
    }
    if (claim.kind === 'link') await pointLink(session, tags, claim.ownerKey, target);
    else await pointReward(session, settings, claim.ownerKey, target);
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
  await recomputeAt(session, before!.linked_trace_id, before!.linked_span_id);
  await recomputeAt(session, target?.traceId ?? null, target?.spanId ?? null);
}

/** The execution of a span whose tags changed is made anew. */
async function recomputeAt(
  session: Session,
  traceId: string | null,
  spanId: string | null,
): Promise<void> {
  if (traceId === null) return;
  await session.run(
    `UPDATE executions SET dirty = ${executionDirty.recompute}, revision = revision + 1 WHERE key IN ` +
      `(SELECT s.execution_key FROM traces AS t JOIN spans AS s ON s.trace_key = t.key ` +
      `WHERE t.trace_id = ? AND s.span_id = ?)`,
    [traceId, spanId],
  );
}

async function pointReward(
  session: Session,
  settings: DeriveSettings,
  key: number,
  target: Found | null,
): Promise<void> {
  const [before] = await session.all<{
    reward_id: string;
    target_id: string | null;
    target_span_id: string | null;
    execution_key: number | string | null;
  }>('SELECT reward_id, target_id, target_span_id, execution_key FROM rewards WHERE key = ?', [
    key,
  ]);
  if (isSame(target, before!.target_id, before!.target_span_id)) return;
  if (before!.execution_key !== null) {
    await session.run(
      `UPDATE executions SET dirty = ${executionDirty.judge} ` +
        `WHERE dirty = ${executionDirty.clean} AND key = ?`,
      [before!.execution_key],
    );
  }
  await session.run(
    'UPDATE rewards SET target_id = ?, target_span_id = ?, execution_key = NULL WHERE key = ?',
    [target?.traceId ?? null, target?.spanId ?? null, key],
  );
  await settleRewards(session, settings, [before!.reward_id]);
}

function isSame(target: Found | null, traceId: string | null, spanId: string | null): boolean {
  return (target?.traceId ?? null) === traceId && (target?.spanId ?? null) === spanId;
}
