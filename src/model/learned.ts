import type { Interval } from './interval';
import type { CandidateEvidence, Look, Predicate } from './pattern';
import type { SamplingBasis } from './sampling';

/** What `learn` did, or why it did nothing. */
export interface LearnSummary {
  /** Closed executions read. */
  readonly executions: number;
  /** Those that may be learned from and have an outcome. */
  readonly units: number;
  readonly leftOut: LeftOut;
  /** Outcome dimensions that are learned, the primary one first. */
  readonly dimensions: readonly string[];
  /** What all runs that ended achieved, as far as those that are here tell. */
  readonly outcomes: readonly OutcomeEstimate[];
  /** What a reader must know of the runs, each with the line that would mend it. */
  readonly notes: readonly string[];
  readonly candidates: number;
  /** Tests at this look: testable candidates × dimensions. */
  readonly tested: number;
  /** By this look, by status. */
  readonly promoted: {
    readonly observed: number;
    readonly confirmed: number;
    readonly causal: number;
  };
  /** Earlier findings that fresh runs confirmed. */
  readonly confirmed: number;
  readonly demoted: number;
  /** Findings marked as resolved that later runs show again. */
  readonly reopened: number;
  readonly seconds: number;
  /** The look taken; `null` where none was due or nothing could be tested. */
  readonly look: { readonly number: number; readonly alpha: number } | null;
  /** Units at which the next look is due. */
  readonly nextLookAtUnits: number;
  /** Why nothing can be learned from these runs, and the line that would mend it; `null` when it can. */
  readonly refusal: string | null;
  /** One sentence for people. */
  readonly message: string;
  /** What this look could not settle, the strongest sign first, with the runs that would: a sentence each, at most three. */
  readonly notYetKnown: readonly string[];
}

/** Mean outcome of the runs that ended, each run that is here weighted by the inverse of its inclusion probability. */
export interface OutcomeEstimate {
  readonly dimension: string;
  /** Runs that it rests on. */
  readonly runs: number;
  readonly mean: number;
  /** At 95 %, as if tasks stayed as they are. */
  readonly interval: Interval;
  /** Weights differ: the plain mean of what is here would be another. */
  readonly weighted: boolean;
  readonly basis: SamplingBasis | 'mixed';
}

/** Closed executions that no look counts. */
export interface LeftOut {
  /** Before the latest executions that are kept for learning. */
  readonly older: number;
  /** Retries (attempt above 1), which an outcome triggered. */
  readonly retries: number;
  /** Later runs of tasks whose retries and replications cannot be told apart. */
  readonly attemptsUnknown: number;
  /** Kept because of how they went. */
  readonly sampled: number;
  readonly withoutOutcome: number;
}

export type AuditKey = 'task' | 'agent' | 'type' | 'epoch';

export interface CandidatesQuery {
  /** Strata of the stratified evidence, crossed; the registered ones unless told. */
  readonly by?: readonly AuditKey[] | undefined;
  /** Least units on each side, from 1, in place of both supports of the settings. */
  readonly minSupport?: number | undefined;
  /** `tool`, `tool>=3`, `bigram`, `error`, `config`, `interaction`, …; all unless told. */
  readonly kinds?: readonly string[] | undefined;
  readonly agentId?: string | undefined;
  /** @defaultValue the first declared dimension */
  readonly dimension?: string | undefined;
}

export interface CandidatesView {
  /** Units with an outcome. */
  readonly executions: number;
  /** As asked; empty for the registered strata. */
  readonly by: readonly AuditKey[];
  readonly candidates: readonly CandidateEvidence[];
}

export interface ReviewQuery {
  readonly agentId?: string | undefined;
  /** Entries of each list. @defaultValue 10 */
  readonly limit?: number | undefined;
}

/** A difference that is plain over all runs and gone within the registered strata. */
export interface MarginalFinding {
  readonly dimension: string;
  readonly evidence: CandidateEvidence;
  readonly strata: string;
  /** Why it is no pattern. */
  readonly sentence: string;
}

/** A hypothesis that this many runs cannot settle. */
export interface OpenQuestion {
  readonly dimension: string;
  readonly evidence: CandidateEvidence;
  readonly strata: string;
  /** Further runs, at the present mix, to find an effect of the size seen with probability .8. */
  readonly runsNeeded: number;
  readonly sentence: string;
}

export interface Review {
  readonly marginalFindings: readonly MarginalFinding[];
  readonly notYetKnown: readonly OpenQuestion[];
}

/** How many of the tests fell at or below a level. */
export interface AuditShare {
  readonly claimed: number;
  readonly of: number;
  /** Clopper and Pearson at 95 %, as if the tests were independent; `null` without a test. */
  readonly interval: Interval | null;
}

/** A candidate that may not be promoted whatever its p-value. */
export interface DroppedCandidate {
  readonly predicate: Predicate;
  readonly dimension: string;
  readonly reason: string;
}

/** The method held against features that cannot matter, on the runs that are stored. */
export interface SelfAudit {
  /** p-value at or below which a look would claim now. */
  readonly bar: number;
  /** Features of runs drawn from all. */
  readonly decoys: AuditShare;
  /** Features of runs drawn from the same task type, agent and epoch. */
  readonly placebos: AuditShare;
  /** The shares at or below a level should be that level or less. */
  readonly calibration: readonly {
    readonly level: number;
    readonly decoys: AuditShare;
    readonly placebos: AuditShare;
  }[];
  readonly looks: readonly Look[];
  readonly dropped: readonly DroppedCandidate[];
}
