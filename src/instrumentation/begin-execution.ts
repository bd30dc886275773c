import { trace, type Context, type Tracer } from '@opentelemetry/api';
import {
  enterExecution,
  enterTask,
  historyOf,
  taskOf,
  type TaskContext,
} from './evolution-context';
import { executionAttributes, numberExecution, type ExecutionInput } from './execution-attributes';
import type { OutcomeListener } from './run-in-span';
import type { SpanHandle } from './span-handle';
import { startSpan } from './start-span';

export interface TaskInput {
  /** @defaultValue a new one */
  readonly id?: string | undefined;
  readonly type?: string | undefined;
  readonly input?: string | undefined;
  readonly sessionId?: string | undefined;
  /** Put on the task's executions. */
  readonly tags?: readonly string[] | undefined;
}

export function toTask(input: TaskInput, newId: () => string): TaskContext {
  return {
    id: input.id ?? newId(),
    type: input.type ?? null,
    sessionId: input.sessionId ?? null,
    input: input.input ?? null,
    tags: input.tags ?? [],
  };
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
  by: { readonly tracer: Tracer; readonly newId: () => string; readonly captureContent: boolean },
  outer: Context,
  input: ExecutionInput,
): BegunExecution {
  const task = taskOf(outer) ?? toTask({}, by.newId);
  const inTask = taskOf(outer) === null ? enterTask(outer, task) : outer;
  const history = historyOf(inTask);
  const numbers = numberExecution(input, history);
  const attributes = executionAttributes(input, task, numbers);
  if (by.captureContent && task.input !== null) attributes['task.input'] = task.input;
  const { attempt, replication } = numbers;
  const id = input.id ?? by.newId();
  const inside = enterExecution(inTask, { id, taskId: task.id, attempt, replication });
  const agentName = input.agent?.name;
  const span = startSpan(by.tracer, inside, {
    name: input.name ?? (agentName === undefined ? 'invoke_agent' : `invoke_agent ${agentName}`),
    attributes,
    tags: [...task.tags, ...(input.tags ?? [])],
  });
  if (history !== null) history.started += 1;
  return {
    span,
    inside: trace.setSpan(inside, span.span),
    noting: (listener) => ({
      ...listener,
      ended(outcome, ended) {
        if (outcome.kind === 'failed' && history !== null) history.failed += 1;
        listener?.ended?.(outcome, ended);
      },
    }),
  };
}
