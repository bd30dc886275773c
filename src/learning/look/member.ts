import type { Candidate } from '../candidates/candidate';
import type { Comparison } from '../comparison/comparison';
import type { ConfidenceScore } from '../comparison/confidence-scorer';
import type { OutcomeColumn } from '../units/outcome-column';

/** One hypothesis, candidate × dimension, with its test. */
export interface Member {
  readonly id: string;
  readonly candidate: Candidate;
  readonly column: OutcomeColumn;
  readonly comparison: Comparison;
  readonly score: ConfidenceScore;
  /** What the corrections see: 1 where an objection stands or nothing could be tested. */
  readonly pValue: number;
  /** Why it may not be promoted whatever its p-value. */
  readonly objection: string | null;
  /** Least p-value that any arrangement of its outcomes could give. */
  readonly attainableP: number;
  /** May only show which tasks are hard: it has a family of its own. */
  readonly unadjusted: boolean;
}

/** A member before anything is said against it. */
export type DraftMember = Omit<Member, 'pValue' | 'objection' | 'attainableP'>;
