import { attributeText } from '../../model/attributes';
import type { AttributeMatch } from '../../model/reward';
import type { Session, SqlValue } from '../database/database';
import { parseAttributes } from '../schema/json-values';
import { LostRace } from '../database/retry';
import { hashText } from './content-hash';
import { idKeys, keyPhase } from './match-keys';
import type { PreparedSpan } from './prepared-span';
import type { OpenClaim } from './write-links';

/**
 * Links and rewards that name their target by attributes (`claims`). Attributes are not indexed, but
 * the few keys that claims ask for are: a new key makes the stored spans be indexed once, in the background, and every
 * span that comes later by its writer. So neither side ever scans the other.
 */
export type MatchKeys = ReadonlyMap<string, MatchKey>;

export interface MatchKey {
  readonly key: number;
  /** Else claims wait. */
  readonly isIndexed: boolean;
}

export async function readMatchKeys(session: Session): Promise<MatchKeys> {
  return (await readCommon(session)).matchKeys;
}

/**
 * What every write reads: the match keys, and the generation of the rows that spans share, which grows when upkeep
 * drops some of them, so that what is remembered of them is forgotten. One statement.
 */
export async function readCommon(
  session: Session,
): Promise<{ readonly matchKeys: MatchKeys; readonly generation: number }> {
  const rows = await session.all<{
    key: number | string;
    name: string | null;
    phase: number | string;
  }>(
    `SELECT key, name, phase FROM match_keys WHERE name IS NOT NULL UNION ALL ` +
      `SELECT CAST(value AS bigint), NULL, 0 FROM settings WHERE name = 'shared_rows'`,
  );
  const named = rows.flatMap(({ key, name, phase }) =>
    name === null
      ? []
      : [[name, { key: Number(key), isIndexed: Number(phase) > keyPhase.indexing }] as const],
  );
  const generation = rows.find(({ name }) => name === null);
  return { matchKeys: new Map(named), generation: Number(generation?.key ?? 0) };
}

/** @throws LostRace where the key was let go since it was admitted */
function keyOf(matchKeys: MatchKeys, name: string): MatchKey {
  const found = matchKeys.get(name);
  if (found === undefined) throw new LostRace('or dropped an attribute key');
  return found;
}

/** The match that finds candidates soonest: a span id, else an attribute, else the trace. */
export function leadingMatch(matches: readonly AttributeMatch[]): AttributeMatch {
  return (
    matches.find((match) => match.key === 'span_id') ??
    matches.find((match) => match.key !== 'trace_id') ??
    matches[0]!
  );
}

/** What spans have under the known keys. */
export interface SpanMatches {
  /** Key and hash of the value, by both. */
  readonly wanted: ReadonlyMap<string, readonly [number, string]>;
  readonly entries: readonly (readonly (string | number)[])[];
}

export function matchesOf(
  matchKeys: MatchKeys,
  spans: readonly PreparedSpan[],
  traceKeys: (traceId: string) => number,
): SpanMatches {
  const wanted = new Map<string, readonly [number, string]>();
  const entries: (string | number)[][] = [];
  for (const span of spans) {
    for (const [name, { key: matchKey }] of matchKeys) {
      const value = matchableText(span, name);
      if (value === null) continue;
      const hash = valueHash(name, value);
      wanted.set(`${matchKey}/${hash}`, [matchKey, hash]);
      if (!idKeys.has(name)) {
        const start = span.columns.start_time!;
        entries.push([matchKey, hash, start, traceKeys(span.traceId), span.spanId]);
      }
    }
  }
  return { wanted, entries };
}

/** Of spans and claims that two writers store at once the later one sees the earlier. */
export async function lockMatches(
  session: Session,
  matchKeys: MatchKeys,
  { wanted }: Pick<SpanMatches, 'wanted'>,
  asked: readonly OpenClaim[],
): Promise<void> {
  const { lockMatches: sql } = session.dialect;
  if (sql === null || wanted.size + asked.length === 0) return;
  const asking = asked.map(({ matches }) => {
    const { key, value } = leadingMatch(matches);
    return [`${keyOf(matchKeys, key).key}/${valueHash(key, value)}`, true];
  });
  const had = [...wanted.keys()].map((match) => [match, false]);
  await session.all(sql, [JSON.stringify([...asking, ...had])]);
}

/** Indexes new spans under the known keys and gives the claims that one of them may answer. */
export async function matchSpans(
  session: Session,
  { wanted, entries }: SpanMatches,
): Promise<readonly OpenClaim[]> {
  await insertSpanMatches(session, entries);
  if (wanted.size === 0) return [];
  const rows = await session.all<ClaimRow>(
    `SELECT DISTINCT c.kind, c.owner_key, c.matches FROM ${session.dialect.rows({
      match_key: 'bigint',
      value_hash: 'text',
    })} AS given JOIN claims AS c ` +
      `ON c.match_key = given.match_key AND c.value_hash = given.value_hash`,
    [JSON.stringify([...wanted.values()])],
  );
  return rows.map(toClaim);
}

/** Claims that point at spans whose content has changed: they may mean another span now, or none. */
export async function claimsOn(
  session: Session,
  spans: readonly PreparedSpan[],
): Promise<readonly OpenClaim[]> {
  if (spans.length === 0) return [];
  const given = session.dialect.rows({ trace_id: 'text', span_id: 'text' });
  const addresses = JSON.stringify(spans.map(({ traceId, spanId }) => [traceId, spanId]));
  const rows = await session.all<ClaimRow>(
    `SELECT c.kind, c.owner_key, c.matches FROM ${given} AS given ` +
      `JOIN span_links AS l ON l.linked_trace_id = given.trace_id AND l.linked_span_id = given.span_id ` +
      `JOIN claims AS c ON c.owner_key = l.key AND c.kind = 'link' ` +
      `UNION ALL SELECT c.kind, c.owner_key, c.matches FROM ${given} AS given ` +
      `JOIN rewards AS r ON r.target_id = given.trace_id AND r.target_span_id = given.span_id ` +
      `JOIN claims AS c ON c.owner_key = r.key AND c.kind = 'reward'`,
    [addresses, addresses],
  );
  return rows.map(toClaim);
}

export interface ClaimRow {
  readonly kind: OpenClaim['kind'];
  readonly owner_key: number | string;
  readonly matches: string;
}

export function toClaim(row: ClaimRow): OpenClaim {
  return {
    kind: row.kind,
    ownerKey: Number(row.owner_key),
    matches: JSON.parse(row.matches) as AttributeMatch[],
  };
}

function matchableText(span: PreparedSpan, name: string): string | null {
  if (name === 'trace_id') return span.traceId;
  if (name === 'span_id') return span.spanId;
  // The attributes as they are stored: their text is clean. Most spans lack the key.
  if (!span.texts[0].includes(JSON.stringify(name))) return null;
  const value = parseAttributes(span.texts[0])[name];
  return value === undefined ? null : attributeText(value);
}

export function valueHash(name: string, value: string): string {
  return idKeys.has(name) ? value : hashText(value);
}

export async function insertSpanMatches(
  session: Session,
  entries: readonly (readonly (string | number)[])[],
): Promise<void> {
  if (entries.length === 0) return;
  await session.run(
    `INSERT INTO span_matches (match_key, value_hash, start_time, trace_key, span_id) ` +
      `SELECT match_key, value_hash, start_time, trace_key, span_id FROM ${session.dialect.rows({
        match_key: 'bigint',
        value_hash: 'text',
        start_time: 'bigint',
        trace_key: 'bigint',
        span_id: 'text',
      })} AS given WHERE true ON CONFLICT DO NOTHING`,
    [JSON.stringify(entries)],
  );
}

export async function insertClaims(
  session: Session,
  matchKeys: MatchKeys,
  claims: readonly OpenClaim[],
): Promise<void> {
  if (claims.length === 0) return;
  const rows = claims.map((claim) => {
    const { key, value } = leadingMatch(claim.matches);
    return [
      keyOf(matchKeys, key).key,
      valueHash(key, value),
      claim.kind,
      claim.ownerKey,
      JSON.stringify(claim.matches),
    ];
  });
  await session.run(
    `INSERT INTO claims (match_key, value_hash, kind, owner_key, matches) ` +
      `SELECT match_key, value_hash, kind, owner_key, matches FROM ${session.dialect.rows({
        match_key: 'bigint',
        value_hash: 'text',
        kind: 'text',
        owner_key: 'bigint',
        matches: 'text',
      })} AS given`,
    [JSON.stringify(rows)],
  );
}

/** Whether the spans that the claim may mean are all indexed; else it waits until they are. */
export function isAnswerableNow(
  matchKeys: MatchKeys,
  { matches }: Pick<OpenClaim, 'matches'>,
): boolean {
  return matchKeys.get(leadingMatch(matches).key)?.isIndexed === true;
}

export interface Found {
  readonly traceKey: number;
  readonly traceId: string;
  readonly spanId: string;
}

/** The span that a claim means: of all that match, the first by (start, trace id, span id). */
export async function findTarget(
  session: Session,
  matchKeys: MatchKeys,
  matches: readonly AttributeMatch[],
): Promise<Found | null> {
  const leading = leadingMatch(matches);
  const joins: string[] = [];
  const conditions: string[] = ['s.carrier = 0'];
  const joinValues: SqlValue[] = [];
  let order = 's.start_time';
  const values: SqlValue[] = [];
  if (!idKeys.has(leading.key)) {
    // In the order of the index, so that of many that match the first is enough.
    order = 'm.start_time';
    joins.push(
      `JOIN span_matches AS m ON m.match_key = ? AND m.value_hash = ? ` +
        `AND m.trace_key = s.trace_key AND m.span_id = s.span_id AND m.start_time = s.start_time`,
    );
    joinValues.push(keyOf(matchKeys, leading.key).key, valueHash(leading.key, leading.value));
  }
  for (const { key, value } of matches) {
    if (key === 'trace_id' || key === 'span_id') {
      conditions.push(key === 'trace_id' ? 't.trace_id = ?' : 's.span_id = ?');
      values.push(value);
    } else {
      conditions.push(session.dialect.hasMember('s.attributes'));
      values.push(...session.dialect.memberBindings(key, value));
    }
  }
  const [row] = await session.all<{ trace_key: number; trace_id: string; span_id: string }>(
    `SELECT s.trace_key, t.trace_id, s.span_id FROM spans AS s ` +
      `JOIN traces AS t ON t.key = s.trace_key ${joins.join(' ')} WHERE ${conditions.join(' AND ')} ` +
      `ORDER BY ${order}, t.trace_id, s.span_id LIMIT 1`,
    [...joinValues, ...values],
  );
  if (!row) return null;
  return { traceKey: Number(row.trace_key), traceId: row.trace_id, spanId: row.span_id };
}
