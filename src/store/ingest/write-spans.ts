import type { Session } from '../database/database';
import type { TraceState } from '../derive/trace-state';
import { executionDirty } from '../schema/execution-table';
import { type OwnColumns, spanColumns, spanRowValues, spanTexts } from '../schema/span-table';
import { readContentKey } from '../upkeep/ping';
import { uint64 } from '../schema/json-values';
import type { SharedContent } from './content-hash';
import type { KeyCache } from './key-cache';
import type { PreparedSpan } from './prepared-span';
import { compareVersions, hashOfRow, type SpanVersion } from './span-version';

export interface SpanCaches {
  readonly resources: KeyCache;
  readonly scopes: KeyCache;
}

/** A trace's row, locked until the transaction ends. */
export interface TouchedTrace {
  readonly key: number;
  /** This transaction made it: all its spans are among the inserts. */
  readonly fresh: boolean;
  readonly dirty: number;
  readonly state: TraceState | null;
}

/** What is to be done with given spans; their traces are locked. */
export interface SpanPlan {
  /** By trace id. */
  readonly traces: ReadonlyMap<string, TouchedTrace>;
  readonly resourceKeys: ReadonlyMap<string, number>;
  readonly scopeKeys: ReadonlyMap<string, number>;
  readonly inserts: readonly PreparedSpan[];
  /** Better versions of stored spans. */
  readonly updates: readonly { readonly key: number; readonly span: PreparedSpan }[];
  /** Spans whose content the store had not seen: their tags, links and rewards are to be stored. */
  readonly unseen: readonly PreparedSpan[];
  /** For each given span: it was in the store, or earlier in the same call. */
  readonly duplicate: readonly boolean[];
}

/**
 * Compares the spans with what is stored. The rows of their traces are locked first, so two writers
 * never decide about one span at the same time.
 */
export async function planSpans(
  session: Session,
  caches: SpanCaches,
  spans: readonly PreparedSpan[],
  alsoTouch: Iterable<string>,
): Promise<SpanPlan> {
  const resourceKeys = await sharedKeys(session, caches.resources, spans, (span) => span.resource);
  const scopeKeys = await sharedKeys(session, caches.scopes, spans, (span) => span.scope);
  const traces = await touchTraces(session, spans, alsoTouch);
  const existing = await readExisting(session, spans, traces);
  return {
    traces,
    resourceKeys,
    scopeKeys,
    ...planWrites(spans, existing, await versionsOf(session, spans, existing)),
  };
}

/** Writes the rows of a plan; `executionKeys` are those that are known already. */
export async function writeSpans(
  session: Session,
  plan: SpanPlan,
  executionKeys: ReadonlyMap<PreparedSpan, number | null>,
  receivedAt: string,
  meaningVersion: number,
): Promise<void> {
  const rowOf = (span: PreparedSpan): (string | number | null)[] =>
    spanRowValues(span.columns, {
      trace_key: plan.traces.get(span.traceId)!.key,
      span_id: span.spanId,
      received_at: receivedAt,
      resource_key: plan.resourceKeys.get(span.resource.hash)!,
      scope_key: plan.scopeKeys.get(span.scope.hash)!,
      meaning_version: meaningVersion,
      execution_key: executionKeys.get(span) ?? null,
    });
  await session.insertSpans(plan.inserts.map((span) => ({ hot: rowOf(span), texts: span.texts })));
  if (plan.updates.length === 0) return;
  const keys = plan.updates.map(({ key }) => key);
  const { inList, list } = session.dialect;
  // What they said before cannot be taken back: their executions are made anew from their spans.
  await session.run(
    `UPDATE executions SET dirty = ${executionDirty.recompute}, revision = revision + 1 WHERE key IN ` +
      `(SELECT execution_key FROM spans WHERE ${inList('key', 'bigint')})`,
    [list(keys)],
  );
  // Which execution it belongs to is for the derivation to say, so the last column stays.
  const rows = plan.updates.map(({ key, span }) => [
    key,
    ...rowOf(span).slice(0, -1),
    ...span.texts,
  ]);
  await session.run(updateSpansSql(session), [JSON.stringify(rows)]);
}

export async function sharedKeys(
  session: Session,
  cache: KeyCache,
  spans: readonly PreparedSpan[],
  pick: (span: PreparedSpan) => SharedContent,
): Promise<ReadonlyMap<string, number>> {
  const bodies = new Map<string, string>();
  for (const span of spans) {
    const { hash, body } = pick(span);
    bodies.set(hash, body);
  }
  return cache.resolve(session, bodies);
}

async function touchTraces(
  session: Session,
  spans: readonly PreparedSpan[],
  alsoTouch: Iterable<string>,
): Promise<ReadonlyMap<string, TouchedTrace>> {
  const ids = new Set(alsoTouch);
  for (const span of spans) ids.add(span.traceId);
  const rows = await session.all<{
    key: number | string;
    trace_id: string;
    revision: number | string;
    dirty: number | string;
    state: string | null;
  }>(
    `INSERT INTO traces (trace_id, revision, dirty) SELECT trace_id, 1, 0 ` +
      `FROM ${session.dialect.rows({ trace_id: 'text' })} AS given WHERE true ` +
      `ON CONFLICT (trace_id) DO UPDATE SET revision = traces.revision + 1 ` +
      `RETURNING key, trace_id, revision, dirty, state`,
    [JSON.stringify([...ids].sort().map((id) => [id]))],
  );
  return new Map(
    rows.map((row) => [
      row.trace_id,
      {
        key: Number(row.key),
        fresh: Number(row.revision) === 1,
        dirty: Number(row.dirty),
        state: row.state === null ? null : (JSON.parse(row.state) as TraceState),
      },
    ]),
  );
}

interface StoredVersion {
  readonly key: number;
  readonly endTimeUnixNano: bigint | null;
  readonly columns: SentRow;
  readonly attributes: string;
  readonly rest: string;
}

type SentRow = Pick<OwnColumns, (typeof sentColumns)[number]>;

const sentColumns = [
  ...(['parent_span_id', 'name', 'kind', 'flags', 'start_time', 'end_time'] as const),
  ...(['status_code', 'sent_hash'] as const),
];

/** By trace and span id. */
async function readExisting(
  session: Session,
  spans: readonly PreparedSpan[],
  traces: ReadonlyMap<string, TouchedTrace>,
): Promise<ReadonlyMap<string, StoredVersion>> {
  const candidates = spans.filter((span) => !traces.get(span.traceId)!.fresh);
  if (candidates.length === 0) return new Map();
  const rows = await session.all<Record<string, string | number | null>>(
    selectVersionsSql(session),
    [JSON.stringify(candidates.map((span) => [traces.get(span.traceId)!.key, span.spanId]))],
  );
  const existing = new Map(
    rows.map((row) => [
      `${row.trace_key}/${row.span_id}`,
      {
        key: Number(row.key),
        endTimeUnixNano: row.end_time == null ? null : uint64(String(row.end_time)),
        columns: row as unknown as SentRow,
        attributes: String(row.attributes),
        rest: String(row.rest ?? ''),
      },
    ]),
  );
  const byAddress = new Map<string, StoredVersion>();
  for (const span of candidates) {
    const stored = existing.get(`${traces.get(span.traceId)!.key}/${span.spanId}`);
    if (stored) byAddress.set(addressOf(span), stored);
  }
  return byAddress;
}

interface Versions {
  of(span: PreparedSpan): SpanVersion;
  ofStored(stored: StoredVersion): SpanVersion;
}

/** Hashes are made only where two versions of a span meet. */
async function versionsOf(
  session: Session,
  spans: readonly PreparedSpan[],
  existing: ReadonlyMap<string, StoredVersion>,
): Promise<Versions> {
  const meet = existing.size > 0 || new Set(spans.map(addressOf)).size < spans.length;
  const contentKey = meet ? await readContentKey(session) : new Uint8Array();
  return {
    of: ({ endTimeUnixNano, columns, texts }) => ({
      endTimeUnixNano,
      hash: hashOfRow(columns, texts[0], texts[2], contentKey),
    }),
    ofStored: ({ endTimeUnixNano, columns, attributes, rest }) => ({
      endTimeUnixNano,
      hash: hashOfRow(columns, attributes, rest, contentKey),
    }),
  };
}

function planWrites(
  spans: readonly PreparedSpan[],
  existing: ReadonlyMap<string, StoredVersion>,
  versions: Versions,
): Pick<SpanPlan, 'inserts' | 'updates' | 'unseen' | 'duplicate'> {
  const best = new Map<string, PreparedSpan>();
  const unseen: PreparedSpan[] = [];
  const duplicate = spans.map((span) => {
    const address = addressOf(span);
    const rival = best.get(address);
    const stored = existing.get(address);
    if (!rival && !stored) {
      best.set(address, span);
      unseen.push(span);
      return false;
    }
    const version = versions.of(span);
    const againstRival = rival ? compareVersions(version, versions.of(rival)) : 1;
    const againstStored = stored ? compareVersions(version, versions.ofStored(stored)) : 1;
    if (againstRival !== 0 && againstStored !== 0) unseen.push(span);
    if (againstRival > 0 && againstStored > 0) best.set(address, span);
    return true;
  });
  const inserts: PreparedSpan[] = [];
  const updates: { key: number; span: PreparedSpan }[] = [];
  for (const [address, span] of best) {
    const stored = existing.get(address);
    if (stored) updates.push({ key: stored.key, span });
    else inserts.push(span);
  }
  return { inserts, updates, unseen, duplicate };
}

const addressOf = (span: PreparedSpan): string => span.traceId + span.spanId;

function selectVersionsSql({ dialect }: Session): string {
  const wide: ReadonlySet<string> = new Set(['flags', 'start_time', 'end_time']);
  const columns = sentColumns.map((name) =>
    wide.has(name) ? `${dialect.asText(`s.${name}`)} AS ${name}` : `s.${name}`,
  );
  return (
    `SELECT s.key, s.trace_key, s.span_id, ${columns.join(', ')}, s.attributes, s.rest ` +
    `FROM ${dialect.rows({ trace_key: 'bigint', span_id: 'text' })} AS given ` +
    `JOIN spans AS s ON s.trace_key = given.trace_key AND s.span_id = given.span_id`
  );
}

/** Binds rows of the key, every column but the execution, and the texts. */
export function updateSpansSql({ dialect }: Session): string {
  // Which execution it belongs to is for the fold to say.
  const columns = spanColumns.filter(([name]) => name !== 'execution_key');
  const all = [...columns, ...spanTexts.map((name) => [name, 'text'] as const)];
  const set = all.map(([name]) =>
    (spanTexts as readonly string[]).includes(name)
      ? `${name} = nullif(given.${name}, '')`
      : `${name} = given.${name}`,
  );
  return (
    `UPDATE spans SET ${set.join(', ')} ` +
    `FROM ${dialect.rows({ key: 'bigint', ...Object.fromEntries(all) })} AS given ` +
    `WHERE spans.key = given.key`
  );
}
