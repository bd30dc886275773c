import type { Reinterpreted, ReinterpretOptions } from '../../model/ports-upkeep';
import type { InterpretedSpan, Span } from '../../model/span';
import type { Database, Session } from '../database/database';
import { executionDirty } from '../schema/execution-table';
import { type OwnColumns, spanColumns } from '../schema/span-table';
import { traceDirty } from '../schema/trace-table';
import { prepareSpan, type PreparedSpan } from '../ingest/prepared-span';
import { hashOfRow } from '../ingest/span-version';
import { createWriterCaches, type WriterCaches } from '../ingest/write-batch';
import { replaceOwnTags, updateSpans } from '../ingest/replace-spans';
import { selectSpans, type SpanRead, toSpans } from '../read/span-codec';
import { readContentKey } from './ping';
import { redactRecords } from './redact-records';

/** Spans of one transaction at most. */
const mostSpans = 300;

/**
 * Reads every stored span again, in slices: what it means by today's semantics and prices, and what of it may be kept.
 * Where a slice changed something its executions and traces are derived anew. It goes on where a killed one was; what
 * comes meanwhile is read as usual, under the new version.
 */
export async function reinterpret(
  database: Database,
  { interpret, redact, onProgress, signal }: ReinterpretOptions,
  spansPerSlice: number,
): Promise<Reinterpreted> {
  const spansAtOnce = Math.min(mostSpans, spansPerSlice);
  const begun = await database.write('exclusive', (session) => begin(session, redact));
  const { version, resumed } = begun;
  let { after } = begun;
  let [spans, changed] = [0, 0];
  const caches = createWriterCaches();
  while (!signal?.aborted) {
    const slice = await database.write('shared', async (session) => {
      caches.restart();
      const done = await readAgain(
        session,
        caches,
        { after, until: begun.until, version, spansAtOnce },
        interpret,
      );
      await noteProgress(session, { version, redact, after: done.after, until: begun.until });
      return done;
    });
    caches.publish();
    spans += slice.spans;
    changed += slice.changed;
    ({ after } = slice);
    onProgress?.({ done: after, total: begun.until });
    if (slice.spans < spansAtOnce) {
      if (redact) await redactRecords(database, redact);
      await database.write('shared', finish);
      return { version, spans, changed, resumed, finished: true };
    }
  }
  return { version, spans, changed, resumed, finished: false };
}

interface Progress {
  readonly version: number;
  readonly redact: boolean;
  /** Key of the last span that was read again. */
  readonly after: number;
  /** Key of the last span there was at the beginning. */
  readonly until: number;
}

async function begin(
  session: Session,
  redact: ReinterpretOptions['redact'],
): Promise<Progress & { readonly resumed: boolean }> {
  const [stored] = await session.all<{ value: string }>(
    `SELECT value FROM settings WHERE name = 'reinterpret'`,
  );
  const before = stored ? (JSON.parse(stored.value) as Progress) : null;
  if (before?.redact === (redact !== undefined)) return { ...before, resumed: true };
  const [row] = await session.all<{ version: string; last: number | string | null }>(
    `SELECT value AS version, (SELECT max(key) FROM spans) AS last FROM settings WHERE name = 'meaning_version'`,
  );
  const version = Number(row!.version) + 1;
  await session.run(`UPDATE settings SET value = ? WHERE name = 'meaning_version'`, [
    String(version),
  ]);
  const progress = { version, after: 0, until: Number(row!.last ?? 0) };
  await noteProgress(session, { ...progress, redact });
  return { ...progress, redact: redact !== undefined, resumed: false };
}

async function noteProgress(
  session: Session,
  progress: Omit<Progress, 'redact'> & Pick<ReinterpretOptions, 'redact'>,
): Promise<void> {
  await session.run(
    `INSERT INTO settings (name, value) VALUES ('reinterpret', ?) ` +
      `ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    [JSON.stringify({ ...progress, redact: progress.redact !== undefined })],
  );
}

async function finish(session: Session): Promise<void> {
  await session.run(`DELETE FROM settings WHERE name = 'reinterpret'`);
}

interface Wanted extends Pick<Progress, 'after' | 'until' | 'version'> {
  readonly spansAtOnce: number;
}

interface Slice {
  readonly spans: number;
  readonly changed: number;
  readonly after: number;
}

type StoredRow = SpanRead & {
  readonly carrier: number | string;
  readonly sent_hash: string | null;
  readonly meaning: string | null;
  readonly execution_key: number | string | null;
};

async function readAgain(
  session: Session,
  caches: WriterCaches,
  { after, until, version, spansAtOnce }: Wanted,
  interpret: (span: Span) => InterpretedSpan,
): Promise<Slice> {
  const { inList, list, forUpdate } = session.dialect;
  const keys = await session.all<{ key: number | string; trace_key: number | string }>(
    `SELECT key, trace_key FROM spans WHERE key > ? AND key <= ? ORDER BY key LIMIT ${spansAtOnce}`,
    [after, until],
  );
  if (keys.length === 0) return { spans: 0, changed: 0, after };
  // Who writes a better version of one of them waits, and does not see it half done.
  await session.all(
    `SELECT t.key FROM traces AS t WHERE ${inList('t.key', 'bigint')} ORDER BY t.key${forUpdate('t')}`,
    [list([...new Set(keys.map((row) => Number(row.trace_key)))])],
  );
  const select = selectSpans(session.dialect).replace(
    's.attributes, ',
    's.attributes, s.carrier, s.sent_hash, s.meaning, s.execution_key, ',
  );
  const rows = await session.all<StoredRow>(`${select} WHERE ${inList('s.key', 'bigint')}`, [
    list(keys.map((row) => Number(row.key))),
  ]);
  const spans = await toSpans(session, rows);
  const contentKey = await readContentKey(session);
  const read = rows.flatMap((row, index) => {
    const prepared = prepareSpan(interpret(spans[index]!));
    return 'refused' in prepared ? [] : [{ row, span: keepKnown(prepared, row, contentKey) }];
  });
  const changed = read.filter(({ row, span }) => isOther(row, span, spans[rows.indexOf(row)]!));
  await updateSpans(session, caches, changed, version);
  await session.run(`UPDATE spans SET meaning_version = ? WHERE ${inList('key', 'bigint')}`, [
    version,
    list(rows.map((row) => Number(row.key))),
  ]);
  await replaceOwnTags(
    session,
    caches.tags,
    read.map(({ row, span }) => ({
      traceKey: Number(row.trace_key),
      spanId: row.span_id,
      tags: span.tags,
    })),
  );
  await markChanged(session, changed);
  return { spans: keys.length, changed: changed.length, after: Number(keys.at(-1)!.key) };
}

/** What was worked out of content that is not kept stays, and so does the name of the version that was sent. */
function keepKnown(span: PreparedSpan, row: StoredRow, contentKey: Uint8Array): PreparedSpan {
  const { columns } = span;
  const hash = columns.tool_arguments_hash ?? row.tool_arguments_hash;
  const sentHash =
    row.sent_hash ??
    (columns.name === row.name &&
    span.texts[0] === row.attributes &&
    span.texts[2] === (row.rest ?? '')
      ? null
      : hashOfRow({ ...row, kind: Number(row.kind) }, row.attributes, row.rest ?? '', contentKey));
  return { ...span, columns: { ...columns, tool_arguments_hash: hash, sent_hash: sentHash } };
}

/** Columns that the span itself says; ids and times never change. */
const own = spanColumns
  .map(([name]) => name)
  .filter((name): name is keyof OwnColumns & keyof StoredRow =>
    [
      ...['name', 'role', 'carrier', 'agent_id', 'model', 'tool', 'input_tokens', 'output_tokens'],
      ...['cost_usd', 'error_type', 'tool_arguments_hash', 'sent_hash'],
    ].includes(name),
  );

function isOther(row: StoredRow, span: PreparedSpan, stored: Span): boolean {
  const text = (value: string | number | null): string => (value === null ? '' : String(value));
  return (
    own.some((name) => text(row[name]) !== text(span.columns[name])) ||
    row.attributes !== span.texts[0] ||
    (row.meaning ?? '') !== span.texts[1] ||
    (row.rest ?? '') !== span.texts[2] ||
    JSON.stringify(stored.resource) !== span.resource.body ||
    JSON.stringify(stored.scope) !== span.scope.body
  );
}

async function markChanged(
  session: Session,
  changed: readonly { readonly row: StoredRow }[],
): Promise<void> {
  const { inList, list } = session.dialect;
  const executions = [...new Set(changed.flatMap(({ row }) => row.execution_key ?? []))];
  await session.run(
    `UPDATE executions SET dirty = ${executionDirty.recompute}, revision = revision + 1 ` +
      `WHERE ${inList('key', 'bigint')}`,
    [list(executions.map(Number))],
  );
  await session.run(
    `UPDATE traces SET dirty = ${traceDirty.whole}, revision = revision + 1 WHERE ${inList('key', 'bigint')}`,
    [list([...new Set(changed.map(({ row }) => Number(row.trace_key)))])],
  );
}
