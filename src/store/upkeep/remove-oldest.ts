import { setTimeout as sleep } from 'node:timers/promises';
import type { Removal } from '../../model/ports-upkeep';
import type { Database, Session } from '../database/database';
import { executionDirty } from '../schema/execution-table';
import { int64Text } from '../schema/json-values';
import { traceDirty } from '../schema/trace-table';
import {
  deleteSpans,
  deleteTraces,
  type DoomedSpan,
  findDoomed,
  mostSpansAtOnce,
} from './delete-spans';
import { joinShared, noShared, type SharedRows } from './shared-rows';
import { readTotals } from '../schema/totals';

/** What retention takes: by age, or the first that came until the data is small enough. */
export type Limit = { readonly olderThanUnixNano: bigint } | { readonly maxBytes: number };

export interface RemovalWork {
  /** A transaction of the work; throws where the work is another's by now. */
  readonly write: <T>(work: (session: Session) => Promise<T>) => Promise<T>;
  /** Most spans of one transaction. @defaultValue 2,000 */
  readonly spansPerSlice?: number | undefined;
  readonly onProgress?: ((removed: Removal) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Removes traces, oldest first, a bounded number of spans at a time. What was summed up of them stays, and what is not
 * closed or not derived yet stays whole: its record is made of its spans.
 */
export async function removeOldest(
  database: Database,
  limit: Limit,
  work: RemovalWork,
): Promise<{ readonly removed: Removal; readonly shared: SharedRows }> {
  let removed: Removal = { traces: 0, spans: 0, executions: 0 };
  let shared = noShared;
  let after: Place | null = null;
  const spansAtOnce = Math.min(mostSpansAtOnce, work.spansPerSlice ?? Infinity);
  let newest = await newestSpan(database);
  /** Spans that may go before it is measured again. */
  let quota = 0;
  while (!work.signal?.aborted) {
    if ('maxBytes' in limit && quota <= 0) {
      const { used, perSpan = Infinity } = await database.space.measure();
      if (used <= limit.maxBytes) break;
      quota = (used - limit.maxBytes) / perSpan;
    }
    const started = performance.now();
    const part: Part | null = await work.write((session) =>
      removePart(session, limit, after, spansAtOnce),
    );
    if (part === null) break;
    ({ after } = part);
    quota -= part.spans;
    shared = joinShared(shared, part.shared);
    removed = {
      ...removed,
      traces: removed.traces + part.traces,
      spans: removed.spans + part.spans,
    };
    work.onProgress?.(removed);
    const latest = await newestSpan(database);
    // Others write meanwhile: they get most of the time.
    if (latest > newest) await sleep((performance.now() - started) * restShare);
    newest = latest;
  }
  return { removed, shared };
}

/** A fifth of the time at most is taken from writers. */
const restShare = 4;

async function newestSpan(database: Database): Promise<number> {
  const [row] = await database.read((session) =>
    session.all<{ key: number | string | null }>('SELECT max(key) AS key FROM spans'),
  );
  return Number(row!.key ?? 0);
}

const tracesAtOnce = 200;

/** Where the look for traces goes on. */
interface Place {
  readonly start: string;
  readonly key: number;
}

interface Part {
  readonly traces: number;
  readonly spans: number;
  readonly shared: SharedRows;
  readonly after: Place | null;
}

/** `null` when there is none left. */
async function removePart(
  session: Session,
  limit: Limit,
  after: Place | null,
  spansAtOnce: number,
): Promise<Part | null> {
  const candidates = await findTraces(session, limit, after);
  if (candidates.length === 0) return null;
  let looked = fitting(candidates, spansAtOnce);
  let spans = await spansOf(session, looked, spansAtOnce);
  if (spans.length === spansAtOnce) {
    // Longer than its row says, or too long for one part: that one alone, and what is left of it next time.
    looked = looked.slice(0, 1 + looked.findIndex(({ free }) => free));
    spans = await spansOf(session, looked, spansAtOnce);
  }
  const isWhole = spans.length < spansAtOnce;
  const done = isWhole ? looked.filter(({ free }) => free).map(({ key }) => key) : [];
  const { inList, list } = session.dialect;
  await session.run(
    `UPDATE executions SET pruned = 1 WHERE pruned = 0 AND key IN ` +
      `(SELECT execution_key FROM spans WHERE ${inList('key', 'bigint')})`,
    [list(spans.map(({ key }) => key))],
  );
  const shared = await deleteSpans(session, spans);
  await deleteTraces(session, done);
  const place = isWhole ? looked.at(-1)! : after;
  return { traces: done.length, spans: spans.length, shared, after: place };
}

interface Candidate extends Place {
  readonly spans: number;
  /** Its executions are closed, and nothing of it is to be derived. */
  readonly free: boolean;
}

/** As many of the first as one part takes, and one at least. */
function fitting(candidates: readonly Candidate[], spansAtOnce: number): readonly Candidate[] {
  let room = spansAtOnce;
  const end = candidates.findIndex(({ free, spans }) => free && (room -= Math.max(spans, 1)) <= 0);
  return end === -1 ? candidates : candidates.slice(0, Math.max(end, 1));
}

function spansOf(
  session: Session,
  candidates: readonly Candidate[],
  spansAtOnce: number,
): Promise<readonly DoomedSpan[]> {
  const { inList, list } = session.dialect;
  const keys = candidates.filter(({ free }) => free).map(({ key }) => key);
  return findDoomed(session, inList('s.trace_key', 'bigint'), [list(keys)], spansAtOnce);
}

/** By age in the order of starts; by size in the order of arrival, so that whole pages become free. */
async function findTraces(
  session: Session,
  limit: Limit,
  after: Place | null,
): Promise<readonly Candidate[]> {
  const { asText, forUpdate } = session.dialect;
  const conditions: string[] = [];
  const values: (string | number)[] = [];
  if ('maxBytes' in limit) {
    conditions.push('t.key > ?');
    values.push(after?.key ?? 0);
  } else {
    const old = int64Text(limit.olderThanUnixNano);
    conditions.push(isOlder);
    values.push(old, old);
    if (after) {
      conditions.push('(t.start_time, t.key) > (CAST(? AS bigint), ?)');
      values.push(after.start, after.key);
    }
  }
  const rows = await session.ask<Record<'key' | 'spans' | 'held' | 'start', number | string>>(
    `SELECT t.key, t.spans, coalesce(${asText('t.start_time')}, '0') AS start, ` +
      `CASE WHEN t.dirty = ${traceDirty.whole} OR EXISTS (SELECT 1 FROM spans AS s ` +
      `JOIN executions AS e ON e.key = s.execution_key WHERE s.trace_key = t.key ` +
      `AND (e.closed_at IS NULL OR e.dirty = ${executionDirty.recompute})) THEN 1 ELSE 0 END AS held ` +
      `FROM traces AS t WHERE ${conditions.join(' AND ')} ` +
      `ORDER BY ${'maxBytes' in limit ? '' : 't.start_time, '}t.key LIMIT ${tracesAtOnce}${forUpdate('t')}`,
    values,
  );
  return rows.map(({ key, spans, start, held }) => ({
    key: Number(key),
    start: String(start),
    spans: Number(spans),
    free: Number(held) === 0,
  }));
}

/** A start that no clock can have meant says nothing about the age: then it counts when the spans came. */
const isOlder =
  `t.start_time < CAST(? AS bigint) AND (t.start_time >= 1000000000000000 OR NOT EXISTS ` +
  `(SELECT 1 FROM spans AS s WHERE s.trace_key = t.key AND s.received_at >= CAST(? AS bigint)))`;

/** How many there are, without removing any; by size from the mean size of a span. */
export async function countOldest(database: Database, limit: Limit): Promise<Removal> {
  return database.read(async (session) => {
    if (!('maxBytes' in limit)) {
      const old = int64Text(limit.olderThanUnixNano);
      return countTraces(session, `WHERE ${isOlder}`, [old, old]);
    }
    const { used } = await database.space.measure();
    const count = await readTotals(session);
    const share = Math.max(0, 1 - limit.maxBytes / used);
    return {
      traces: Math.ceil(count('traces') * share),
      spans: Math.ceil(count('spans') * share),
      executions: 0,
    };
  });
}

async function countTraces(
  session: Session,
  where: string,
  values: readonly string[],
): Promise<Removal> {
  const [row] = await session.ask<{ traces: number | string; spans: number | string }>(
    `SELECT count(*) AS traces, coalesce(sum(t.spans), 0) AS spans FROM traces AS t ${where}`,
    values,
  );
  return { traces: Number(row!.traces), spans: Number(row!.spans), executions: 0 };
}
