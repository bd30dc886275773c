import type { ExecutionChange, NewExecution, NewTask, TaskChange } from '../../model/ports';
import { mapChanged } from './map-changed';
import {
  redactAttributes,
  redactId,
  type RedactionPolicy,
  type Redactor,
  redactNullable,
  redactorFor,
  redactText,
} from './redactor';

/** A task that somebody writes by hand: its input only where content is captured, no secrets anywhere. */
export function redactTask(task: NewTask, policy: RedactionPolicy): NewTask {
  const redactor = redactorFor(policy);
  return {
    ...redactTaskChange(task, policy),
    id: redactId(task.id, redactor),
    agentId: redactId(task.agentId, redactor),
    sessionId: redactId(task.sessionId, redactor),
  };
}

export function redactTaskChange<T extends TaskChange>(change: T, policy: RedactionPolicy): T {
  const redactor = redactorFor(policy);
  const input = policy.captureContent ? redactNullable(change.input, redactor) : undefined;
  return {
    ...change,
    input,
    type: redactNullable(change.type, redactor),
    tags: maskTags(change.tags, redactor),
  };
}

/** An execution by hand; its configuration keeps its knobs and loses its secrets. */
export function redactExecution(execution: NewExecution, policy: RedactionPolicy): NewExecution {
  const redactor = redactorFor(policy);
  const { agent, config } = execution;
  return {
    ...redactExecutionChange(execution, policy),
    id: redactId(execution.id, redactor),
    taskId: redactId(execution.taskId, redactor),
    config: config === undefined ? undefined : redactAttributes(config, redactor, 'settings'),
    agent:
      agent === undefined
        ? undefined
        : {
            ...agent,
            ...(agent.id === undefined ? {} : { id: redactId(agent.id, redactor) }),
            ...(agent.name === undefined ? {} : { name: redactNullable(agent.name, redactor) }),
            ...(agent.version === undefined
              ? {}
              : { version: redactNullable(agent.version, redactor) }),
            ...(agent.type === undefined ? {} : { type: redactNullable(agent.type, redactor) }),
          },
  };
}

export function redactExecutionChange<T extends ExecutionChange>(
  change: T,
  policy: RedactionPolicy,
): T {
  return { ...change, tags: maskTags(change.tags, redactorFor(policy)) };
}

export function redactTags(tags: readonly string[], policy: RedactionPolicy): readonly string[] {
  const redactor = redactorFor(policy);
  return mapChanged(tags, (tag) => redactText(tag, redactor));
}

function maskTags(
  tags: readonly string[] | undefined,
  redactor: Redactor,
): readonly string[] | undefined {
  return tags && mapChanged(tags, (tag) => redactText(tag, redactor));
}
