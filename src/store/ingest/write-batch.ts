import { allOf } from '../database/all-of';
import type { Session } from '../database/database';
import type { FoldSettings } from '../derive/fold-state';
import { int64Text } from '../schema/json-values';
import { claimsOn, insertClaims, matchSpans, readMatchKeys, type MatchKeys } from './claims';
import { joinClaims } from './join-claims';
import { createKeyCache, type KeyCache } from './key-cache';
import type { PreparedReward } from './prepared-reward';
import type { PreparedSpan } from './prepared-span';
import { writeLinks, type LinkRow, type OpenClaim } from './write-links';
import { writeRewards } from './write-rewards';
import { planSpans, writeSpans } from './write-spans';
import { foldAtHand } from '../derive/fold-at-hand';
import { type TagMark, writeSpanTags } from './write-tags';

/** What the writer remembers between transactions. */
export interface WriterCaches {
  readonly resources: KeyCache;
  readonly scopes: KeyCache;
  readonly tags: KeyCache;
  restart(): void;
  publish(): void;
}

export interface WriteContext {
  readonly settings: FoldSettings;
  readonly nowUnixNano: bigint;
  /** Nobody else writes meanwhile. */
  readonly alone: boolean;
}

export function createWriterCaches(): WriterCaches {
  const resources = createKeyCache({ table: 'resources', idColumn: 'hash', bodyColumn: 'body' });
  const scopes = createKeyCache({ table: 'scopes', idColumn: 'hash', bodyColumn: 'body' });
  const tags = createKeyCache({ table: 'tags', idColumn: 'tag', bodyColumn: null });
  const all = [resources, scopes, tags];
  return {
    resources,
    scopes,
    tags,
    restart: () => {
      for (const cache of all) cache.restart();
    },
    publish: () => {
      for (const cache of all) cache.publish();
    },
  };
}

/**
 * Stores spans with what they carry (tags, links, rewards), inside the transaction of `session`. The
 * number of statements does not depend on the number of spans, save for claims by query.
 *
 * @returns for each span whether it is a duplicate
 */
export async function writeSpanBatch(
  session: Session,
  caches: WriterCaches,
  spans: readonly PreparedSpan[],
  { settings, nowUnixNano, alone }: WriteContext,
): Promise<readonly boolean[]> {
  const [matchKeys, plan] = await allOf([
    readMatchKeys(session),
    planSpans(session, caches, spans, taggedTraces(spans)),
  ]);
  const { unseen, traceKeys } = plan;
  const links = await writeLinks(session, unseen.flatMap(linksOf));
  await writeSpanTags(session, caches.tags, [
    ...unseen.flatMap((span) => ownTags(span, traceKeys)),
    ...links.added.flatMap((link) => broughtTags(link, traceKeys)),
  ]);
  const rewardClaims = await writeRewards(
    session,
    unseen.flatMap((span) => span.rewards),
  );
  const executionKeys = alone
    ? await foldAtHand(session, settings, plan, nowUnixNano)
    : new Map<PreparedSpan, number | null>();
  await writeSpans(session, plan, executionKeys, int64Text(nowUnixNano));
  const answered = await matchSpans(session, matchKeys, unseen, traceKeys);
  const replaced = await claimsOn(
    session,
    plan.updates.map(({ span }) => span),
  );
  const asked = [...links.openClaims, ...rewardClaims];
  await insertClaims(session, matchKeys, asked);
  await joinClaims(session, caches.tags, matchKeys, [...answered, ...replaced, ...asked]);
  return plan.duplicate;
}

/** Stores rewards that came by themselves. */
export async function writeRewardBatch(
  session: Session,
  caches: WriterCaches,
  rewards: readonly PreparedReward[],
): Promise<void> {
  const asked = await writeRewards(session, rewards);
  if (asked.length === 0) return;
  await askClaims(session, caches, await readMatchKeys(session), asked);
}

export async function askClaims(
  session: Session,
  caches: WriterCaches,
  matchKeys: MatchKeys,
  asked: readonly OpenClaim[],
): Promise<void> {
  await insertClaims(session, matchKeys, asked);
  await joinClaims(session, caches.tags, matchKeys, asked);
}

/** Traces of spans that a link tags: the tag needs their key, whether they are stored or not. */
function taggedTraces(spans: readonly PreparedSpan[]): readonly string[] {
  return spans.flatMap(({ links }) =>
    links.flatMap(({ target, tags }) =>
      target.kind === 'span' && tags.length > 0 ? [target.traceId] : [],
    ),
  );
}

function linksOf({ traceId, spanId, links }: PreparedSpan): readonly LinkRow[] {
  return links.map((claim) => ({ from: { traceId, spanId }, claim }));
}

function ownTags(
  { traceId, spanId, tags }: PreparedSpan,
  traceKeys: ReadonlyMap<string, number>,
): readonly TagMark[] {
  const traceKey = traceKeys.get(traceId)!;
  return tags.map((tag) => ({ traceKey, spanId, tag, linkKey: 0 }));
}

export function broughtTags(
  { key, claim: { target, tags } }: { key: number; claim: LinkRow['claim'] },
  traceKeys: ReadonlyMap<string, number>,
): readonly TagMark[] {
  if (target.kind !== 'span') return [];
  return tags.map((tag) => ({
    traceKey: traceKeys.get(target.traceId)!,
    spanId: target.spanId,
    tag,
    linkKey: key,
  }));
}
