import type { Status } from '../../model/status';
import { union } from './execution-state';
import { rewardUnits } from './reward-unit';
import { compareRuns, type TaskRun } from './task-run';

/** What a task's runs say together, kept up to date by what each run said before and says now. */
export interface TaskState {
  readonly runs: number;
  /** Of outcomes in the primary dimension, in whole billionths, so that their order does not matter. */
  readonly rewardSum: number;
  readonly rewards: number;
  /** The first start, decimal nanoseconds. */
  readonly created: string;
  /** The first run that has one. */
  readonly type: Said | null;
  readonly input: Said | null;
  /** The run that speaks for the task. */
  readonly latest: LatestRun;
  readonly tags: readonly string[];
}

export interface RunPlace {
  readonly attempt: number;
  readonly replication: number;
  readonly start: string;
  readonly id: string;
}

export interface Said extends RunPlace {
  readonly text: string;
}

export interface LatestRun extends RunPlace {
  readonly status: Status;
  readonly agentId: string | null;
  readonly sessionId: string | null;
  readonly end: string | null;
}

/** How one run of a task changed; `null`: it was not there, or is no more. */
export interface RunChange {
  readonly before: TaskRun | null;
  readonly after: TaskRun | null;
}

/** What of a state cannot be known without looking at the other runs. */
export type Unknowns = ReadonlySet<'created' | 'type' | 'input' | 'latest' | 'tags'>;

/**
 * Applies changes to a state. Counts and sums are undone by subtraction; a smallest or largest whose holder moved back
 * or left is unknown, and the caller looks it up among the other runs.
 *
 * @returns `null` when no run is left
 */
export function changeTask(
  state: TaskState | null,
  changes: readonly RunChange[],
): { readonly state: TaskState; readonly unknown: Unknowns } | null {
  const afters = changes.flatMap(({ after }) => after ?? []);
  const leaving = changes.flatMap(({ before }) => before ?? []);
  const runs = (state?.runs ?? 0) + afters.length - leaving.length;
  if (runs <= 0) return null;
  const fresh = stateOfRuns(afters);
  const rewardSum = (state?.rewardSum ?? 0) + units(afters) - units(leaving);
  const rewards = (state?.rewards ?? 0) + judged(afters) - judged(leaving);
  // Everything that is left was given.
  if (!state || runs === afters.length) {
    return { state: { ...fresh!, runs, rewardSum, rewards }, unknown: new Set() };
  }
  const unknown = new Set<'created' | 'type' | 'input' | 'latest' | 'tags'>();
  for (const { before, after } of changes) {
    if (before) noteUnknowns(state, before, after, unknown);
  }
  const merged = fresh ? mergeHolders(withoutLeaving(state, leaving), fresh) : state;
  return { state: { ...merged, runs, rewardSum, rewards }, unknown };
}

function noteUnknowns(
  state: TaskState,
  before: TaskRun,
  after: TaskRun | null,
  unknown: Set<'created' | 'type' | 'input' | 'latest' | 'tags'>,
): void {
  const place = placeOf(before);
  const now = after && placeOf(after);
  if (state.created === place.start && (!now || BigInt(now.start) > BigInt(place.start))) {
    unknown.add('created');
  }
  for (const word of ['type', 'input'] as const) {
    if (state[word]?.id !== before.executionId) continue;
    const said = word === 'type' ? after?.taskType : after?.taskInput;
    if (said == null || comparePlaces(now!, state[word]) > 0) unknown.add(word);
  }
  if (state.latest.id === before.executionId) {
    if (!now || comparePlaces(now, state.latest) < 0) unknown.add('latest');
  }
  if (before.tags.some((tag) => !after?.tags.includes(tag))) unknown.add('tags');
}

/** What the runs that change hold is theirs to say again. */
function withoutLeaving(state: TaskState, leaving: readonly TaskRun[]): TaskState {
  const ids = new Set(leaving.map((run) => run.executionId));
  return {
    ...state,
    type: state.type && ids.has(state.type.id) ? null : state.type,
    input: state.input && ids.has(state.input.id) ? null : state.input,
    // Never beats a run that is there.
    latest: ids.has(state.latest.id) ? { ...state.latest, attempt: -1 } : state.latest,
  };
}

/** Of runs at hand; `null` for none. */
export function stateOfRuns(runs: readonly TaskRun[]): TaskState | null {
  let all: TaskState | null = null;
  for (const run of runs) {
    const one = stateOfRun(run);
    all = all ? mergeHolders(all, one) : one;
  }
  return all && { ...all, runs: runs.length, rewardSum: units(runs), rewards: judged(runs) };
}

function stateOfRun(run: TaskRun): TaskState {
  const place = placeOf(run);
  return {
    ...{ runs: 1, rewardSum: 0, rewards: 0, created: place.start },
    type: run.taskType === null ? null : { ...place, text: run.taskType },
    input: run.taskInput === null ? null : { ...place, text: run.taskInput },
    latest: {
      ...place,
      status: run.status,
      agentId: run.agentId,
      sessionId: run.sessionId,
      end: run.endTimeUnixNano === null ? null : String(run.endTimeUnixNano),
    },
    tags: run.tags,
  };
}

/** Smallest, largest and tags of both; counts and sums are the caller's. */
export function mergeHolders(a: TaskState, b: TaskState): TaskState {
  const first = (x: Said | null, y: Said | null): Said | null =>
    x && (!y || comparePlaces(x, y) <= 0) ? x : y;
  return {
    ...a,
    created: BigInt(a.created) <= BigInt(b.created) ? a.created : b.created,
    type: first(a.type, b.type),
    input: first(a.input, b.input),
    latest: comparePlaces(b.latest, a.latest) > 0 ? b.latest : a.latest,
    tags: b.tags.every((tag) => a.tags.includes(tag)) ? a.tags : union(a.tags, b.tags),
  };
}

function placeOf(run: TaskRun): RunPlace {
  return {
    attempt: run.attempt,
    replication: run.replication,
    start: String(run.startTimeUnixNano),
    id: run.executionId,
  };
}

function comparePlaces(a: RunPlace, b: RunPlace): number {
  return compareRuns(
    { ...a, startTimeUnixNano: BigInt(a.start), executionId: a.id },
    { ...b, startTimeUnixNano: BigInt(b.start), executionId: b.id },
  );
}

function units(runs: readonly TaskRun[]): number {
  return runs.reduce((sum, { reward }) => sum + Math.round((reward ?? 0) * rewardUnits), 0);
}

function judged(runs: readonly TaskRun[]): number {
  return runs.filter(({ reward }) => reward !== null).length;
}

/** Mean outcome of the runs that have one. */
export function meanReward({ rewardSum, rewards }: TaskState): number | null {
  return rewards === 0 ? null : rewardSum / rewards / rewardUnits;
}
