import type { Attributes } from './attributes';
import type { Sampling } from './sampling';
import type { AgentIdentity, Exposure, SpanAddress, SpanRole } from './span';
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
  /** Who asked for a tool call, where it was not the agent (a simulated user's own tools): `user`. */
  readonly requestor: string | null;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint | null;
}

/** A closed execution with everything that candidates are made of; steps by (start, span id). */
export interface ClosedExecution {
  readonly id: string;
  readonly taskId: string;
  readonly taskType: string | null;
  /** Tasks of one group are declared comparable (`task.group`). */
  readonly taskGroup: string | null;
  readonly attempt: number;
  readonly replication: number;
  readonly attemptsUnknown: boolean;
  /** Attempt or replication was said, not assumed. */
  readonly attemptMarked: boolean;
  readonly agent: AgentIdentity;
  readonly sessionId: string | null;
  readonly status: Status;
  readonly config: Attributes | null;
  readonly propensities: Readonly<Record<string, number>> | null;
  /** Experiments, variants and adaptations that the run was exposed to. */
  readonly exposures: readonly Exposure[];
  readonly sampling: Sampling;
  /** Of the reading of its spans (roles, prices, thresholds, redaction). */
  readonly meaningVersion: number;
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
  /** Number of the cut that admitted it for learning; `null` or absent where none has. */
  readonly cut?: number | null;
}
