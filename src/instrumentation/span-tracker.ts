import {
  INVALID_SPAN_CONTEXT,
  trace,
  type Attributes,
  type TracerProvider,
} from '@opentelemetry/api';
import { nodeCrypto } from '../node-crypto';
import { ConfigError, InputError } from '../errors';
import { createBackgroundWork, runsSoon, type BackgroundWork } from './background-work';
import { beginExecution, toTask, type ExecutionMaker, type TaskInput } from './begin-execution';
import { activeContext, runIn } from './current-context';
import {
  enterTask,
  executionOf,
  taskOf,
  type ExecutionContext,
  type Propagate,
  type TaskContext,
} from './evolution-context';
import type { ExecutionInput } from './execution-attributes';
import { linkReward, spanSender, withTags, type RewardInput, type SendCarrier } from './feedback';
import { runInSpan, type OutcomeListener } from './run-in-span';
import { harmless, isMistake } from './harmless';
import { createRunHistories, type PriorRuns } from './run-histories';
import { createSpanHandle, type SpanHandle } from './span-handle';
import type { RewardTargetInput, SpanIdResolver, SpanTarget } from './span-target';
import { startSpan, type StartSpanOptions } from './start-span';

export interface SpanTrackerOptions {
  /** @defaultValue the one registered with the OpenTelemetry API */
  readonly tracerProvider?: TracerProvider | undefined;
  /** Finds the span behind a bare span id. @defaultValue the store does, when the feedback arrives */
  readonly resolveSpanId?: SpanIdResolver | undefined;
  /**
   * Finds the runs at a task that other processes stored, so that a retry in a new process is numbered on.
   * @defaultValue nobody knows: runs are numbered within this process
   */
  readonly findPriorRuns?: ((taskId: string) => Promise<PriorRuns>) | undefined;
  /** Brings feedback on its way. @defaultValue as a span of the tracer provider */
  readonly sendCarrier?: SendCarrier | undefined;
  /** Writes task inputs, and arguments and results of tracked calls, on spans. @defaultValue false */
  readonly captureContent?: boolean | undefined;
  /**
   * What of a task travels in Baggage, to services that are called and to child processes: `task`, its ids,
   * attempt and replication; `none`, nothing. @defaultValue `task`
   */
  readonly propagate?: Propagate | undefined;
  /** What `autoLearn` runs. It sees to it itself that its own work is not traced. */
  readonly learn?: (() => Promise<unknown>) | undefined;
  /** Makes ids of tasks, executions and rewards. @defaultValue `crypto.randomUUID` */
  readonly newId?: (() => string) | undefined;
}

/** Records what an agent does: tasks, the executions at them, and their spans. */
export interface SpanTracker {
  /** Starts a span under the active one; it ends when `end` is called. */
  startSpan(options: StartSpanOptions): SpanHandle;
  /** Runs `fn` inside a span that ends when the work of `fn` does, and fails as it fails. */
  track<T>(
    options: string | StartSpanOptions,
    fn: (span: SpanHandle) => T,
    listener?: OutcomeListener,
  ): T;
  /** Runs `fn` inside a task; a string is the task's input. The same id again goes on with the same task. */
  withTask<T>(input: string | TaskInput, fn: (task: TaskContext) => T): T;
  /**
   * Runs `fn` as one execution at the current task (outside of any: at a new one) under a root span
   * `invoke_agent`. Results, errors, generators and streams pass through as they are.
   *
   * @throws InputError for numbers, a config or propensities that make no sense.
   */
  withExecution<T>(fn: (span: SpanHandle) => T): T;
  withExecution<T>(
    input: ExecutionInput,
    fn: (span: SpanHandle) => T,
    listener?: OutcomeListener,
  ): T;
  currentTask(): TaskContext | null;
  currentExecution(): ExecutionContext | null;
  /** Judges a span, a task or an execution, also long after its end. @returns the reward's id */
  linkReward(target: RewardTargetInput, reward: RewardInput): Promise<string>;
  /** Tags a span, also long after its end. */
  withTags(span: SpanTarget, tags: readonly string[]): Promise<void>;
  /** Asks for a round of learning: soon, once for all who ask meanwhile, out of everybody's way. */
  learnSoon(): void;
  /** Evaluations and learning that nobody waits for; `settled` waits. */
  readonly background: BackgroundWork;
  readonly captureContent: boolean;

  /** The same as `span.setAttributes`. */
  updateSpan(span: SpanHandle, attributes: Attributes): SpanHandle;
  /** The same as `withTask`. */
  createTask: SpanTracker['withTask'];
  /** The same as `withExecution`. */
  createExecution: SpanTracker['withExecution'];
}

export function createSpanTracker(options: SpanTrackerOptions = {}): SpanTracker {
  const { tracerProvider = trace, captureContent = false, newId = randomId, learn } = options;
  const { propagate = 'task' } = options;
  const tracer = tracerProvider.getTracer('otel-evolution');
  const send = options.sendCarrier ?? spanSender(tracer);
  const sender = { send, newId, resolveSpanId: options.resolveSpanId };
  const background = createBackgroundWork();
  const histories = createRunHistories(options.findPriorRuns);
  const maker = { tracer, newId, captureContent, histories, propagate };

  const track: SpanTracker['track'] = (what, fn, listener) => {
    const start = typeof what === 'string' ? { name: what } : what;
    return harmless({ what: 'a step runs untracked', fn, ...byHand }, (run) => {
      assertWork('track', start, fn);
      const outer = activeContext();
      const span = startSpan(tracer, outer, start);
      return runInSpan(span, trace.setSpan(outer, span.span), run, listener);
    });
  };

  const withTask = taskRunner(maker);

  function withExecution<T>(
    first: ExecutionInput | ((span: SpanHandle) => T),
    second?: (span: SpanHandle) => T,
    listener?: OutcomeListener,
  ): T {
    const input = typeof first === 'function' ? {} : first;
    const fn = typeof first === 'function' ? first : second;
    const work = { what: 'an execution runs untracked', fn: fn as (span: SpanHandle) => T };
    return harmless({ ...work, ...byHand }, (run) => {
      assertWork('withExecution', input, fn);
      const begun = beginExecution(maker, activeContext(), input);
      return runInSpan(begun.span, begun.inside, run, begun.noting(listener));
    });
  }

  return {
    startSpan: (start) => startSpan(tracer, activeContext(), start),
    track,
    withTask,
    withExecution,
    currentTask: () => taskOf(activeContext()),
    currentExecution: () => executionOf(activeContext()),
    linkReward: (span, reward) => linkReward(sender, span, reward),
    withTags: (span, tags) => withTags(sender, span, tags),
    learnSoon: runsSoon('learning', learn ?? nothingToLearnWith, background),
    background,
    captureContent,
    updateSpan: (span, attributes) => span.setAttributes(attributes),
    createTask: withTask,
    createExecution: withExecution,
  };
}

function taskRunner({ histories, newId, propagate }: ExecutionMaker): SpanTracker['withTask'] {
  return (input, fn) => {
    const given = typeof input === 'string' ? { input } : input;
    const bare = (): [TaskContext] => [toTask(given, randomId)];
    return harmless({ what: 'a task runs untracked', fn, bare, isMistake }, (run) => {
      assertWork('withTask', given, fn);
      const task = toTask(given, newId);
      const history = given.id === undefined ? histories.of(task.id) : histories.ofNamed(task.id);
      return runIn(enterTask(activeContext(), task, history, propagate), () => run(task));
    });
  };
}

/** Of a call from JavaScript. @throws InputError */
function assertWork(what: string, input: unknown, fn: unknown): void {
  if (typeof fn !== 'function') throw new InputError(`${what}: expected a function to run`);
  if (typeof input === 'object' && input !== null) return;
  throw new InputError(`${what}: expected what it is about, then a function, got ${typeof input}`);
}

/** Work that gets a span: one that nobody records, where it cannot be tracked. */
const byHand = {
  bare: (): [SpanHandle] => [createSpanHandle(trace.wrapSpanContext(INVALID_SPAN_CONTEXT), [])],
  isMistake,
};

function nothingToLearnWith(): Promise<never> {
  throw new ConfigError('autoLearn: this tracker has no learner', {
    hint: 'Use the tracker of createEvolution({ … }).',
  });
}

function randomId(): string {
  return nodeCrypto().randomUUID();
}
