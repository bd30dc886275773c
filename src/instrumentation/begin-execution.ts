import { trace, type Attributes, type Context, type Tracer } from '@opentelemetry/api';
import {
  enterExecution,
  enterTask,
  historyOf,
  taskOf,
  type ExecutionHistory,
  type Propagate,
  type TaskContext,
} from './evolution-context';
import {
  agentStamp,
  executionAttributes,
  numberAfter,
  numberExecution,
  type ExecutionInput,
} from './execution-attributes';
import type { RunHistories } from './run-histories';
import type { OutcomeListener } from './run-in-span';
import { countRun } from './sequence-stamp';
import type { SpanHandle } from './span-handle';
import { startSpan } from './start-span';

export interface TaskInput {
  /** @defaultValue a new one */
  readonly id?: string | undefined;
  readonly type?: string | undefined;
  /** Tasks that must not count as independent of each other, e.g. all questions about one document. */
  readonly group?: string | undefined;
  readonly input?: string | undefined;
  readonly sessionId?: string | undefined;
  /** Put on the task's executions. */
  readonly tags?: readonly string[] | undefined;
}

export function toTask(input: TaskInput, newId: () => string): TaskContext {
  return {
    id: input.id ?? newId(),
    type: input.type ?? null,
    group: input.group ?? null,
    sessionId: input.sessionId ?? null,
    input: input.input ?? null,
    tags: input.tags ?? [],
  };
}

/** What beginning an execution takes of the tracker. */
export interface ExecutionMaker {
  readonly tracer: Tracer;
  readonly newId: () => string;
  readonly captureContent: boolean;
  readonly histories: RunHistories;
  readonly propagate: Propagate;
}

export interface BegunExecution {
  /** The root span. */
  readonly span: SpanHandle;
  readonly inside: Context;
  /** `listener`, and whether the execution failed is noted for the next one at the task. */
  noting(listener: OutcomeListener | undefined): OutcomeListener;
}

/** Starts an execution at the task of `outer`; outside of any task, at a new one. */
export function beginExecution(
  by: ExecutionMaker,
  outer: Context,
  input: ExecutionInput,
): BegunExecution {
  const task = taskOf(outer) ?? toTask({}, by.newId);
  const inTask =
    taskOf(outer) === null ? enterTask(outer, task, by.histories.of(task.id), by.propagate) : outer;
  const history = historyOf(inTask);
  const numbers = numberExecution(input, history);
  const attributes = executionAttributes(input, task, numbers);
  if (by.captureContent && task.input !== null) attributes['task.input'] = task.input;
  const { attempt, replication } = numbers;
  const id = input.id ?? by.newId();
  const execution = { id, taskId: task.id, attempt, replication };
  const inside = enterExecution(inTask, execution, agentStamp(input.agent), by.propagate);
  const agentName = input.agent?.name ?? input.agent?.id;
  const span = startSpan(by.tracer, inside, {
    name: input.name ?? (agentName === undefined ? 'invoke_agent' : `invoke_agent ${agentName}`),
    attributes,
    tags: [...task.tags, ...(input.tags ?? [])],
  });
  const renumber = laterNumber(input, history);
  if (history !== null) history.started += 1;
  return {
    span,
    inside: trace.setSpan(inside, span.span),
    noting: (listener) => ({
      ...listener,
      ending(outcome, ending) {
        listener?.ending?.(outcome, ending);
        ending.setAttributes({
          ...renumber(),
          ...countRun(span.span, outcome.kind === 'failed'),
        });
      },
      ended(outcome, ended) {
        if (outcome.kind === 'failed' && history !== null) history.failed += 1;
        listener?.ended?.(outcome, ended);
      },
    }),
  };
}

/** The store may answer only while the execution runs: what other processes ran comes before it. */
function laterNumber(input: ExecutionInput, history: ExecutionHistory | null): () => Attributes {
  const isNumbered = input.attempt !== undefined || input.replication !== undefined;
  if (isNumbered || history === null || history.prior !== null) return () => ({});
  const { started, failed } = history;
  return () => {
    const { prior } = history;
    if (prior === null || prior.started === 0) return {};
    const { attempt, attemptsUnknown } = numberAfter({
      started: started + prior.started,
      failed: failed + prior.failed,
    });
    return {
      'execution.attempt': attempt,
      ...(attemptsUnknown ? { 'evolution.attempts_unknown': true } : {}),
    };
  };
}
