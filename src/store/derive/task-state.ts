import type { Status } from '../../model/status';
import { maxTags } from './execution-state';
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
  /** The first `maxTags` by name, each with how many runs have it, so that one that leaves is undone by counting. */
  readonly tags: readonly TagCount[];
  /** There are, or were, more. */
  readonly moreTags: boolean;
}

type TagCount = readonly [tag: string, runs: number];
type Tagged = Pick<TaskState, 'tags' | 'moreTags'>;

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
type Unknown = 'created' | 'type' | 'input' | 'latest' | 'tags';
export type Unknowns = ReadonlySet<Unknown>;

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
  const unknown = new Set<Unknown>();
  for (const { before, after } of changes) {
    if (before) noteUnknowns(state, before, after, unknown);
  }
  const tagged = changeTags(state, leaving, fresh);
  if (tagged === null) unknown.add('tags');
  const merged = fresh ? mergeHolders(withoutLeaving(state, leaving), fresh) : state;
  return { state: { ...merged, ...tagged, runs, rewardSum, rewards }, unknown };
}

function noteUnknowns(
  state: TaskState,
  before: TaskRun,
  after: TaskRun | null,
  unknown: Set<Unknown>,
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
}

/** `null` where one that was left out for want of room has to take the place of one that is gone. */
function changeTags(
  state: TaskState,
  leaving: readonly TaskRun[],
  fresh: TaskState | null,
): Tagged | null {
  const counts = new Map(state.tags);
  for (const tag of leaving.flatMap(({ tags }) => tags)) {
    const runs = counts.get(tag);
    if (runs !== undefined) counts.set(tag, runs - 1);
  }
  for (const [tag, runs] of fresh?.tags ?? []) counts.set(tag, (counts.get(tag) ?? 0) + runs);
  const present = [...counts].filter(([, runs]) => runs > 0);
  if (state.moreTags && present.length < counts.size) return null;
  return firstTags(present, state.moreTags || fresh?.moreTags === true);
}

function firstTags(tags: readonly TagCount[], more: boolean): Tagged {
  const sorted = [...tags].sort(([a], [b]) => (a < b ? -1 : 1));
  return { tags: sorted.slice(0, maxTags), moreTags: more || sorted.length > maxTags };
}

function addTags(a: Tagged, b: Tagged): Tagged {
  const counts = new Map(a.tags);
  for (const [tag, runs] of b.tags) counts.set(tag, (counts.get(tag) ?? 0) + runs);
  return firstTags([...counts], a.moreTags || b.moreTags);
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
    ...firstTags(
      run.tags.map((tag) => [tag, 1]),
      false,
    ),
  };
}

/** Smallest, largest and tags of both; the count of runs and sums are the caller's. */
export function mergeHolders(a: TaskState, b: TaskState): TaskState {
  const first = (x: Said | null, y: Said | null): Said | null =>
    x && (!y || comparePlaces(x, y) <= 0) ? x : y;
  return {
    ...a,
    created: BigInt(a.created) <= BigInt(b.created) ? a.created : b.created,
    type: first(a.type, b.type),
    input: first(a.input, b.input),
    latest: comparePlaces(b.latest, a.latest) > 0 ? b.latest : a.latest,
    ...addTags(a, b),
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
