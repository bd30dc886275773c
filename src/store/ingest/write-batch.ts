import { allOf } from '../database/all-of';
import type { Session } from '../database/database';
import type { DeriveSettings } from '../derive/outcome';
import { int64Text } from '../schema/json-values';
import {
  claimsOn,
  insertClaims,
  lockMatches,
  matchesOf,
  matchSpans,
  readCommon,
  readMatchKeys,
  type MatchKeys,
} from './claims';
import { LostRace } from '../database/retry';
import { joinClaims } from './join-claims';
import { createKeyCache, type KeyCache } from './key-cache';
import type { PreparedReward } from './prepared-reward';
import type { PreparedSpan } from './prepared-span';
import { writeLinks, type LinkRow, type OpenClaim } from './write-links';
import { settleRewards, writeRewards } from './write-rewards';
import { planSpans, writeSpans } from './write-spans';
import { deriveAtHand } from '../derive/at-hand';
import { type TagMark, writeSpanTags } from './write-tags';

/** What the writer remembers between transactions. */
export interface WriterCaches {
  readonly resources: KeyCache;
  readonly scopes: KeyCache;
  readonly tags: KeyCache;
  restart(): void;
  publish(): void;
  /** @throws LostRace where upkeep has dropped rows since; run again, the transaction finds or makes them */
  keepUpWith(generation: number): void;
}

export interface WriteContext {
  readonly settings: DeriveSettings;
  readonly nowUnixNano: bigint;
  /** Of the reading of spans that is in force. */
  readonly meaningVersion: number;
}

export function createWriterCaches(): WriterCaches {
  const resources = createKeyCache({ table: 'resources', idColumn: 'hash', bodyColumn: 'body' });
  const scopes = createKeyCache({ table: 'scopes', idColumn: 'hash', bodyColumn: 'body' });
  const tags = createKeyCache({ table: 'tags', idColumn: 'tag', bodyColumn: null });
  const all = [resources, scopes, tags];
  let known: number | null = null;
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
    keepUpWith(generation) {
      const before = known;
      known = generation;
      if (before === null || before === generation) return;
      for (const cache of all) cache.forget();
      throw new LostRace('or dropped a row that spans share');
    },
  };
}

/**
 * Stores spans with what they carry (tags, links, rewards) and derives them, inside the transaction of `session`. The
 * number of statements does not depend on the number of spans, save for claims by query.
 *
 * @returns for each span whether it is a duplicate
 */
export async function writeSpanBatch(
  session: Session,
  caches: WriterCaches,
  spans: readonly PreparedSpan[],
  { settings, nowUnixNano, meaningVersion }: WriteContext,
): Promise<readonly boolean[]> {
  const [{ matchKeys, generation }, plan] = await allOf([
    readCommon(session),
    planSpans(session, caches, spans, taggedTraces(spans)),
  ]);
  caches.keepUpWith(generation);
  const { unseen, traces } = plan;
  const traceKeys: TraceKeys = (traceId) => traces.get(traceId)!.key;
  const links = await writeLinks(session, unseen.flatMap(linksOf));
  const marks = [
    ...unseen.flatMap((span) => ownTags(span, traceKeys)),
    ...links.added.flatMap((link) => broughtTags(link, traceKeys)),
  ];
  await writeSpanTags(session, caches.tags, marks);
  const rewards = await writeRewards(
    session,
    unseen.flatMap((span) => span.rewards),
  );
  const { executionKeys, created, writeTraces } = await deriveAtHand(
    session,
    settings,
    plan,
    marks,
    nowUnixNano,
  );
  // The rows of the spans are put together while the database writes the traces.
  await allOf([
    writeTraces(),
    writeSpans(session, plan, executionKeys, int64Text(nowUnixNano), meaningVersion),
  ]);
  await settleRewards(session, settings, rewards.added, created);
  const asked = [...links.openClaims, ...rewards.openClaims];
  const matches = matchesOf(matchKeys, unseen, traceKeys);
  await lockMatches(session, matchKeys, matches, asked);
  const answered = await matchSpans(session, matches);
  const replaced = await claimsOn(
    session,
    plan.updates.map(({ span }) => span),
  );
  await insertClaims(session, matchKeys, asked);
  await joinClaims(session, caches.tags, settings, matchKeys, [...answered, ...replaced, ...asked]);
  return plan.duplicate;
}

/** Key of a trace by its id. */
export type TraceKeys = (traceId: string) => number;

/** Stores rewards that came by themselves. */
export async function writeRewardBatch(
  session: Session,
  caches: WriterCaches,
  rewards: readonly PreparedReward[],
  settings: DeriveSettings,
): Promise<void> {
  const { added, openClaims } = await writeRewards(session, rewards);
  await settleRewards(session, settings, added);
  if (openClaims.length === 0) return;
  await askClaims(session, caches, settings, await readMatchKeys(session), openClaims);
}

export async function askClaims(
  session: Session,
  caches: WriterCaches,
  settings: DeriveSettings,
  matchKeys: MatchKeys,
  asked: readonly OpenClaim[],
): Promise<void> {
  await lockMatches(session, matchKeys, { wanted: new Map() }, asked);
  await insertClaims(session, matchKeys, asked);
  await joinClaims(session, caches.tags, settings, matchKeys, asked);
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
  traceKeys: TraceKeys,
): readonly TagMark[] {
  const traceKey = traceKeys(traceId);
  return tags.map((tag) => ({ traceKey, spanId, tag, linkKey: 0 }));
}

export function broughtTags(
  { key, claim: { target, tags } }: { key: number; claim: LinkRow['claim'] },
  traceKeys: TraceKeys,
): readonly TagMark[] {
  if (target.kind !== 'span') return [];
  return tags.map((tag) => ({
    traceKey: traceKeys(target.traceId),
    spanId: target.spanId,
    tag,
    linkKey: key,
  }));
}
