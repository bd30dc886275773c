import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database, Session } from '../database/database';
import { traceDirty, traceRow, traceTable } from '../schema/trace-table';
import { updateRows } from '../schema/table';
import { firstExecution } from './at-hand';
import type { FoldSpan } from './fold-span';
import { loadSpansByKey, loadSpansOfTrace, loadSpansOfTraces } from './load-spans';
import { foldMembership, type MemberSpan, membershipInTurns } from './membership';
import { type Move, moveSpans } from './move-spans';
import type { DeriveSettings } from './outcome';
import { mergeTraceStates, type TraceState, traceStateOf } from './trace-state';

/** Spans that one slice reads or moves at most, unless a test says otherwise. */
export const sliceSpans = 1_000;

export interface DirtyTrace {
  readonly key: number;
  readonly traceId: string;
  readonly revision: number;
}

/** Finds out anew which span of small traces belongs to which execution, all in the transaction of `session`. */
export async function rederiveSmall(
  session: Session,
  settings: DeriveSettings,
  traceKeys: readonly number[],
): Promise<void> {
  await lockTraces(session, traceKeys);
  const byTrace = new Map<number, FoldSpan[]>(traceKeys.map((key) => [key, []]));
  for (const span of await loadSpansOfTraces(session, traceKeys)) {
    byTrace.get(span.traceKey)!.push(span);
  }
  const moves: Move[] = [];
  const settled = [...byTrace].map(([key, spans]) => {
    const membership = foldMembership(spans);
    spans.forEach((span, index) => moves.push({ span, to: membership[index]! }));
    return { key, state: traceStateOf(spans), execution: firstExecution(spans, membership) };
  });
  await moveSpans(session, settings, await misplaced(session, moves));
  const keys = await keysOf(
    session,
    settled.flatMap(({ execution }) => execution ?? []),
  );
  await updateRows(
    session,
    traceTable,
    settled.map(({ key, state, execution }) => ({
      key,
      ...traceRow(state, execution === null ? null : keys.get(execution)!),
    })),
  );
}

/** Nobody adds to them, or judges them by what is added, meanwhile. */
async function lockTraces(session: Session, keys: readonly number[]): Promise<void> {
  const { inList, list, forUpdate } = session.dialect;
  await session.all(
    `SELECT t.key FROM traces AS t WHERE ${inList('t.key', 'bigint')} ORDER BY t.key${forUpdate('t')}`,
    [list(keys)],
  );
}

/**
 * The same for a trace of any length: reads it in pages, holds of each span only what membership needs, and moves
 * spans a slice at a time. Spans that come meanwhile leave it dirty.
 */
export async function rederiveLong(
  database: Database,
  settings: DeriveSettings,
  { key, revision }: DirtyTrace,
  write: <T>(work: (session: Session) => Promise<T>) => Promise<T>,
  slice = sliceSpans,
): Promise<void> {
  const members: LongMember[] = [];
  let state: TraceState | null = null;
  for (let after = ''; ;) {
    const page = await database.read((session) => loadSpansOfTrace(session, key, after, slice));
    state = mergeTraceStates(state, traceStateOf(page));
    for (const span of page) members.push(memberOf(span));
    if (page.length < slice) break;
    after = page.at(-1)!.spanId;
    await nextTurn();
  }
  const membership = await membershipInTurns(members);
  for (let from = 0; from < members.length; from += slice) {
    const part = members.slice(from, from + slice);
    await write(async (session) => {
      await lockTraces(session, [key]);
      const to = new Map(part.map((member, index) => [member.key, membership[from + index]!]));
      const misplacedKeys = await misplacedMembers(session, part, to);
      const spans = await loadSpansByKey(session, misplacedKeys);
      const moves = spans.map((span) => ({ span, to: to.get(span.key)! }));
      await moveSpans(session, settings, await misplaced(session, moves));
    });
  }
  const execution = firstExecution(members, membership);
  await write(async (session) => {
    const keys = await keysOf(session, execution === null ? [] : [execution]);
    const [row] = await session.all<{ revision: number | string }>(
      `SELECT t.revision FROM traces AS t WHERE t.key = ?${session.dialect.forUpdate('t')}`,
      [key],
    );
    const same = Number(row?.revision) === revision;
    const values = traceRow(state, execution === null ? null : (keys.get(execution) ?? null));
    await updateRows(session, traceTable, [
      { key, ...values, dirty: same ? traceDirty.clean : traceDirty.whole },
    ]);
  });
}

type LongMember = MemberSpan &
  Pick<FoldSpan, 'key' | 'executionKey' | 'startTimeUnixNano' | 'endTimeUnixNano'>;

function memberOf(span: FoldSpan): LongMember {
  const { key, executionKey, traceId, spanId, parentSpanId, role, carrier } = span;
  const { startTimeUnixNano, endTimeUnixNano } = span;
  const { executionId, taskId } = span.meaning;
  const meaning = {
    ...(executionId !== undefined && { executionId }),
    ...(taskId !== undefined && { taskId }),
  };
  return {
    ...{ key, executionKey, traceId, spanId, parentSpanId, role, carrier, meaning },
    ...{ startTimeUnixNano, endTimeUnixNano },
  };
}

async function misplaced(session: Session, moves: readonly Move[]): Promise<readonly Move[]> {
  const ids = moves.flatMap(({ to }) => to ?? []);
  const keys = await keysOf(session, ids);
  return moves.filter(({ span, to }) =>
    to === null ? span.executionKey !== null : keys.get(to) !== span.executionKey || !keys.has(to),
  );
}

async function misplacedMembers(
  session: Session,
  members: readonly Pick<FoldSpan, 'key' | 'executionKey'>[],
  to: ReadonlyMap<number, string | null>,
): Promise<readonly number[]> {
  const keys = await keysOf(
    session,
    [...to.values()].flatMap((id) => id ?? []),
  );
  return members
    .filter(({ key, executionKey }) => {
      const id = to.get(key)!;
      return id === null ? executionKey !== null : keys.get(id) !== executionKey || !keys.has(id);
    })
    .map(({ key }) => key);
}

async function keysOf(
  session: Session,
  executionIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (executionIds.length === 0) return new Map();
  const { inList, list } = session.dialect;
  const rows = await session.all<{ key: number | string; execution_id: string }>(
    `SELECT key, execution_id FROM executions WHERE ${inList('execution_id', 'text')}`,
    [list([...new Set(executionIds)])],
  );
  return new Map(rows.map((row) => [row.execution_id, Number(row.key)]));
}
