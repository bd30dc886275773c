import type { Session } from '../database/database';
import { spanColumns, spanTexts } from '../schema/span-columns';
import { uint64 } from '../schema/json-values';
import type { SharedContent } from './content-hash';
import type { KeyCache } from './key-cache';
import type { PreparedSpan } from './prepared-span';
import { compareVersions, spanContent, type SpanVersion } from './span-version';

export interface SpanCaches {
  readonly resources: KeyCache;
  readonly scopes: KeyCache;
}

/** What is to be done with given spans; their traces are locked and marked dirty already. */
export interface SpanPlan {
  readonly traceKeys: ReadonlyMap<string, number>;
  /** Ids of traces that this transaction has made: all their spans are among the inserts. */
  readonly freshTraces: ReadonlySet<string>;
  /** Ids of traces that were there, with few spans when they were folded last. */
  readonly smallTraces: ReadonlySet<string>;
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
    traceKeys: traces.keys,
    freshTraces: traces.fresh,
    smallTraces: traces.small,
    resourceKeys,
    scopeKeys,
    ...planWrites(spans, existing),
  };
}

/** Writes the rows of a plan; `executionKeys` are those that are known already. */
export async function writeSpans(
  session: Session,
  plan: SpanPlan,
  executionKeys: ReadonlyMap<PreparedSpan, number | null>,
  receivedAt: string,
): Promise<void> {
  const rowOf = (span: PreparedSpan): (string | number | null)[] => [
    plan.traceKeys.get(span.traceId)!,
    span.spanId,
    ...span.columns,
    receivedAt,
    plan.resourceKeys.get(span.resource.hash)!,
    plan.scopeKeys.get(span.scope.hash)!,
  ];
  await session.insertSpans(
    plan.inserts.map((span) => ({
      hot: [...rowOf(span), executionKeys.get(span) ?? null],
      texts: span.texts,
    })),
  );
  if (plan.updates.length === 0) return;
  const rows = plan.updates.map(({ key, span }) => [key, ...rowOf(span), ...span.texts]);
  await session.run(updateSpansSql(session), [JSON.stringify(rows)]);
}

async function sharedKeys(
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

interface TouchedTraces {
  readonly keys: ReadonlyMap<string, number>;
  /** Ids of traces that were not in the store before. */
  readonly fresh: ReadonlySet<string>;
  readonly small: ReadonlySet<string>;
}

const smallTraceSpans = 100;

async function touchTraces(
  session: Session,
  spans: readonly PreparedSpan[],
  alsoTouch: Iterable<string>,
): Promise<TouchedTraces> {
  const ids = new Set(alsoTouch);
  for (const span of spans) ids.add(span.traceId);
  const keys = new Map<string, number>();
  const fresh = new Set<string>();
  const small = new Set<string>();
  const rows = await session.all<{
    key: number | string;
    trace_id: string;
    revision: number | string;
    spans: number | string;
  }>(
    `INSERT INTO traces (trace_id, revision, dirty) SELECT trace_id, 1, 1 ` +
      `FROM ${session.dialect.rows({ trace_id: 'text' })} AS given WHERE true ` +
      `ON CONFLICT (trace_id) DO UPDATE SET revision = traces.revision + 1, dirty = 1 ` +
      `RETURNING key, trace_id, revision, spans`,
    [JSON.stringify([...ids].sort().map((id) => [id]))],
  );
  for (const row of rows) {
    keys.set(row.trace_id, Number(row.key));
    if (Number(row.revision) === 1) fresh.add(row.trace_id);
    else if (Number(row.spans) <= smallTraceSpans) small.add(row.trace_id);
  }
  return { keys, fresh, small };
}

interface StoredVersion extends SpanVersion {
  readonly key: number;
}

async function readExisting(
  session: Session,
  spans: readonly PreparedSpan[],
  traces: TouchedTraces,
): Promise<Map<string, StoredVersion>> {
  const existing = new Map<string, StoredVersion>();
  const candidates = spans.filter((span) => !traces.fresh.has(span.traceId));
  if (candidates.length === 0) return existing;
  const rows = await session.all<Record<string, string | number | null>>(
    selectVersionsSql(session),
    [JSON.stringify(candidates.map((span) => [traces.keys.get(span.traceId), span.spanId]))],
  );
  for (const row of rows) {
    const columns = versionColumns.map(([name]) => row[name] ?? null);
    const texts = spanTexts.map((name) => String(row[name] ?? ''));
    existing.set(`${row.trace_key}/${row.span_id}`, {
      key: Number(row.key),
      endTimeUnixNano: row.end_time == null ? null : uint64(String(row.end_time)),
      content: spanContent(columns, texts),
    });
  }
  const byAddress = new Map<string, StoredVersion>();
  for (const span of candidates) {
    const stored = existing.get(`${traces.keys.get(span.traceId)}/${span.spanId}`);
    if (stored) byAddress.set(addressOf(span), stored);
  }
  return byAddress;
}

function planWrites(
  spans: readonly PreparedSpan[],
  existing: ReadonlyMap<string, StoredVersion>,
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
    const version = versionOf(span);
    const againstRival = rival ? compareVersions(version, versionOf(rival)) : 1;
    const againstStored = stored ? compareVersions(version, stored) : 1;
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

function versionOf(span: PreparedSpan): SpanVersion {
  return { endTimeUnixNano: span.endTimeUnixNano, content: spanContent(span.columns, span.texts) };
}

const versionFrom = spanColumns.findIndex(([name]) => name === 'parent_span_id');
const versionTo = spanColumns.findIndex(([name]) => name === 'received_at');
const versionColumns = spanColumns.slice(versionFrom, versionTo);

function selectVersionsSql({ dialect }: Session): string {
  const columns = versionColumns.map(([name, type]) =>
    type === 'bigint' ? `${dialect.asText(`s.${name}`)} AS ${name}` : `s.${name}`,
  );
  return (
    `SELECT s.key, s.trace_key, s.span_id, ${columns.join(', ')}, ` +
    `${spanTexts.map((name) => `s.${name}`).join(', ')} ` +
    `FROM ${dialect.rows({ trace_key: 'bigint', span_id: 'text' })} AS given ` +
    `JOIN spans AS s ON s.trace_key = given.trace_key AND s.span_id = given.span_id`
  );
}

function updateSpansSql({ dialect }: Session): string {
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
