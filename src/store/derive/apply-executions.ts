import { allOf } from '../database/all-of';
import type { Session } from '../database/database';
import { LostRace } from '../database/retry';
import { executionTable, type StoredExecution } from '../schema/execution-table';
import { deleteByKeys, insertRows, type TableRow, updateRows } from '../schema/table';
import { changeTasks, dropEmptyTasks, type KeyedChange, writeTasks } from './apply-tasks';
import { markJudged, noteRollups, reviseOutcomes } from './consequences';
import {
  type ExecutionDraft,
  executionRow,
  explicitOf,
  type JudgedView,
  type View,
  viewOf,
} from './execution-view';
import { loadJudgements } from './judge';
import { foldOutcome } from './outcome';
import type { DeriveSettings } from './outcome';
import { rewardUnits } from './reward-unit';

/**
 * Writes executions and brings their tasks up to date by what each said before and says now; nothing else of a
 * task is read, save one look by an index where its first or its latest run moved.
 *
 * @returns the key of each execution that is still there
 */
export async function applyExecutions(
  session: Session,
  settings: DeriveSettings,
  drafts: readonly ExecutionDraft[],
): Promise<ReadonlyMap<string, number>> {
  if (drafts.length === 0) return new Map();
  const views = drafts.flatMap((draft) => viewOf(draft) ?? []);
  const gone = drafts.flatMap((draft) =>
    draft.stored && !draft.state && explicitOf(draft)?.createdAt === undefined
      ? [draft.stored]
      : [],
  );
  const changes = [...views.flatMap(changesOf), ...gone.map(removal)];
  const tasks = await changeTasks(session, changes);
  const speaks = ({ run, taskId }: View): boolean =>
    tasks.get(taskId)?.state?.latest.id === run.executionId;
  const judgements = await loadJudgements(
    session,
    views.map((view) => ({
      executionId: view.run.executionId,
      key: view.draft.stored?.key ?? null,
      root: view.folded?.root ?? null,
      judgedTaskId: speaks(view) ? view.taskId : null,
      arriving: view.draft.arriving,
    })),
  );
  const judged = views.map((view) => {
    const own = judgements.of.get(view.run.executionId) ?? [];
    const rewards = own.length === 0 ? {} : foldOutcome(own, settings.sourceOrder);
    return { ...view, rewards, run: { ...view.run, reward: rewards.reward ?? null } };
  });
  // Structure first, since whom a task's judgement concerns depends on it; then the outcomes.
  const withRewards = addRewards(tasks, judged);
  const taskKeys = await writeTasks(session, withRewards.values());
  const [keys] = await allOf([
    writeExecutions(session, settings, judged, taskKeys),
    noteRollups(session, settings, judged, gone),
  ]);
  await deleteByKeys(
    session,
    'executions',
    gone.map(({ key }) => key),
  );
  await dropEmptyTasks(session, withRewards.values());
  await attachRewards(session, judgements.attach, keys);
  await markJudged(session, [...tasks.values()], new Set(drafts.map((draft) => draft.executionId)));
  // Last: on Postgres it takes the lock that orders commits, and who waits for it may hold rows.
  await reviseOutcomes(session, judged);
  return keys;
}

/** What the tasks see: outcomes are put in when they are known. */
function changesOf({ draft, taskId, run }: View): KeyedChange[] {
  const { stored } = draft;
  const executionKey = stored?.key ?? null;
  if (!stored) return [{ taskId, executionKey, before: null, after: run }];
  if (stored.taskId === taskId) return [{ taskId, executionKey, before: stored.run, after: run }];
  return [
    { taskId: stored.taskId, executionKey, before: stored.run, after: null },
    { taskId, executionKey, before: null, after: run },
  ];
}

const removal = (stored: StoredExecution): KeyedChange => ({
  taskId: stored.taskId,
  executionKey: stored.key,
  before: stored.run,
  after: null,
});

function addRewards(
  tasks: Awaited<ReturnType<typeof changeTasks>>,
  judged: readonly JudgedView[],
): Awaited<ReturnType<typeof changeTasks>> {
  const rewarded = judged.filter(({ run }) => run.reward !== null);
  if (rewarded.length === 0) return tasks;
  const result = new Map(tasks);
  for (const { taskId, run } of rewarded) {
    const task = result.get(taskId)!;
    const { rewardSum, rewards } = task.state!;
    const state = {
      ...task.state!,
      rewardSum: rewardSum + Math.round(run.reward! * rewardUnits),
      rewards: rewards + 1,
    };
    result.set(taskId, { ...task, state });
  }
  return result;
}

async function writeExecutions(
  session: Session,
  settings: DeriveSettings,
  views: readonly JudgedView[],
  taskKeys: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, number>> {
  const keys = new Map<string, number>();
  const added: TableRow<typeof executionTable.columns>[] = [];
  const updated: (TableRow<typeof executionTable.columns> & { readonly key: number })[] = [];
  for (const view of views) {
    const row = executionRow(view, taskKeys.get(view.taskId)!, settings);
    const { stored } = view.draft;
    if (!stored) added.push(row);
    else {
      keys.set(view.run.executionId, stored.key);
      updated.push({ ...row, key: stored.key });
    }
  }
  const returning = { skipping: true, returning: 'key, execution_id' };
  const [inserted] = await allOf([
    insertRows<typeof executionTable.columns, ExecutionKey>(
      session,
      executionTable,
      added,
      returning,
    ),
    updateRows(session, executionTable, updated),
  ]);
  if (inserted.length < added.length) throw new LostRace('an execution');
  for (const row of inserted) keys.set(row.execution_id, Number(row.key));
  return keys;
}

interface ExecutionKey {
  readonly key: number | string;
  readonly execution_id: string;
}

async function attachRewards(
  session: Session,
  attach: Awaited<ReturnType<typeof loadJudgements>>['attach'],
  keys: ReadonlyMap<string, number>,
): Promise<void> {
  if (attach.length === 0) return;
  await session.run(
    `UPDATE rewards SET execution_key = given.execution_key ` +
      `FROM ${session.dialect.rows({ key: 'bigint', execution_key: 'bigint' })} AS given ` +
      `WHERE rewards.key = given.key`,
    [
      JSON.stringify(
        attach.map(({ rewardKey, executionId }) => [rewardKey, keys.get(executionId)]),
      ),
    ],
  );
}
