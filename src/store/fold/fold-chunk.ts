import type { Session, SqlValue } from '../database';
import type { SqlType } from '../dialect';
import { int64Text } from '../json-values';
import { draftExecutions } from './draft-executions';
import { executionColumns, executionRow, executionStatus } from './execution-row';
import type { ExecutionDraft, FoldSettings } from './fold-state';
import { compareSpans } from './fold-span';
import type { TaskRun } from './fold-task';
import {
  latestRun,
  loadOtherRuns,
  loadTasks,
  taskColumns,
  taskRow,
  type StoredTask,
} from './fold-tasks';
import { loadJudgements, type Judgements } from './load-judgements';
import { type LoadedSpan, loadSpansOfTraces } from './load-spans';
import { foldMembership } from './membership';
import { foldOutcome } from './outcome';
import { findTopmost } from './root-span';

/** Brings traces and executions up to date with their spans and rewards, and their tasks with them. */
export async function foldChunk(
  session: Session,
  settings: FoldSettings,
  traceKeys: readonly number[],
  dirtyExecutionKeys: readonly number[],
): Promise<void> {
  const spans = await loadSpansOfTraces(session, traceKeys);
  const membership = foldMembershipByTrace(spans);
  const { drafts, vanished } = await draftExecutions(
    session,
    spans,
    membership,
    dirtyExecutionKeys,
    traceKeys,
  );
  await deleteByKeys(
    session,
    'executions',
    vanished.map((row) => row.key),
  );

  const taskIds = new Set(drafts.map((draft) => draft.taskId));
  for (const { taskId } of [...vanished, ...drafts.flatMap((draft) => draft.stored ?? [])]) {
    taskIds.add(taskId);
  }
  const tasks = await loadTasks(session, [...taskIds]);
  const judgements = await loadJudgements(session, drafts, taskIds);
  const foldedIds = new Set(drafts.map((draft) => draft.executionId));
  const others = await loadOtherRuns(session, tasks, foldedIds);
  const outcomes = foldOutcomes(drafts, others, judgements, settings);
  const taskKeys = await writeTasks(session, tasks, taskIds, runsByTask(drafts, others, outcomes));
  await markFormerLatest(session, tasks, drafts, others, judgements);

  const executionKeys = await upsert(
    session,
    'executions',
    'execution_id',
    executionColumns,
    drafts.map((draft) =>
      executionRow(draft, taskKeys.get(draft.taskId)!, outcomes.get(draft.executionId)!, settings),
    ),
  );
  const executionOf = (index: number): number | null =>
    membership[index] == null ? null : executionKeys.get(membership[index])!;
  await moveSpans(session, spans, executionOf);
  await writeTraces(session, traceKeys, spans, executionOf, drafts, executionKeys);
}

type Outcomes = ReadonlyMap<string, Readonly<Record<string, number>>>;
type Runs = readonly (TaskRun & { readonly taskId: string })[];

function foldMembershipByTrace(spans: readonly LoadedSpan[]): (string | null)[] {
  const byTrace = new Map<number, number[]>();
  spans.forEach((span, index) => {
    const list = byTrace.get(span.traceKey);
    if (list) list.push(index);
    else byTrace.set(span.traceKey, [index]);
  });
  const membership = spans.map((): string | null => null);
  for (const indexes of byTrace.values()) {
    const folded = foldMembership(indexes.map((index) => spans[index]!));
    indexes.forEach((index, position) => (membership[index] = folded[position]!));
  }
  return membership;
}

function foldOutcomes(
  drafts: readonly ExecutionDraft[],
  others: Runs,
  judgements: Judgements,
  { sourceOrder }: FoldSettings,
): Outcomes {
  const latest = latestByTask([...drafts, ...others]);
  return new Map(
    drafts.map((draft) => {
      const isLatest = latest.get(draft.taskId) === draft.executionId;
      return [draft.executionId, foldOutcome(judgements.of(draft, isLatest), sourceOrder)];
    }),
  );
}

function latestByTask(
  runs: readonly Pick<
    ExecutionDraft,
    'taskId' | 'executionId' | 'attempt' | 'replication' | 'startTimeUnixNano'
  >[],
): ReadonlyMap<string, string> {
  const latest = new Map<string, (typeof runs)[number]>();
  for (const run of runs) {
    const before = latest.get(run.taskId);
    latest.set(run.taskId, before ? latestRun([before, run])! : run);
  }
  return new Map([...latest].map(([taskId, run]) => [taskId, run.executionId]));
}

function runsByTask(
  drafts: readonly ExecutionDraft[],
  others: Runs,
  outcomes: Outcomes,
): ReadonlyMap<string, readonly TaskRun[]> {
  const runs = new Map<string, TaskRun[]>();
  const add = (taskId: string, run: TaskRun): void => {
    runs.set(taskId, [...(runs.get(taskId) ?? []), run]);
  };
  for (const run of others) add(run.taskId, run);
  for (const draft of drafts) {
    const { folded, stored } = draft;
    add(draft.taskId, {
      executionId: draft.executionId,
      attempt: draft.attempt,
      replication: draft.replication,
      startTimeUnixNano: draft.startTimeUnixNano,
      endTimeUnixNano: folded?.endTimeUnixNano ?? null,
      status: executionStatus(draft),
      agentId: stored?.explicit?.agent?.id ?? folded?.agent.id ?? null,
      sessionId: folded?.sessionId ?? null,
      taskType: folded?.taskType ?? null,
      taskInput: folded?.taskInput ?? null,
      tags: draft.tags,
      reward: outcomes.get(draft.executionId)!.reward ?? null,
    });
  }
  return runs;
}

/** Writes the tasks that still exist, drops the others, and gives their keys. */
async function writeTasks(
  session: Session,
  tasks: readonly StoredTask[],
  taskIds: ReadonlySet<string>,
  runs: ReadonlyMap<string, readonly TaskRun[]>,
): Promise<ReadonlyMap<string, number>> {
  const stored = new Map(tasks.map((task) => [task.taskId, task]));
  const rows: SqlValue[][] = [];
  const gone: number[] = [];
  for (const taskId of taskIds) {
    const task = stored.get(taskId) ?? null;
    const own = runs.get(taskId) ?? [];
    if (own.length > 0 || task?.explicit?.createdAt !== undefined) {
      rows.push(taskRow(taskId, task?.explicit ?? null, own));
    } else if (task) {
      gone.push(task.key);
    }
  }
  await deleteByKeys(session, 'tasks', gone);
  return upsert(session, 'tasks', 'task_id', taskColumns, rows);
}

/** A judgement of the task moves to its new latest run; the former one is folded again. */
async function markFormerLatest(
  session: Session,
  tasks: readonly StoredTask[],
  drafts: readonly ExecutionDraft[],
  others: Runs,
  judgements: Judgements,
): Promise<void> {
  const latest = latestByTask([...drafts, ...others]);
  const moved = tasks.filter(
    ({ taskId, latestExecution }) =>
      latestExecution !== (latest.get(taskId) ?? null) && judgements.concernTask(taskId),
  );
  const ids = new Set(moved.flatMap((task) => [task.latestExecution, latest.get(task.taskId)]));
  for (const draft of drafts) ids.delete(draft.executionId);
  const unfolded = [...ids].filter((id) => typeof id === 'string');
  if (unfolded.length === 0) return;
  await session.run(
    `UPDATE executions SET dirty = 1 WHERE ${session.dialect.inList('execution_id', 'text')}`,
    [session.dialect.list(unfolded)],
  );
}

async function moveSpans(
  session: Session,
  spans: readonly LoadedSpan[],
  executionOf: (index: number) => number | null,
): Promise<void> {
  const moved = spans.flatMap((span, index) => {
    const executionKey = executionOf(index);
    return executionKey === span.executionKey ? [] : [[span.key, executionKey]];
  });
  if (moved.length === 0) return;
  await session.run(
    `UPDATE spans SET execution_key = given.execution_key ` +
      `FROM ${session.dialect.rows({ key: 'bigint', execution_key: 'bigint' })} AS given ` +
      `WHERE spans.key = given.key`,
    [JSON.stringify(moved)],
  );
}

async function writeTraces(
  session: Session,
  traceKeys: readonly number[],
  spans: readonly LoadedSpan[],
  executionOf: (index: number) => number | null,
  drafts: readonly ExecutionDraft[],
  executionKeys: ReadonlyMap<string, number>,
): Promise<void> {
  const agentByKey = new Map(
    drafts.map((draft) => [
      executionKeys.get(draft.executionId)!,
      draft.stored?.explicit?.agent?.id ?? draft.folded?.agent.id ?? null,
    ]),
  );
  const byTrace = new Map<number, LoadedSpan[]>();
  const executionBySpan = new Map<LoadedSpan, number | null>();
  spans.forEach((span, index) => {
    byTrace.set(span.traceKey, [...(byTrace.get(span.traceKey) ?? []), span]);
    executionBySpan.set(span, executionOf(index));
  });
  const rows = traceKeys.map((key) => {
    const own = [...(byTrace.get(key) ?? [])].sort(compareSpans);
    const top = findTopmost(own) as LoadedSpan | null;
    const inOrder = top ? [top, ...own] : own;
    const executionKey =
      inOrder.map((span) => executionBySpan.get(span)!).find((found) => found !== null) ?? null;
    const agentId = executionKey === null ? (top?.agentId ?? null) : agentByKey.get(executionKey)!;
    return [
      key,
      ...traceTimes(own, top),
      own.length,
      own.filter((span) => span.error).length,
      executionKey,
      agentId,
    ];
  });
  await session.run(updateTracesSql(session), [JSON.stringify(rows)]);
}

function traceTimes(own: readonly LoadedSpan[], top: LoadedSpan | null): (string | null)[] {
  if (!top) return [null, null, null];
  let end: bigint | null = null;
  for (const span of own) {
    if (span.endTimeUnixNano !== null && (end === null || span.endTimeUnixNano > end)) {
      end = span.endTimeUnixNano;
    }
  }
  return [
    top.name,
    int64Text(own[0]!.startTimeUnixNano),
    top.endTimeUnixNano === null || end === null ? null : int64Text(end),
  ];
}

function updateTracesSql({ dialect }: Session): string {
  const columns = {
    key: 'bigint',
    root_name: 'text',
    start_time: 'bigint',
    end_time: 'bigint',
    spans: 'bigint',
    errors: 'bigint',
    execution_key: 'bigint',
    agent_id: 'text',
  } as const;
  const set = Object.keys(columns).slice(1);
  return (
    `UPDATE traces SET dirty = 0, ${set.map((name) => `${name} = given.${name}`).join(', ')} ` +
    `FROM ${dialect.rows(columns)} AS given WHERE traces.key = given.key`
  );
}

async function upsert(
  session: Session,
  table: 'tasks' | 'executions',
  idColumn: string,
  columns: Readonly<Record<string, SqlType>>,
  rows: readonly SqlValue[][],
): Promise<ReadonlyMap<string, number>> {
  if (rows.length === 0) return new Map();
  const names = Object.keys(columns);
  const set = names.filter((name) => name !== idColumn).map((name) => `${name} = excluded.${name}`);
  const stored = await session.all<{ key: number | string; id: string }>(
    `INSERT INTO ${table} (${names.join(', ')}) SELECT ${names.join(', ')} ` +
      `FROM ${session.dialect.rows(columns)} AS given WHERE true ` +
      `ON CONFLICT (${idColumn}) DO UPDATE SET ${set.join(', ')} RETURNING key, ${idColumn} AS id`,
    [JSON.stringify(rows)],
  );
  return new Map(stored.map((row) => [row.id, Number(row.key)]));
}

async function deleteByKeys(
  session: Session,
  table: 'tasks' | 'executions',
  keys: readonly number[],
): Promise<void> {
  if (keys.length === 0) return;
  await session.run(`DELETE FROM ${table} WHERE ${session.dialect.inList('key', 'bigint')}`, [
    session.dialect.list(keys),
  ]);
}
