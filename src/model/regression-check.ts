import type { Interval } from './interval';

/** What the gate of a pipeline says of a candidate. */
export interface RegressionCheck {
  readonly metric: string;
  /** Largest loss that is accepted. */
  readonly margin: number;
  /**
   * `regression`: a loss beyond the margin is proven. `excluded`: it is ruled out. `none_shown`: neither.
   */
  readonly verdict: 'regression' | 'none_shown' | 'excluded';
  readonly baselineMean: number | null;
  readonly candidateMean: number | null;
  /** Candidate minus baseline, with its 95 % interval. */
  readonly estimate: number | null;
  readonly interval: Interval | null;
  /** Tasks that ran under both, where the comparison is within them. */
  readonly pairedTasks: number | null;
  readonly moreTasksNeeded: number | null;
  /** The sentence that people read. */
  readonly reason: string;
}
