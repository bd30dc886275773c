import type { ExecutionStep } from './learning';
import type { PatternType } from './pattern';

/** What the successful siblings did where the run did something else. */
export interface Alternative {
  /** `null`: they had finished. */
  readonly tool: string | null;
  /** The same tool as the run's, with other arguments. */
  readonly otherArguments: boolean;
  /** Share of the siblings, weighed by their likeness to the run, 0..1. */
  readonly share: number;
  /** A sibling's step that shows it. */
  readonly example: ExecutionStep | null;
}

/** The first step at which a run leaves what its successful siblings did. A description, never a claim. */
export interface Divergence {
  /** Position among the run's calls, from 0; their number where the run stopped too early. */
  readonly position: number;
  /** `null` where the run stopped too early. */
  readonly step: ExecutionStep | null;
  readonly kind: 'other_call' | 'other_arguments' | 'left_out' | 'stopped';
  /** Most common first, at most three. */
  readonly instead: readonly Alternative[];
  /** Steps before it that at least one sibling shares, and their mean share, 0..1. */
  readonly sharedBefore: number;
  /** How surely this is where they part, 0..1: how often the siblings share such a step among themselves. */
  readonly certainty: number;
}

/** With what a run was compared, the nearest first that has a success. */
export type SiblingBasis = 'task_and_agent' | 'task' | 'task_type';

/** Why a run may have gone as it did: where it leaves what successful runs did. A description, never a claim. */
export interface WhyReport {
  readonly executionId: string;
  readonly success: boolean | null;
  /** `null`: nothing to compare with. */
  readonly comparedWith: SiblingBasis | null;
  readonly siblings: number;
  /** Ids of some siblings, the likest first. */
  readonly siblingIds: readonly string[];
  readonly divergence: Divergence | null;
  /** Patterns whose predicate the run meets. */
  readonly findings: readonly {
    readonly patternId: string;
    readonly predicate: string;
    readonly type: PatternType;
  }[];
  /** For people. */
  readonly sentence: string;
}
