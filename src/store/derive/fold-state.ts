import type { RewardSource } from '../../model/reward';
import type { ExplicitExecution } from './explicit';
import type { FoldSpan } from './fold-span';
import type { FoldedExecution } from './fold-execution';

export interface FoldSettings {
  readonly successThreshold: number;
  readonly sourceOrder: readonly RewardSource[];
}

/** An execution's row as far as a fold builds on it. */
export interface StoredExecution {
  readonly key: number;
  readonly executionId: string;
  readonly taskId: string;
  readonly explicit: ExplicitExecution | null;
  readonly closedAt: string | null;
  readonly closedSpanKey: number | null;
}

/** An execution while it is folded. */
export interface ExecutionDraft {
  readonly executionId: string;
  readonly stored: StoredExecution | null;
  readonly members: FoldSpan[];
  /** `null` for one that was made by hand and has no spans. */
  readonly folded: FoldedExecution | null;
  readonly taskId: string;
  readonly attempt: number;
  readonly replication: number;
  readonly startTimeUnixNano: bigint;
  readonly tags: readonly string[];
}
