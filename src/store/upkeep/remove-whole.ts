import { createHmac } from 'node:crypto';
import type { Removal } from '../../model/ports-upkeep';
import type { Database, Session } from '../database/database';
import { executionDirty } from '../schema/execution-table';
import { cleanText } from '../schema/text';
import { traceDirty } from '../schema/trace-table';
import {
  deleteClaims,
  deleteSpans,
  deleteTraces,
  type DoomedSpan,
  findDoomed,
  mostSpansAtOnce,
} from './delete-spans';
import { findSubject, type Subject, type WholeQuery } from './find-subject';
import { readContentKey } from './ping';
import type { RemovalWork } from './remove-oldest';
import { joinShared, noShared, type SharedRows } from './shared-rows';

/**
 * Removes everything that is known of a task, a session or a user: spans, executions, frozen records, judgements and
 * what was said by hand. Sums over hours lose their part; patterns stay, which hold nobody's words.
 */
export async function removeWhole(
  database: Database,
  query: WholeQuery,
  work: RemovalWork,
): Promise<{ readonly removed: Removal; readonly shared: SharedRows }> {
  const subject = await findSubject(database, query);
  const atOnce = Math.min(mostSpansAtOnce, work.spansPerSlice ?? Infinity);
  let removed: Removal = { traces: 0, spans: 0, executions: 0 };
  // Also what a removal that was killed has left without spans.
  let shared: SharedRows = { ...noShared, resources: new Set(subject.resources) };
  const note = (part: Part, executions: number): void => {
    shared = joinShared(shared, part.shared);
    removed = {
      traces: removed.traces + part.traces,
      spans: removed.spans + part.spans,
      executions: removed.executions + executions,
    };
    work.onProgress?.(removed);
  };
  await work.write((session) => forgetWords(session, subject));
  for (let from = 0; from < subject.executions.length; from += executionsAtOnce) {
    const keys = subject.executions.slice(from, from + executionsAtOnce);
    for (let left = true; left;) {
      if (work.signal?.aborted) return { removed, shared };
      const part = await work.write((session) => removeExecutions(session, keys, atOnce));
      ({ left } = part);
      note(part, left ? 0 : keys.length);
    }
  }
  for (let left = subject.strayTraces.length > 0; left;) {
    const part = await work.write((session) => removeStrays(session, subject.strayTraces, atOnce));
    ({ left } = part);
    note(part, 0);
  }
  await work.write((session) => forgetNames(session, query));
  return { removed, shared };
}

const executionsAtOnce = 50;

/** What would go, without removing it. */
export async function countWhole(database: Database, query: WholeQuery): Promise<Removal> {
  const { executions, strayTraces } = await findSubject(database, query);
  return database.read(async (session) => {
    const { inList, list } = session.dialect;
    const [row] = await session.ask<{ traces: number | string; spans: number | string }>(
      `SELECT count(DISTINCT s.trace_key) AS traces, count(*) AS spans FROM spans AS s ` +
        `WHERE ${inList('s.execution_key', 'bigint')} OR ${inList('s.trace_key', 'bigint')}`,
      [list(executions), list(strayTraces)],
    );
    return {
      traces: Number(row!.traces),
      spans: Number(row!.spans),
      executions: executions.length,
    };
  });
}

/** What somebody said by hand of tasks that are nobody else's. */
async function forgetWords(session: Session, { executions, tasks }: Subject): Promise<void> {
  const { inList, list } = session.dialect;
  const own = list(executions);
  await session.run(`UPDATE tasks SET explicit = NULL WHERE ${inList('key', 'bigint')}`, [
    list(tasks),
  ]);
  await session.run(
    `UPDATE tasks SET explicit = NULL WHERE key IN ` +
      `(SELECT task_key FROM executions WHERE ${inList('key', 'bigint')}) AND NOT EXISTS ` +
      `(SELECT 1 FROM executions AS o WHERE o.task_key = tasks.key AND NOT (${inList('o.key', 'bigint')}))`,
    [own, own],
  );
  await session.run(`DELETE FROM tasks WHERE ${inList('key', 'bigint')} AND executions = 0`, [
    list(tasks),
  ]);
}

interface Part {
  readonly traces: number;
  readonly spans: number;
  readonly shared: SharedRows;
  /** It was too much for one transaction. */
  readonly left: boolean;
}

async function removeExecutions(
  session: Session,
  keys: readonly number[],
  atOnce: number,
): Promise<Part> {
  const { inList, list } = session.dialect;
  const spans = await findDoomed(
    session,
    inList('s.execution_key', 'bigint'),
    [list(keys)],
    atOnce,
  );
  const part = await removeSpans(session, spans, keys, atOnce);
  if (part.left) return part;
  const ids = await session.all<{ execution_id: string }>(
    `SELECT execution_id FROM executions WHERE ${inList('key', 'bigint')}`,
    [list(keys)],
  );
  const named = list(ids.map((row) => row.execution_id));
  await session.run(
    `DELETE FROM exposed WHERE frozen_key IN ` +
      `(SELECT key FROM frozen WHERE ${inList('execution_id', 'text')})`,
    [named],
  );
  for (const table of ['frozen', 'outcome_changes']) {
    await session.run(`DELETE FROM ${table} WHERE ${inList('execution_id', 'text')}`, [named]);
  }
  await deleteRewards(session, `target_kind = 'execution' AND ${inList('target_id', 'text')}`, [
    named,
  ]);
  await deleteRewards(session, inList('execution_key', 'bigint'), [list(keys)]);
  // Without spans and words it is nothing: the derivation takes it out of its task and out of the sums.
  await session.run(
    `UPDATE executions SET explicit = NULL, pruned = 0, dirty = ${executionDirty.recompute}, ` +
      `revision = revision + 1 WHERE ${inList('key', 'bigint')}`,
    [list(keys)],
  );
  return part;
}

/** Spans, the judgements of them with the spans that brought these, and what belongs to nobody else in their traces. */
async function removeSpans(
  session: Session,
  spans: readonly DoomedSpan[],
  executionKeys: readonly number[],
  atOnce: number,
): Promise<Part> {
  if (spans.length === 0) return { traces: 0, spans: 0, shared: noShared, left: false };
  const { inList, list } = session.dialect;
  const ids = list([...new Set(spans.map(({ traceId }) => traceId))]);
  const addresses = list(spans.map(({ traceId, spanId }) => traceId + spanId));
  const carriers = await findDoomed(
    session,
    `s.carrier = 1 AND (t.trace_id, s.span_id) IN (SELECT l.trace_id, l.span_id FROM span_links AS l ` +
      `WHERE ${inList('l.linked_trace_id', 'text')} AND ${inList('l.linked_trace_id || l.linked_span_id', 'text')})`,
    [ids, addresses],
    atOnce,
  );
  // What hangs on them goes first where it is much, while they are there to name it.
  if (carriers.length >= atOnce) return removeBeside(session, carriers);
  await deleteRewards(
    session,
    `${inList('target_id', 'text')} AND (target_span_id IS NULL OR ${inList('target_id || target_span_id', 'text')})`,
    [ids, addresses],
  );
  const touched = list([...new Set([...spans, ...carriers].map(({ traceKey }) => traceKey))]);
  const held = await session.all<{ key: number | string }>(
    `SELECT t.key FROM traces AS t WHERE ${inList('t.key', 'bigint')} AND EXISTS (SELECT 1 FROM spans AS s ` +
      `WHERE s.trace_key = t.key AND s.execution_key IS NOT NULL AND NOT (${inList('s.execution_key', 'bigint')}))`,
    [touched, list(executionKeys)],
  );
  const others = new Set(held.map((row) => Number(row.key)));
  const own = [...new Set(spans.map(({ traceKey }) => traceKey))].filter((key) => !others.has(key));
  // Spans beside the execution, in a trace that was its own.
  const beside = await findDoomed(
    session,
    `${inList('s.trace_key', 'bigint')} AND s.execution_key IS NULL`,
    [list(own)],
    atOnce,
  );
  if (beside.length >= atOnce) return removeBeside(session, beside);
  await session.run(
    `UPDATE traces SET dirty = ${traceDirty.whole}, revision = revision + 1 WHERE ${inList('key', 'bigint')}`,
    [list([...others])],
  );
  const shared = await deleteSpans(session, unique([...spans, ...carriers, ...beside]));
  const empty = await emptyTraces(session, touched);
  await deleteTraces(session, empty);
  return { traces: empty.length, spans: spans.length, shared, left: spans.length >= atOnce };
}

async function removeBeside(session: Session, spans: readonly DoomedSpan[]): Promise<Part> {
  const shared = await deleteSpans(session, spans);
  const empty = await emptyTraces(
    session,
    session.dialect.list([...new Set(spans.map(({ traceKey }) => traceKey))]),
  );
  await deleteTraces(session, empty);
  return { traces: empty.length, spans: spans.length, shared, left: true };
}

const unique = (spans: readonly DoomedSpan[]): readonly DoomedSpan[] => [
  ...new Map(spans.map((span) => [span.key, span])).values(),
];

async function emptyTraces(
  session: Session,
  touched: string | readonly (string | number)[],
): Promise<readonly number[]> {
  const rows = await session.all<{ key: number | string }>(
    `SELECT t.key FROM traces AS t WHERE ${session.dialect.inList('t.key', 'bigint')} ` +
      `AND NOT EXISTS (SELECT 1 FROM spans AS s WHERE s.trace_key = t.key)`,
    [touched],
  );
  return rows.map((row) => Number(row.key));
}

/** Spans that belong to no execution and yet name who is to be removed. */
async function removeStrays(
  session: Session,
  traceKeys: readonly number[],
  atOnce: number,
): Promise<Part> {
  const { inList, list } = session.dialect;
  const spans = await findDoomed(
    session,
    `${inList('s.trace_key', 'bigint')} AND s.execution_key IS NULL`,
    [list(traceKeys)],
    atOnce,
  );
  const shared = await deleteSpans(session, spans);
  const empty = await emptyTraces(session, list(traceKeys));
  await deleteTraces(session, empty);
  return { traces: empty.length, spans: spans.length, shared, left: spans.length >= atOnce };
}

async function deleteRewards(
  session: Session,
  condition: string,
  values: Parameters<Session['ask']>[1],
): Promise<void> {
  const rows = await session.ask<{ key: number | string }>(
    `DELETE FROM rewards WHERE ${condition} RETURNING key`,
    values,
  );
  await deleteClaims(
    session,
    'reward',
    rows.map((row) => Number(row.key)),
  );
}

/** Judgements of the whole, what was set aside, and the name itself where an experiment drew by it. */
async function forgetNames(session: Session, query: WholeQuery): Promise<void> {
  const id = cleanText(query.id);
  if (query.kind !== 'user') {
    await deleteRewards(session, 'target_kind = ? AND target_id = ?', [query.kind, id]);
  }
  await session.run(`DELETE FROM quarantine WHERE ${session.dialect.contains('body')}`, [
    JSON.stringify(id).slice(1, -1),
  ]);
  const hash = createHmac('sha256', await readContentKey(session))
    .update(id)
    .digest('hex');
  const alias = `removed:${hash.slice(0, 32)}`;
  // Two draws of one unit cannot be: where the alias was drawn already the name goes.
  await session.run(
    `UPDATE assignments SET unit = ? WHERE ${ofAnyExperiment} AND NOT EXISTS (SELECT 1 FROM assignments AS o ` +
      `WHERE o.experiment_key = assignments.experiment_key AND o.unit = ?)`,
    [alias, id, alias],
  );
  await session.run(`DELETE FROM assignments WHERE ${ofAnyExperiment}`, [id]);
}

/** Draws of a unit, by the index of each experiment. */
const ofAnyExperiment = 'experiment_key IN (SELECT key FROM experiments) AND unit = ?';
