import type { Attributes } from './attributes';
import type { AgentIdentity, Exposure } from './span';
import type { Status } from './status';

export interface OutcomeSummary {
  /** Mean of the primary dimension over the task's executions that have one. */
  readonly mean: number;
  readonly executions: number;
}

/** What a user asked for. */
export interface Task {
  readonly id: string;
  readonly type: string | null;
  /** Only where content is captured. */
  readonly input: string | null;
  readonly status: Status;
  readonly agentId: string | null;
  readonly sessionId: string | null;
  readonly createdAtUnixNano: bigint;
  readonly completedAtUnixNano: bigint | null;
  readonly executions: number;
  readonly tags: readonly string[];
  readonly reward: OutcomeSummary | null;
}

/** `late_spans`: spans came after closing; `attempts_unknown`: retries and replications cannot be told apart. */
export type ExecutionFlag = 'late_spans' | 'attempts_unknown' | 'time_synthetic' | 'clock_skew';

/** One run at a task. */
export interface Execution {
  readonly id: string;
  readonly taskId: string;
  readonly attempt: number;
  readonly replication: number;
  readonly agent: AgentIdentity;
  readonly sessionId: string | null;
  readonly config: Attributes | null;
  readonly status: Status;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint | null;
  readonly spans: number;
  readonly llmCalls: number;
  readonly toolCalls: number;
  readonly errors: number;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly costUsd: number | null;
  /** Outcome per dimension, 0..1, by the rule of `Outcome` (latest unsuperseded, human > code > llm). */
  readonly rewards: Readonly<Record<string, number>>;
  readonly success: boolean | null;
  /** Experiments, variants and adaptations that its spans say it was exposed to. */
  readonly exposures: readonly Exposure[];
  readonly tags: readonly string[];
  readonly flags: readonly ExecutionFlag[];
  readonly closed: boolean;
}
