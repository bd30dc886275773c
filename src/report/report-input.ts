import type { ContextCell } from '../model/applicability';
import type { Review } from '../model/learned';
import type { Pattern } from '../model/pattern';
import type { Reward } from '../model/reward';
import type { Span } from '../model/span';
import type { Execution, Task } from '../model/task';

/** A run with its steps. */
export interface DetailedRun {
  readonly execution: Execution;
  /** By start; the first of them where `truncated`. */
  readonly spans: readonly Span[];
  readonly spansTruncated: boolean;
  /** The latest first. */
  readonly rewards: readonly Reward[];
}

/** What a report is made of. */
export interface ReportInput {
  /** `task`: one task; `runs`: those of an agent, of a time, or of several tasks. */
  readonly subject: 'task' | 'runs';
  /** Of one task. */
  readonly task: Task | null;
  readonly agentId: string | null;
  /** Tasks that were asked for. */
  readonly taskIds: readonly string[];
  readonly sinceUnixNano: bigint | null;
  readonly untilUnixNano: bigint | null;
  readonly madeAtUnixNano: bigint;
  readonly version: string;
  /** The latest first. */
  readonly executions: readonly Execution[];
  /** There are older runs that were not read. */
  readonly executionsTruncated: boolean;
  readonly detailed: readonly DetailedRun[];
  /** Heads of findings, the most certain first. */
  readonly findings: readonly Pattern[];
  /** Of an agent's report: the effect of each finding, in their order, among its own runs, by type of task. */
  readonly inAgent: readonly (readonly ContextCell[])[] | null;
  readonly review: Review;
  /** Source of Plotly's basic bundle. */
  readonly plotly: string;
}
