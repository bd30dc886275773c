import {
  createContextKey,
  propagation,
  type Attributes,
  type Baggage,
  type Context,
} from '@opentelemetry/api';

/** The task that a piece of code works on. */
export interface TaskContext {
  readonly id: string;
  readonly type: string | null;
  readonly group: string | null;
  readonly sessionId: string | null;
  /** What the user asked for; leaves the process only where content is captured. */
  readonly input: string | null;
  readonly tags: readonly string[];
}

/** The run at a task that a piece of code belongs to. */
export interface ExecutionContext {
  readonly id: string;
  readonly taskId: string;
  /** From 1; `null` when the process that started the execution did not say. */
  readonly attempt: number | null;
  /** From 0; likewise. */
  readonly replication: number | null;
}

/** The runs at a task so far, as this process saw them. */
export interface ExecutionHistory {
  started: number;
  /** Of the started: ended by an error that was thrown. */
  failed: number;
  /** What the store knows of other processes; `null` while nobody has said. */
  prior: { readonly started: number; readonly failed: number } | null;
}

/**
 * What of a task and its execution leaves the process in Baggage, which OpenTelemetry's propagators put
 * into outgoing requests and `environmentFromContext` into the environment of child processes.
 * `task`: their ids, attempt and replication, and exposures; `none`: nothing.
 */
export type Propagate = 'none' | 'task';

interface Place {
  readonly task: TaskContext;
  /** `null` in a process that continues another's task. */
  readonly history: ExecutionHistory | null;
  readonly execution: ExecutionContext | null;
  readonly stamp: Attributes;
  readonly propagate: Propagate;
}

/** The context inside a task. With `task` it says so in Baggage too, so that other processes continue it. */
export function enterTask(
  context: Context,
  task: TaskContext,
  history: ExecutionHistory,
  propagate: Propagate,
): Context {
  return enter(context, { task, history, execution: null, stamp: taskStamp(task), propagate });
}

/**
 * The context inside an execution of the task that `context` is in; likewise.
 *
 * @param agent - Attributes that say whose the spans inside are; they stay in this process.
 */
export function enterExecution(
  context: Context,
  execution: ExecutionContext,
  agent: Attributes,
  propagate: Propagate,
): Context {
  const place = placeOf(context) ?? { task: bareTask(execution.taskId), history: null };
  const stamp = { ...taskStamp(place.task), ...executionStamp(execution), ...agent };
  return enter(context, { ...place, execution, stamp, propagate });
}

/** The task a context belongs to, by its Baggage where it came from another process; else `null`. */
export function taskOf(context: Context): TaskContext | null {
  return placeOf(context)?.task ?? null;
}

/** The execution a context belongs to; likewise. */
export function executionOf(context: Context): ExecutionContext | null {
  return placeOf(context)?.execution ?? null;
}

/** The runs at the context's task so far; `null` where another process began it. */
export function historyOf(context: Context): ExecutionHistory | null {
  return placeOf(context)?.history ?? null;
}

/** The attributes that put a span into its task and execution and say what it is exposed to; `null` outside of any. */
export function stampOf(context: Context): Attributes | null {
  const stamp = placeOf(context)?.stamp ?? null;
  const exposed = exposuresOf(context);
  return exposed.length === 0 ? stamp : { ...stamp, 'evolution.exposures': [...exposed] };
}

/**
 * The context in which spans say, in this process and those it calls, that they are exposed to these. In
 * a task that does not propagate: in this process only.
 *
 * @param exposures - Variant by flag key, or by `adaptation:ID`.
 */
export function enterExposures(
  context: Context,
  exposures: Readonly<Record<string, string>>,
): Context {
  const given = Object.entries(exposures).map((pair) => pair.map(encodeURIComponent).join('='));
  const all = [...new Set([...exposuresOf(context), ...given])].slice(0, MAX_EXPOSURES);
  const inside = context.setValue(exposuresKey, all);
  if (placeOf(context)?.propagate === 'none') return inside;
  const baggage = propagation.getBaggage(context) ?? propagation.createBaggage();
  return propagation.setBaggage(inside, baggage.setEntry(EXPOSURES, { value: all.join('|') }));
}

const EXPOSURES = 'evolution.exposures';
const MAX_EXPOSURES = 32;
const MAX_EXPOSURES_LENGTH = 4_096;

const exposuresKey = createContextKey('otel-evolution/1 exposures');

function exposuresOf(context: Context): readonly string[] {
  const here = context.getValue(exposuresKey) as readonly string[] | undefined;
  if (here !== undefined) return here;
  const value = propagation.getBaggage(context)?.getEntry(EXPOSURES)?.value ?? '';
  if (value === '' || value.length > MAX_EXPOSURES_LENGTH) return [];
  return value.split('|').slice(0, MAX_EXPOSURES);
}

// A context key is `Symbol.for` of its name: two copies of this package understand each other.
const placeKey = createContextKey('otel-evolution/1 place');

const entries = {
  taskId: 'evolution.task.id',
  executionId: 'evolution.execution.id',
  attempt: 'evolution.execution.attempt',
  replication: 'evolution.execution.replication',
};

/** Baggage comes from whoever calls: an id longer than this is none of ours. */
const MAX_ID_LENGTH = 256;

function enter(context: Context, place: Place): Context {
  const inside = context.setValue(placeKey, place);
  const outer = propagation.getBaggage(context) ?? propagation.createBaggage();
  const theirs = outer.removeEntries(...Object.values(entries));
  if (place.propagate === 'task') return propagation.setBaggage(inside, withPlace(theirs, place));
  const exposed = inside.setValue(exposuresKey, exposuresOf(context));
  return propagation.setBaggage(exposed, theirs.removeEntry(EXPOSURES));
}

function withPlace(theirs: Baggage, { task, execution }: Place): Baggage {
  let baggage = theirs.setEntry(entries.taskId, { value: task.id });
  if (execution !== null) {
    baggage = baggage.setEntry(entries.executionId, { value: execution.id });
    baggage = setNumber(baggage, entries.attempt, execution.attempt);
    baggage = setNumber(baggage, entries.replication, execution.replication);
  }
  return baggage;
}

function setNumber(baggage: Baggage, key: string, value: number | null): Baggage {
  return value === null ? baggage : baggage.setEntry(key, { value: String(value) });
}

function placeOf(context: Context): Place | null {
  const place = context.getValue(placeKey) as Place | undefined;
  if (place !== undefined) return place;
  const baggage = propagation.getBaggage(context);
  return baggage === undefined ? null : placeInBaggage(baggage);
}

function placeInBaggage(baggage: Baggage): Place | null {
  const taskId = readId(baggage, entries.taskId);
  if (taskId === null) return null;
  const task = bareTask(taskId);
  const executionId = readId(baggage, entries.executionId);
  const here = { task, history: null, propagate: 'task' } as const;
  if (executionId === null) return { ...here, execution: null, stamp: taskStamp(task) };
  const execution: ExecutionContext = {
    id: executionId,
    taskId,
    attempt: readCount(baggage, entries.attempt),
    replication: readCount(baggage, entries.replication),
  };
  const stamp = { ...taskStamp(task), ...executionStamp(execution) };
  return { ...here, execution, stamp };
}

function bareTask(id: string): TaskContext {
  return { id, type: null, group: null, sessionId: null, input: null, tags: [] };
}

function readId(baggage: Baggage, key: string): string | null {
  const value = baggage.getEntry(key)?.value ?? '';
  return value === '' || value.length > MAX_ID_LENGTH ? null : value;
}

function readCount(baggage: Baggage, key: string): number | null {
  const value = baggage.getEntry(key)?.value ?? '';
  return /^\d{1,9}$/.test(value) ? Number(value) : null;
}

function taskStamp(task: TaskContext): Attributes {
  return {
    'task.id': task.id,
    ...(task.sessionId === null ? {} : { 'gen_ai.conversation.id': task.sessionId }),
  };
}

function executionStamp(execution: ExecutionContext): Attributes {
  return {
    'execution.id': execution.id,
    ...(execution.attempt === null ? {} : { 'execution.attempt': execution.attempt }),
    ...(execution.replication === null ? {} : { 'execution.replication': execution.replication }),
  };
}
