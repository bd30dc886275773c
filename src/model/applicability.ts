import type { Interval } from './interval';
import type { SettingRange } from './pattern';

/** A pattern's effect among the runs of one agent at one type of task. */
export interface ContextCell {
  readonly agentId: string | null;
  readonly taskType: string | null;
  /** In the pattern's own measure, e.g. a difference of shares. */
  readonly effect: number;
  readonly standardError: number;
  readonly runs: number;
}

/** What a pattern was learned from, as far as it decides where it holds. */
export interface ApplicabilityEvidence {
  readonly cells: readonly ContextCell[];
  /** What the settings were among the runs. */
  readonly settings: readonly SettingRange[];
  /** Tags of nearly all runs that the pattern was found in. */
  readonly tags: readonly string[];
  /** Start of the latest run. */
  readonly latestUnixNano: bigint;
}

/** Where somebody asks whether a pattern holds; what is left out is not asked about. */
export interface ApplicationContext {
  readonly agentId?: string | undefined;
  readonly taskType?: string | undefined;
  readonly settings?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** All that its runs have. */
  readonly tags?: readonly string[] | undefined;
  readonly atUnixNano?: bigint | undefined;
}

export interface Applicability {
  /** Does the pattern hold there? `null`: nobody can say from this evidence. */
  readonly applicable: boolean | null;
  /** 0..1: `probability`, less where runs are few or old. */
  readonly score: number;
  /** That the effect there has the pattern's sign and is larger than the least effect of interest, 0..1. */
  readonly probability: number;
  /** Expected there, with a 95 % interval. */
  readonly effect: number;
  readonly interval: Interval;
  /** Runs of just that context; 0 where it was never seen. */
  readonly runs: number;
  /** One sentence. */
  readonly reason: string;
}
