import type { Session } from '../database/database';
import { executionDirty, loadExecutions } from '../schema/execution-table';
import { applyExecutions } from './apply-executions';
import type { ExecutionDraft } from './execution-view';
import { mergeStates, stateOf } from './execution-state';
import type { FoldSpan } from './fold-span';
import { loadTagsOf } from './load-spans';
import { lockIds } from './lock-ids';
import type { DeriveSettings } from './outcome';

/** A span that belongs to another execution than it is stored under; `null`: to none. */
export interface Move {
  readonly span: FoldSpan;
  readonly to: string | null;
}

/**
 * Moves spans between executions, rewards and all. Who gains merges them in; who loses is made anew from what it has
 * left, later.
 */
export async function moveSpans(
  session: Session,
  settings: DeriveSettings,
  moves: readonly Move[],
): Promise<void> {
  if (moves.length === 0) return;
  const gains = new Map<string, FoldSpan[]>();
  for (const { span, to } of moves) {
    if (to === null) continue;
    const list = gains.get(to);
    if (list) list.push(span);
    else gains.set(to, [span]);
  }
  await lockIds(session, [...gains.keys(), ...taskIdsOf(moves)]);
  const drafts = await draftGains(session, gains);
  const keys = await applyExecutions(session, settings, drafts);
  const { rows, inList, list } = session.dialect;
  await session.run(
    `UPDATE spans SET execution_key = given.execution_key ` +
      `FROM ${rows({ key: 'bigint', execution_key: 'bigint' })} AS given WHERE spans.key = given.key`,
    [JSON.stringify(moves.map(({ span, to }) => [span.key, to === null ? null : keys.get(to)]))],
  );
  const losers = new Set(moves.flatMap(({ span }) => span.executionKey ?? []));
  if (losers.size === 0) return;
  await session.run(
    `UPDATE executions SET dirty = ${executionDirty.recompute}, revision = revision + 1 ` +
      `WHERE ${inList('key', 'bigint')}`,
    [list([...losers])],
  );
  const freed = moves.filter(({ span, to }) => to === null && span.executionKey !== null);
  if (freed.length === 0) return;
  await session.run(
    `UPDATE rewards SET execution_key = NULL ` +
      `FROM ${rows({ trace_id: 'text', span_id: 'text' })} AS given ` +
      `WHERE rewards.target_id = given.trace_id AND rewards.target_span_id = given.span_id`,
    [JSON.stringify(freed.map(({ span }) => [span.traceId, span.spanId]))],
  );
}

async function draftGains(
  session: Session,
  gains: ReadonlyMap<string, readonly FoldSpan[]>,
): Promise<readonly ExecutionDraft[]> {
  const tags = await loadTagsOf(session, [...gains.values()].flat());
  const stored = await loadExecutions(session, [...gains.keys()].sort(), []);
  const byId = new Map(stored.map((row) => [row.executionId, row]));
  return [...gains].map(([executionId, spans]): ExecutionDraft => {
    const row = byId.get(executionId) ?? null;
    const own = stateOf(spans, (span) => tags.get(`${span.traceKey}/${span.spanId}`) ?? []);
    return {
      executionId,
      stored: row,
      state: row?.state ? mergeStates(row.state, own) : own,
      arriving: spans,
      late: row !== null && (row.late || row.closedAt !== null),
      unfinished: row !== null && row.dirty >= executionDirty.recompute,
    };
  });
}

function taskIdsOf(moves: readonly Move[]): readonly string[] {
  return moves.flatMap(({ span }) => [span.traceId, span.meaning.taskId ?? span.traceId]);
}
