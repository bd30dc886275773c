import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database, Session } from '../database/database';
import { executionDirty, loadExecutions, type StoredExecution } from '../schema/execution-table';
import { int64Text } from '../schema/json-values';
import { applyExecutions } from './apply-executions';
import type { ExecutionDraft } from './execution-view';
import { type ExecutionState, mergeStates, stateOf } from './execution-state';
import type { FoldSpan } from './fold-span';
import { loadSpansOfExecution, loadSpansOfExecutions, loadTagsOf } from './load-spans';
import { sliceSpans } from './rederive-traces';
import type { DeriveSettings } from './outcome';

/** Makes the states of small executions anew from their spans, all in the transaction of `session`. */
export async function recomputeSmall(
  session: Session,
  settings: DeriveSettings,
  executionKeys: readonly number[],
): Promise<void> {
  const stored = await loadExecutions(session, [], executionKeys);
  const spans = await loadSpansOfExecutions(session, executionKeys);
  const tags = await loadTagsOf(session, spans);
  const byExecution = new Map<number, FoldSpan[]>(stored.map((row) => [row.key, []]));
  for (const span of spans) byExecution.get(span.executionKey!)?.push(span);
  const drafts = stored.map((row): ExecutionDraft => {
    if (row.pruned) return draftOf(row, row.state, row.late);
    const own = byExecution.get(row.key)!;
    return draftOf(row, own.length === 0 ? null : stateOf(own, tagsIn(tags)), isLate(row, own));
  });
  await applyExecutions(session, settings, drafts);
}

/** The same for one of any length, in pages; what comes meanwhile makes it start again. */
export async function recomputeLong(
  database: Database,
  settings: DeriveSettings,
  executionKey: number,
  write: <T>(work: (session: Session) => Promise<T>) => Promise<T>,
  slice = sliceSpans,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const revision = await database.read((session) => revisionOf(session, executionKey));
    if (revision === null) return;
    if (attempt > optimisticAttempts) {
      // Always overtaken: this time nobody is let in between.
      await write(async (session) => {
        await finish(session, settings, executionKey, null, await read((page) => page(session)));
      });
      return;
    }
    const result = await read((page) => database.read(page));
    const done = await write((session) =>
      finish(session, settings, executionKey, revision, result),
    );
    if (done) return;
  }

  async function read(
    readPage: (
      page: (session: Session) => Promise<readonly [readonly FoldSpan[], Tags]>,
    ) => Promise<readonly [readonly FoldSpan[], Tags]>,
  ): Promise<Recomputed> {
    let state: ExecutionState | null = null;
    let after: { start: string; key: number } | null = null;
    let received = 0n;
    for (;;) {
      const from: typeof after = after;
      const [spans, tags] = await readPage(async (session) => {
        const page = await loadSpansOfExecution(session, executionKey, from, slice);
        return [page, await loadTagsOf(session, page)];
      });
      if (spans.length > 0) {
        const own = stateOf(spans, tagsIn(tags));
        state = state ? mergeStates(state, own) : own;
        received = BigInt(state.received);
      }
      if (spans.length < slice) return { state, received };
      const last = spans.at(-1)!;
      after = { start: int64Text(last.startTimeUnixNano), key: last.key };
      await nextTurn();
    }
  }
}

const optimisticAttempts = 3;

interface Recomputed {
  readonly state: ExecutionState | null;
  readonly received: bigint;
}

async function finish(
  session: Session,
  settings: DeriveSettings,
  executionKey: number,
  revision: number | null,
  recomputed: Recomputed,
): Promise<boolean> {
  const [row] = await loadExecutions(session, [], [executionKey]);
  if (!row) return true;
  if (revision !== null && row.revision !== revision) return false;
  const { received } = recomputed;
  // What retention took cannot be read again.
  const state = row.pruned ? row.state : recomputed.state;
  const late = row.late || (row.closedAt !== null && received > BigInt(row.closedAt));
  await applyExecutions(session, settings, [draftOf(row, state, late)]);
  return true;
}

/** Judges executions again whose rewards, or whose place in their task, changed. */
export async function judgeAgain(
  session: Session,
  settings: DeriveSettings,
  executionKeys: readonly number[],
): Promise<void> {
  const stored = await loadExecutions(session, [], executionKeys);
  await applyExecutions(
    session,
    settings,
    stored.map((row) => ({
      ...draftOf(row, row.state, row.late),
      unfinished: row.dirty >= executionDirty.recompute,
    })),
  );
}

function draftOf(
  stored: StoredExecution,
  state: ExecutionState | null,
  late: boolean,
): ExecutionDraft {
  return { executionId: stored.executionId, stored, state, late, arriving: [] };
}

function isLate({ late, closedAt }: StoredExecution, spans: readonly FoldSpan[]): boolean {
  if (late || closedAt === null) return late;
  return spans.some(({ receivedAtUnixNano }) => receivedAtUnixNano > BigInt(closedAt));
}

type Tags = ReadonlyMap<string, readonly string[]>;

const tagsIn =
  (tags: Tags) =>
  ({ traceKey, spanId }: FoldSpan): readonly string[] =>
    tags.get(`${traceKey}/${spanId}`) ?? [];

async function revisionOf(session: Session, key: number): Promise<number | null> {
  const [row] = await session.all<{ revision: number | string }>(
    'SELECT revision FROM executions WHERE key = ?',
    [key],
  );
  return row ? Number(row.revision) : null;
}
