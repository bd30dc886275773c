import { InputError } from '../../errors';
import type { Link, LinkClaim } from '../../model/reward';
import type { SpanAddress } from '../../model/span';
import type { Session } from '../database/database';
import { showTags } from '../derive/at-hand';
import type { DeriveSettings } from '../derive/outcome';
import { getLink } from '../read/read-links';
import { cleanJson, cleanText, maxIdLength } from '../schema/text';
import { hashText } from './content-hash';
import { leadingMatch, readMatchKeys } from './claims';
import type { MatchKeyDoor } from './match-keys';
import { isAnswerable, unanswerable } from './prepared-reward';
import { askClaims, broughtTags, type WriterCaches } from './write-batch';
import { writeLinks } from './write-links';
import { type TagMark, taggedByHand, writeSpanTags } from './write-tags';

/** Stores one link; the same link again is the same row. Either span may come later. */
export async function createLink(
  session: Session,
  caches: WriterCaches,
  from: SpanAddress,
  claim: LinkClaim,
  settings: DeriveSettings,
): Promise<Link> {
  const { added, openClaims } = await writeLinks(session, [{ from, claim }]);
  const [first] = added;
  if (first && claim.target.kind === 'span' && claim.tags.length > 0) {
    const key = await touchTrace(session, claim.target.traceId);
    await addTags(
      session,
      caches,
      settings,
      broughtTags(first, () => key),
    );
  }
  if (openClaims.length > 0) {
    await askClaims(session, caches, settings, await readMatchKeys(session), openClaims);
  }
  const [row] = await session.all<{ key: number | string }>(
    'SELECT key FROM span_links WHERE trace_id = ? AND span_id = ? AND hash = ?',
    [from.traceId, from.spanId, hashText(cleanJson(claim))],
  );
  return getLink(session, Number(row!.key));
}

/** Adds tags to a span that may come later. */
export async function tagSpan(
  session: Session,
  caches: WriterCaches,
  { traceId, spanId }: SpanAddress,
  tags: readonly string[],
  settings: DeriveSettings,
): Promise<void> {
  const traceKey = await touchTrace(session, traceId);
  const marks = tags.map((tag) => ({ traceKey, spanId, tag, linkKey: taggedByHand }));
  await addTags(session, caches, settings, marks);
}

async function addTags(
  session: Session,
  caches: WriterCaches,
  settings: DeriveSettings,
  marks: readonly TagMark[],
): Promise<void> {
  await writeSpanTags(session, caches.tags, marks);
  await showTags(session, settings, marks);
}

export function checkAddress({ traceId, spanId }: SpanAddress): void {
  if (/^[0-9a-f]{32}$/.test(traceId) && /^[0-9a-f]{16}$/.test(spanId)) return;
  throw new InputError(
    'Expected a trace id of 32 and a span id of 16 lower-case hex digits, ' +
      `got ${JSON.stringify(traceId)} and ${JSON.stringify(spanId)}.`,
  );
}

/** @throws InputError for a query that can never be answered; makes the store index its key else */
export async function checkLink(door: MatchKeyDoor, { target, tags }: LinkClaim): Promise<void> {
  checkTags(tags);
  if (target.kind === 'span') {
    checkAddress(target);
    return;
  }
  if (!isAnswerable(target)) throw new InputError(`The link was refused: ${unanswerable}.`);
  const beyond = await door.admit([cleanText(leadingMatch(target.matches).key)]);
  if (beyond.size === 0) return;
  door.countRefused(1);
  throw new InputError(`The link was refused: ${door.reason(beyond)}.`);
}

export function checkTags(tags: readonly string[]): void {
  for (const tag of tags) {
    if (tag === '' || tag.length > maxIdLength) {
      throw new InputError(`Expected tags of 1 to ${maxIdLength} characters, got ${tag.length}.`);
    }
  }
}

/** Locks the trace, so that a span that comes at the same moment finds the tags. */
async function touchTrace(session: Session, traceId: string): Promise<number> {
  const [row] = await session.all<{ key: number | string }>(
    `INSERT INTO traces (trace_id, revision, dirty) VALUES (?, 1, 0) ` +
      `ON CONFLICT (trace_id) DO UPDATE SET revision = traces.revision + 1 RETURNING key`,
    [traceId],
  );
  return Number(row!.key);
}
