import { allOf } from '../database/all-of';
import type { Session } from '../database/database';
import type { ExplicitExecution } from './explicit';
import { foldExecution } from './fold-execution';
import type { FoldSpan } from './fold-span';
import type { ExecutionDraft, StoredExecution } from './fold-state';
import { type LoadedSpan, loadSpansElsewhere } from './load-spans';

export interface Drafts {
  readonly drafts: readonly ExecutionDraft[];
  /** Executions that lost their last span and that nobody made by hand. */
  readonly vanished: readonly StoredExecution[];
}

/**
 * Folds every execution that the spans of the chunk belong to or belonged to.
 *
 * @param membership execution id of each span of `spans`
 */
export async function draftExecutions(
  session: Session,
  spans: readonly LoadedSpan[],
  membership: readonly (string | null)[],
  dirtyKeys: readonly number[],
  traceKeys: readonly number[],
): Promise<Drafts> {
  const members = new Map<string, FoldSpan[]>();
  const formerKeys = new Set(dirtyKeys);
  spans.forEach((span, index) => {
    const executionId = membership[index]!;
    if (executionId !== null) push(members, executionId, span);
    if (span.executionKey !== null) formerKeys.add(span.executionKey);
  });
  const [stored, tags] = await allOf([
    loadExecutions(session, [...members.keys()], [...formerKeys]),
    loadTags(session, spans),
  ]);
  const idByKey = new Map(stored.map((row) => [row.key, row.executionId]));
  const elsewhere = await loadSpansElsewhere(session, [...idByKey.keys()], traceKeys);
  for (const span of elsewhere) push(members, idByKey.get(span.executionKey!)!, span);
  const allTags = new Map([...tags, ...(await loadTags(session, elsewhere))]);

  const drafts: ExecutionDraft[] = [];
  const vanished: StoredExecution[] = [];
  const storedById = new Map(stored.map((row) => [row.executionId, row]));
  for (const [executionId, own] of members) {
    drafts.push(draftExecution(executionId, storedById.get(executionId) ?? null, own, allTags));
  }
  for (const row of stored) {
    if (members.has(row.executionId)) continue;
    if (row.explicit?.createdAt === undefined) vanished.push(row);
    else drafts.push(draftExecution(row.executionId, row, [], allTags));
  }
  return { drafts, vanished };
}

function draftExecution(
  executionId: string,
  stored: StoredExecution | null,
  members: FoldSpan[],
  tagsOf: ReadonlyMap<string, readonly string[]>,
): ExecutionDraft {
  const folded = members.length > 0 ? foldExecution(members) : null;
  const explicit = stored?.explicit ?? {};
  const tags = members.flatMap((span) => tagsOf.get(`${span.traceKey}/${span.spanId}`) ?? []);
  return {
    executionId,
    stored,
    members,
    folded,
    // Without spans somebody made it, and said its task and when.
    taskId: explicit.taskId ?? folded!.taskId,
    attempt: explicit.attempt ?? folded?.attempt ?? 1,
    replication: explicit.replication ?? folded?.replication ?? 0,
    startTimeUnixNano: folded?.startTimeUnixNano ?? BigInt(explicit.createdAt!),
    tags: [...new Set([...tags, ...(explicit.tags ?? [])])].sort(),
  };
}

async function loadExecutions(
  session: Session,
  ids: readonly string[],
  keys: readonly number[],
): Promise<StoredExecution[]> {
  const { inList, list, asText } = session.dialect;
  const rows = await session.all<{
    key: number | string;
    execution_id: string;
    task_id: string;
    explicit: string | null;
    closed_at: string | null;
    closed_span_key: number | string | null;
  }>(
    `SELECT e.key, e.execution_id, t.task_id, e.explicit, ${asText('e.closed_at')} AS closed_at, ` +
      `e.closed_span_key FROM executions AS e JOIN tasks AS t ON t.key = e.task_key ` +
      `WHERE ${inList('e.execution_id', 'text')} OR ${inList('e.key', 'bigint')}`,
    [list(ids), list(keys)],
  );
  return rows.map((row) => ({
    key: Number(row.key),
    executionId: row.execution_id,
    taskId: row.task_id,
    explicit: row.explicit === null ? null : (JSON.parse(row.explicit) as ExplicitExecution),
    closedAt: row.closed_at,
    closedSpanKey: row.closed_span_key === null ? null : Number(row.closed_span_key),
  }));
}

async function loadTags(
  session: Session,
  spans: readonly FoldSpan[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (spans.length === 0) return new Map();
  const { inList, list } = session.dialect;
  const traceKeys = [...new Set(spans.map((span) => span.traceKey))];
  const rows = await session.all<{ trace_key: number | string; span_id: string; tag: string }>(
    `SELECT st.trace_key, st.span_id, t.tag FROM span_tags AS st JOIN tags AS t ON t.key = st.tag_key ` +
      `WHERE ${inList('st.trace_key', 'bigint')}`,
    [list(traceKeys)],
  );
  const tags = new Map<string, string[]>();
  for (const row of rows) push(tags, `${row.trace_key}/${row.span_id}`, row.tag);
  return tags;
}

function push<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
