import { attributeText } from '../../model/attributes';
import type { Clock } from '../../model/ports';
import type { Database, Session, WriteLock } from '../database/database';
import type { SideWork } from '../derive/deriver';
import type { DeriveSettings } from '../derive/outcome';
import { parseAttributes } from '../schema/json-values';
import {
  insertSpanMatches,
  lockMatches,
  readMatchKeys,
  toClaim,
  valueHash,
  type ClaimRow,
} from './claims';
import { joinClaims } from './join-claims';
import { keyPhase, nowMillis, type MatchKeyLimits } from './match-keys';
import { createWriterCaches } from './write-batch';

type Write = <T>(lock: WriteLock, run: (session: Session) => Promise<T>) => Promise<T>;

interface KeyRow {
  readonly key: number;
  readonly name: string | null;
  readonly phase: number;
  /** Key of the span or claim up to which the phase is done. */
  readonly doneTo: number;
  readonly lastSpan: number;
}

/** Rows that one slice takes at most. */
const mostRows = 1_000;
const mostClaims = 100;

/**
 * What match keys leave to do in the background: index the spans that were there before a key, answer the claims that
 * have waited for it, let keys go and drop what was indexed for them. How far each is stands in its row, so whoever
 * holds the lease goes on where another was killed.
 */
export function createKeyWork(
  database: Database,
  clock: Clock,
  settings: () => Promise<DeriveSettings>,
  limits: MatchKeyLimits,
  /** Most rows of a slice. */
  sliceRows: number,
): SideWork {
  const rows = Math.min(mostRows, sliceRows);
  return {
    waits: async (session) => {
      const now = nowMillis(clock);
      return (await nextKey(session)) !== null || (await idleKeys(session, limits, now)).length > 0;
    },
    slice: async (write) => {
      const key = await database.read(nextKey);
      if (key === null)
        return write('exclusive', (session) => letGo(session, limits, nowMillis(clock)));
      if (key.name === null) return write('shared', (session) => dropPart(session, key, rows));
      if (key.phase === keyPhase.indexing) return indexPart(write, key, key.name, rows);
      const inForce = await settings();
      return write('shared', (session) =>
        joinPart(session, inForce, key, Math.min(mostClaims, rows)),
      );
    },
  };
}

/** What is short comes first. */
async function nextKey(session: Session): Promise<KeyRow | null> {
  const [row] = await session.all<{
    key: number | string;
    name: string | null;
    phase: number | string;
    done_to: number | string;
    last_span: number | string;
  }>(
    `SELECT key, name, phase, done_to, last_span FROM match_keys WHERE phase < ${keyPhase.ready} ` +
      `OR (name IS NULL AND phase < ${keyPhase.gone}) ORDER BY phase DESC, key LIMIT 1`,
  );
  if (row === undefined) return null;
  const { name } = row;
  const [key, phase] = [Number(row.key), Number(row.phase)];
  return { key, name, phase, doneTo: Number(row.done_to), lastSpan: Number(row.last_span) };
}

async function idleKeys(
  session: Session,
  { idleMillis, graceMillis }: MatchKeyLimits,
  now: number,
): Promise<readonly number[]> {
  const rows = await session.all<{ key: number | string }>(
    `SELECT k.key FROM match_keys AS k WHERE k.name IS NOT NULL AND (k.claimed_at < ? OR (k.claimed_at < ? ` +
      `AND NOT EXISTS (SELECT 1 FROM claims AS c WHERE c.match_key = k.key)))`,
    [now - idleMillis, now - graceMillis],
  );
  return rows.map(({ key }) => Number(key));
}

/** Nobody writes meanwhile, so that nobody who knows the key is still under way. */
async function letGo(session: Session, limits: MatchKeyLimits, now: number): Promise<void> {
  const { inList, list } = session.dialect;
  await session.run(`UPDATE match_keys SET name = NULL WHERE ${inList('key', 'bigint')}`, [
    list([...(await idleKeys(session, limits, now))]),
  ]);
}

async function dropPart(session: Session, { key }: KeyRow, sliceRows: number): Promise<void> {
  const { inList, list } = session.dialect;
  const claims = await session.all<{ key: number | string }>(
    `SELECT key FROM claims WHERE match_key = ? LIMIT ${sliceRows}`,
    [key],
  );
  await session.run(`DELETE FROM claims WHERE ${inList('key', 'bigint')}`, [
    list(claims.map((row) => Number(row.key))),
  ]);
  const matches = await session.all(
    `DELETE FROM span_matches WHERE match_key = ? AND (value_hash, start_time, trace_key, span_id) IN ` +
      `(SELECT value_hash, start_time, trace_key, span_id FROM span_matches WHERE match_key = ? LIMIT ${sliceRows}) RETURNING span_id`,
    [key, key],
  );
  if (claims.length === sliceRows || matches.length === sliceRows) return;
  await session.run(`UPDATE match_keys SET phase = ${keyPhase.gone} WHERE key = ?`, [key]);
}

/** Beside other writers: these index what they store themselves, and entries that no longer hold find no span. */
async function indexPart(
  write: Write,
  key: KeyRow,
  name: string,
  sliceRows: number,
): Promise<void> {
  const isLast = await write('shared', async (session) => {
    const page = `SELECT key, trace_key, span_id, start_time, attributes FROM spans WHERE key > ? AND key <= ? ORDER BY key LIMIT ${sliceRows}`;
    const range = [key.doneTo, key.lastSpan];
    const [end] = await session.all<{ key: number | string | null; spans: number | string }>(
      `SELECT max(key) AS key, count(*) AS spans FROM (${page}) AS page`,
      range,
    );
    const rows = await session.all<{
      trace_key: number | string;
      span_id: string;
      start_time: string;
      attributes: string;
    }>(
      `SELECT trace_key, span_id, ${session.dialect.asText('start_time')} AS start_time, attributes FROM (${page}) AS page WHERE ${session.dialect.contains('attributes')}`,
      [...range, JSON.stringify(name)],
    );
    const entries = rows.flatMap((row) => {
      const value = parseAttributes(row.attributes)[name];
      if (value === undefined) return [];
      const hash = valueHash(name, attributeText(value));
      return [[key.key, hash, row.start_time, Number(row.trace_key), row.span_id]];
    });
    await insertSpanMatches(session, entries);
    await advance(session, key, key.phase, Number(end!.key ?? key.lastSpan));
    return Number(end!.spans) < sliceRows;
  });
  if (!isLast) return;
  // Nobody writes meanwhile, so that a claim either waits and is seen by `joinPart`, or its writer knows the index.
  await write('exclusive', (session) => advance(session, key, keyPhase.joining, 0));
}

async function joinPart(
  session: Session,
  settings: DeriveSettings,
  key: KeyRow,
  sliceClaims: number,
): Promise<void> {
  const rows = await session.all<ClaimRow & { readonly key: number | string }>(
    `SELECT key, kind, owner_key, matches FROM claims WHERE match_key = ? AND key > ? ORDER BY key LIMIT ${sliceClaims}`,
    [key.key, key.doneTo],
  );
  const claims = rows.map(toClaim);
  const matchKeys = await readMatchKeys(session);
  await lockMatches(session, matchKeys, { wanted: new Map() }, claims);
  await joinClaims(session, createWriterCaches().tags, settings, matchKeys, claims);
  const isLast = rows.length < sliceClaims;
  await advance(
    session,
    key,
    isLast ? keyPhase.ready : key.phase,
    Number(rows.at(-1)?.key ?? key.doneTo),
  );
}

async function advance(
  session: Session,
  { key }: KeyRow,
  phase: number,
  doneTo: number,
): Promise<void> {
  await session.run('UPDATE match_keys SET phase = ?, done_to = ? WHERE key = ?', [
    phase,
    doneTo,
    key,
  ]);
}
