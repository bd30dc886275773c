import type { Attributes } from '@opentelemetry/api';
import { InputError } from '../errors';
import type { ExecutionHistory, TaskContext } from './evolution-context';

export interface AgentInput {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly version?: string | undefined;
  readonly type?: string | undefined;
}

export interface ExecutionInput {
  /** @defaultValue a new one */
  readonly id?: string | undefined;
  /**
   * From 1; counts retries that an outcome triggered. @defaultValue the number of the run at its task, in this
   * process and, as far as the tracker has a store to ask, in others
   */
  readonly attempt?: number | undefined;
  /** From 0; counts runs that were fixed in advance. @defaultValue 0 */
  readonly replication?: number | undefined;
  readonly agent?: AgentInput | undefined;
  /** The settings of this run. */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
  /** Per setting that was drawn at random: the probability of the value it got, above 0 up to 1. */
  readonly propensities?: Readonly<Record<string, number>> | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly attributes?: Attributes | undefined;
  /** Of the root span. @defaultValue `invoke_agent <agent name>` */
  readonly name?: string | undefined;
}

export interface ExecutionNumbers {
  readonly attempt: number;
  readonly replication: number;
  /** A further run whose reason nobody gave: a retry and a replication cannot be told apart. */
  readonly attemptsUnknown: boolean;
}

/**
 * A run that follows only failed ones is a retry. Any other further run could as well have been planned,
 * and what is learned from it would rest on a guess.
 *
 * @throws InputError for numbers that are no counts.
 */
export function numberExecution(
  { attempt, replication }: ExecutionInput,
  history: ExecutionHistory | null,
): ExecutionNumbers {
  assertCount('attempt', attempt, 1);
  assertCount('replication', replication, 0);
  if (attempt !== undefined || replication !== undefined) {
    return { attempt: attempt ?? 1, replication: replication ?? 0, attemptsUnknown: false };
  }
  if (history === null) return { attempt: 1, replication: 0, attemptsUnknown: true };
  return numberAfter({
    started: history.started + (history.prior?.started ?? 0),
    failed: history.failed + (history.prior?.failed ?? 0),
  });
}

/** The numbers of a run after others at its task. */
export function numberAfter({ started, failed }: Pick<ExecutionHistory, 'started' | 'failed'>) {
  return { attempt: started + 1, replication: 0, attemptsUnknown: started !== failed };
}

/**
 * The attributes of an execution's root span beside the ids of its context.
 *
 * @throws InputError for a config that JSON cannot write, or a propensity that is no probability.
 */
export function executionAttributes(
  input: ExecutionInput,
  task: TaskContext,
  numbers: ExecutionNumbers,
): Attributes {
  const { id, version, type } = input.agent ?? {};
  return {
    ...input.attributes,
    'gen_ai.operation.name': 'invoke_agent',
    ...agentStamp(input.agent),
    ...present('gen_ai.agent.version', version),
    ...present('agent.id', id),
    ...present('agent.version', version),
    ...present('agent.type', type),
    ...present('task.type', task.type ?? undefined),
    ...present('task.group', task.group ?? undefined),
    ...present('agent.config', configText(input.config)),
    ...propensityAttributes(input.propensities),
    ...(numbers.attemptsUnknown ? { 'evolution.attempts_unknown': true } : {}),
  };
}

/** Who acts: on the root, and on every span inside, which would pass for the service's own else. */
export function agentStamp({ id, name }: AgentInput = {}): Attributes {
  return { ...present('gen_ai.agent.id', id), ...present('gen_ai.agent.name', name) };
}

function present(key: string, value: string | undefined): Attributes {
  return value === undefined ? {} : { [key]: value };
}

function configText(config: ExecutionInput['config']): string | undefined {
  if (config === undefined) return undefined;
  try {
    return JSON.stringify(config);
  } catch (cause) {
    throw new InputError('config: expected values that JSON can write', { cause });
  }
}

function propensityAttributes(propensities: ExecutionInput['propensities']): Attributes {
  const attributes: Attributes = {};
  for (const [knob, value] of Object.entries(propensities ?? {})) {
    if (!(value > 0 && value <= 1)) {
      throw new InputError(
        `propensities.${knob}: expected a probability above 0, up to 1, got ${value}`,
      );
    }
    attributes[`evolution.propensity.${knob}`] = value;
  }
  return attributes;
}

function assertCount(name: string, value: number | undefined, from: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= from)) return;
  throw new InputError(`${name}: expected an integer from ${from}, got ${String(value)}`);
}
