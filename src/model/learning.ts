import type { Attributes } from './attributes';
import type { AgentIdentity, SpanAddress, SpanRole } from './span';
import type { Status } from './status';

/** One span as the learner needs it. */
export interface ExecutionStep extends SpanAddress {
  readonly parentSpanId: string | null;
  readonly name: string;
  readonly role: SpanRole;
  readonly tool: string | null;
  readonly model: string | null;
  readonly error: boolean;
  readonly errorType: string | null;
  readonly toolArgumentsHash: string | null;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint | null;
}

/** A closed execution with everything that candidates are made of; steps by (start, span id). */
export interface ClosedExecution {
  readonly id: string;
  readonly taskId: string;
  readonly taskType: string | null;
  readonly attempt: number;
  readonly replication: number;
  readonly attemptsUnknown: boolean;
  readonly agent: AgentIdentity;
  readonly sessionId: string | null;
  readonly status: Status;
  readonly config: Attributes | null;
  readonly propensities: Readonly<Record<string, number>> | null;
  readonly tags: readonly string[];
  /** The root span's own attributes: the source of `attr:` candidates. */
  readonly rootAttributes: Attributes;
  readonly rootSpan: SpanAddress | null;
  readonly rootStartTimeUnixNano: bigint;
  /** `null` where unknown or where times are made up. */
  readonly durationNano: bigint | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly costUsd: number | null;
  /** Outcome per dimension, 0..1. */
  readonly outcome: Readonly<Record<string, number>>;
  readonly steps: readonly ExecutionStep[];
}
