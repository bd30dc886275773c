import type { Session } from '../database/database';
import { executionDirty, type StoredExecution } from '../schema/execution-table';
import { int64Text } from '../schema/json-values';
import { defineTable } from '../schema/table';
import type { ChangedTask } from './apply-tasks';
import { type JudgedView, successOf } from './execution-view';
import { toPico } from './money';
import type { DeriveSettings } from './outcome';
import { rewardUnits } from './reward-unit';

/** A judgement of a task belongs to the run that speaks for it: where that is another now, both are judged again. */
export async function markJudged(
  session: Session,
  tasks: readonly ChangedTask[],
  applied: ReadonlySet<string>,
): Promise<void> {
  const moved = tasks.filter(
    ({ stored, state }) => stored?.state && stored.state.latest.id !== state?.latest.id,
  );
  if (moved.length === 0) return;
  const { inList, list, rows, exists } = session.dialect;
  const judged = await session.all<{ id: string }>(
    `SELECT given.id FROM ${rows({ id: 'text' })} AS given ` +
      `WHERE ${exists(`SELECT 1 FROM rewards AS r WHERE r.target_id = given.id AND r.target_kind = 'task'`)}`,
    [JSON.stringify(moved.map(({ taskId }) => [taskId]))],
  );
  const ids = new Set(judged.map(({ id }) => id));
  const runs = moved.flatMap(({ taskId, stored, state }) =>
    ids.has(taskId) ? [stored!.state!.latest.id, state?.latest.id ?? null] : [],
  );
  const others = [...new Set(runs)].filter((id) => id !== null && !applied.has(id)) as string[];
  if (others.length === 0) return;
  await session.run(
    `UPDATE executions SET dirty = ${executionDirty.judge} ` +
      `WHERE dirty = ${executionDirty.clean} AND ${inList('execution_id', 'text')}`,
    [list(others)],
  );
}

/** A closed execution's record stands; its outcome, which stands beside it, may be revised. */
export async function reviseOutcomes(
  session: Session,
  views: readonly JudgedView[],
): Promise<void> {
  const closed = views.filter(({ draft }) => draft.stored?.closedAt != null);
  if (closed.length === 0) return;
  const { rows, orderCommits } = session.dialect;
  const changed = await session.all<{ execution_id: string }>(
    `UPDATE frozen SET outcome = given.outcome ` +
      `FROM ${rows({ execution_id: 'text', outcome: 'text' })} AS given ` +
      `WHERE frozen.execution_id = given.execution_id AND frozen.outcome <> given.outcome ` +
      `RETURNING frozen.execution_id`,
    [JSON.stringify(closed.map(({ run, rewards }) => [run.executionId, JSON.stringify(rewards)]))],
  );
  if (changed.length === 0) return;
  // Cursors go by key, so keys are committed in their order.
  if (orderCommits !== null) await session.all(orderCommits);
  await session.run(
    `INSERT INTO outcome_changes (execution_id) ` +
      `SELECT execution_id FROM ${rows({ execution_id: 'text' })} AS given`,
    [JSON.stringify(changed.map((row) => [row.execution_id]))],
  );
}

/** What runs are summed by: the hour in which they started, agent, task type and first model ('' where there is none). */
const groupColumns = {
  hour: 'bigint',
  agent_id: 'text',
  task_type: 'text',
  model: 'text',
} as const;

const sumColumns = {
  executions: 'bigint',
  failed: 'bigint',
  judged: 'bigint',
  successes: 'bigint',
  rewards: 'bigint',
  reward_sum: 'bigint',
  errors: 'bigint',
  input_tokens: 'bigint',
  output_tokens: 'bigint',
  cost_pico: 'bigint',
  durations: 'bigint',
  duration_sum: 'bigint',
} as const;

const rollupTable = defineTable('rollups', { ...groupColumns, ...sumColumns });

const keysOf = <C extends object>(columns: C) => Object.keys(columns) as (keyof C)[];
export const rollupGroup = keysOf(groupColumns);
/** What is summed. */
export const rollupSums = keysOf(sumColumns);

/** At most, and no more than connections have added to it. */
const rowsOfGroup = 64;

const hourNano = 3_600_000_000_000n;

type Group = Readonly<Record<keyof typeof groupColumns, string>>;
type Sums = Record<keyof typeof sumColumns, bigint>;

/**
 * What changed, added to the hours: what each run said before out, what it says now in. A group is the sum of its rows:
 * writers side by side each add to one of their own.
 */
export async function noteRollups(
  session: Session,
  settings: DeriveSettings,
  views: readonly JudgedView[],
  gone: readonly StoredExecution[],
): Promise<void> {
  const deltas = new Map<string, { readonly group: readonly string[]; readonly sums: Sums }>();
  const add = (part: Part, sign: bigint): void => {
    const of = groupOf(part);
    const group = rollupGroup.map((name) => of[name]);
    const id = JSON.stringify(group);
    const given = sumsOf(part);
    let delta = deltas.get(id);
    if (!delta) deltas.set(id, (delta = { group, sums: { ...nothing } }));
    for (const name of rollupSums) delta.sums[name] += given[name] * sign;
  };
  for (const view of views) {
    if (view.draft.stored) add(storedPart(view.draft.stored), -1n);
    add(partOf(view, settings), 1n);
  }
  for (const stored of gone) add(storedPart(stored), -1n);
  const changed = [...deltas.values()].filter(({ sums }) =>
    rollupSums.some((name) => sums[name] !== 0n),
  );
  if (changed.length === 0) return;
  // In one order, so that two writers never wait for each other.
  changed.sort((a, b) => (a.group.join('\n') < b.group.join('\n') ? -1 : 1));
  const set = rollupSums.map((name) => `${name} = rollups.${name} + excluded.${name}`);
  const { rows, slot } = session.dialect;
  await session.run(
    `INSERT INTO rollups (${rollupColumns.join(', ')}, slot) ` +
      `SELECT ${rollupColumns.map(cast).join(', ')}, ${slot(rowsOfGroup)} ` +
      `FROM ${rows(texts)} AS given WHERE true ` +
      `ON CONFLICT (${rollupGroup.join(', ')}, slot) DO UPDATE SET ${set.join(', ')}`,
    [
      JSON.stringify(
        changed.map(({ group, sums }) => [
          ...group,
          ...rollupSums.map((name) => int64Text(sums[name])),
        ]),
      ),
    ],
  );
}

const rollupColumns = keysOf(rollupTable.columns);
const nothing = Object.fromEntries(rollupSums.map((name) => [name, 0n])) as Sums;
/** 64-bit integers travel as text. */
const texts = Object.fromEntries(rollupColumns.map((name) => [name, 'text' as const]));
const cast = (name: keyof typeof rollupTable.columns): string =>
  rollupTable.columns[name] === 'bigint' ? `CAST(${name} AS bigint)` : name;

type Part = Pick<StoredExecution, 'run' | 'figures'>;

const storedPart = ({ run, figures }: StoredExecution): Part => ({ run, figures });

function partOf({ folded, run, rewards }: JudgedView, settings: DeriveSettings): Part {
  return {
    run,
    figures: {
      model: folded?.model ?? null,
      errors: folded?.errors ?? 0,
      inputTokens: folded?.inputTokens ?? null,
      outputTokens: folded?.outputTokens ?? null,
      costUsd: folded?.costUsd ?? null,
      success: successOf(folded, rewards, settings),
      durationNano: folded?.durationNano ?? null,
    },
  };
}

function groupOf({ run, figures }: Part): Group {
  return {
    hour: int64Text(run.startTimeUnixNano - (run.startTimeUnixNano % hourNano)),
    agent_id: run.agentId ?? '',
    task_type: run.taskType ?? '',
    model: figures.model ?? '',
  };
}

/** Below 104 days; what a wrong clock makes of a run would take the sum beyond 64 bits. */
const isSummable = (nanos: bigint | null): boolean =>
  nanos !== null && nanos >= 0n && nanos < 2n ** 53n;

function sumsOf({ run, figures }: Part): Sums {
  const count = (condition: boolean): bigint => (condition ? 1n : 0n);
  const { costUsd, durationNano } = figures;
  return {
    executions: 1n,
    failed: count(run.status === 'failed' || run.status === 'timed_out'),
    judged: count(figures.success !== null),
    successes: count(figures.success === true),
    rewards: count(run.reward !== null),
    reward_sum: BigInt(Math.round((run.reward ?? 0) * rewardUnits)),
    errors: BigInt(figures.errors),
    input_tokens: BigInt(figures.inputTokens ?? 0),
    output_tokens: BigInt(figures.outputTokens ?? 0),
    cost_pico: costUsd === null ? 0n : toPico(costUsd),
    durations: count(isSummable(durationNano)),
    duration_sum: isSummable(durationNano) ? durationNano! : 0n,
  };
}
