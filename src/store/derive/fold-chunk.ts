import { allOf } from '../database/all-of';
import type { Session } from '../database/database';
import { draftExecutions } from './draft-executions';
import { executionColumns, executionRow, executionStatus } from './execution-row';
import type { ExecutionDraft, FoldSettings } from './fold-state';
import type { TaskRun } from './fold-task';
import { latestRun, loadOtherRuns, loadTasks, type StoredTask } from './fold-tasks';
import { loadJudgements, type Judgements } from './load-judgements';
import { type LoadedSpan, loadSpansOfTraces } from './load-spans';
import { foldMembership } from './membership';
import { foldOutcome } from './outcome';
import { deleteByKeys, moveSpans, upsert, writeTasks, writeTraces } from './write-folds';

/** Brings traces and executions up to date with their spans and rewards, and their tasks with them. */
export async function foldChunk(
  session: Session,
  settings: FoldSettings,
  traceKeys: readonly number[],
  dirtyExecutionKeys: readonly number[],
): Promise<void> {
  const spans = await loadSpansOfTraces(session, traceKeys);
  const fold = await foldSpans(session, settings, spans, traceKeys, dirtyExecutionKeys);
  await moveSpans(session, spans, fold);
}

/** Key of the execution of each span, in the order of the spans. */
export type ExecutionKeys = readonly (number | null)[];

/**
 * The same for spans at hand, which must be all the spans of their traces; their own rows are left to
 * the caller.
 */
export async function foldSpans(
  session: Session,
  settings: FoldSettings,
  spans: readonly LoadedSpan[],
  traceKeys: readonly number[],
  dirtyExecutionKeys: readonly number[],
): Promise<ExecutionKeys> {
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
  const [tasks, judgements] = await allOf([
    loadTasks(session, [...taskIds]),
    loadJudgements(session, drafts, taskIds),
  ]);
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
  const keyOfSpan = membership.map((id) => (id === null ? null : executionKeys.get(id)!));
  await writeTraces(session, traceKeys, spans, keyOfSpan);
  return keyOfSpan;
}

type Outcomes = ReadonlyMap<string, Readonly<Record<string, number>>>;
type Runs = readonly (TaskRun & { readonly taskId: string })[];

const agentIdOf = ({ stored, folded }: ExecutionDraft): string | null =>
  stored?.explicit?.agent?.id ?? folded?.agent.id ?? null;

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
    const { folded } = draft;
    add(draft.taskId, {
      executionId: draft.executionId,
      attempt: draft.attempt,
      replication: draft.replication,
      startTimeUnixNano: draft.startTimeUnixNano,
      endTimeUnixNano: folded?.endTimeUnixNano ?? null,
      status: executionStatus(draft),
      agentId: agentIdOf(draft),
      sessionId: folded?.sessionId ?? null,
      taskType: folded?.taskType ?? null,
      taskInput: folded?.taskInput ?? null,
      tags: draft.tags,
      reward: outcomes.get(draft.executionId)!.reward ?? null,
    });
  }
  return runs;
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
