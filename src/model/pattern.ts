import type { AttributeValue } from './attributes';
import type { SpanAddress } from './span';

export type PatternType = 'success' | 'anti_pattern' | 'optimization';

export type PatternStatus =
  'candidate' | 'imported' | 'observed' | 'confirmed' | 'causal' | 'demoted';

/** One condition on a closed execution; `text` of the predicate is made from these, never parsed back. */
export interface PredicateTerm {
  readonly kind: string;
  readonly key: string;
  readonly op: 'present' | 'absent' | '=' | '>=' | 'in';
  readonly value: AttributeValue;
}

export interface Predicate {
  /** Stable and machine-made, e.g. `tool:search>=3`, `config:window=tail`. */
  readonly text: string;
  readonly terms: readonly PredicateTerm[];
}

export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

export interface ArmSummary {
  readonly n: number;
  readonly successes: number;
  /** Mean outcome of the dimension; `null` for an empty arm. */
  readonly mean: number | null;
}

export interface TestResult {
  readonly name: string;
  readonly statistic: number | null;
  readonly df: number | null;
  readonly pValue: number | null;
  readonly qValue: number | null;
  readonly eValue: number | null;
}

export interface PatternEffect {
  /** `risk_difference_mh`, `mean_difference`, … */
  readonly measure: string;
  readonly estimate: number;
  readonly interval: Interval;
  /** Level of the interval, e.g. .95. */
  readonly level: number;
  /** The level is adjusted for what was promoted at the same look. */
  readonly adjusted: boolean;
}

export interface PatternContext {
  readonly agentType: string | null;
  readonly taskType: string | null;
  readonly configRange: string | null;
  readonly tags: readonly string[];
}

export interface PatternExplanation {
  /** One sentence with the numbers. */
  readonly reason: string;
  readonly wording: 'associated_with' | 'causes';
  /** What the finding survives: `task`, `agent`, `epoch`. */
  readonly robustTo: readonly string[];
  /** What would be needed next. */
  readonly needs: string;
  readonly sourceSpanIds: readonly SpanAddress[];
  readonly contradictingSpanIds: readonly SpanAddress[];
}

export interface Strata {
  /** e.g. `task`, `task.type x agent`. */
  readonly by: string;
  readonly used: number;
  readonly informative: number;
}

export interface Pattern {
  /** Hash of predicate, dimension and context: survives re-learning. */
  readonly id: string;
  readonly type: PatternType;
  readonly status: PatternStatus;
  readonly predicate: Predicate;
  readonly dimension: string;
  readonly effect: PatternEffect;
  readonly support: { readonly with: ArmSummary; readonly without: ArmSummary };
  readonly test: TestResult;
  readonly strata: Strata;
  /** 0..1: 1 - q while observed. */
  readonly confidence: number;
  /** A lever exists: only such a pattern may become an adaptation. */
  readonly controllable: boolean;
  readonly context: PatternContext;
  /** 0..1. */
  readonly applicabilityScore: number;
  readonly explanation: PatternExplanation;
  readonly firstSeenUnixNano: bigint;
  readonly lastTestedUnixNano: bigint;
}

/** A candidate with its evidence, promoted or not: the audit view. */
export interface CandidateEvidence {
  readonly predicate: Predicate;
  readonly nWith: number;
  readonly nWithout: number;
  readonly successesWith: number;
  readonly successesWithout: number;
  readonly meanWith: number | null;
  readonly meanWithout: number | null;
  readonly pMarginal: number | null;
  readonly qMarginal: number | null;
  readonly pStratified: number | null;
  readonly qStratified: number | null;
  readonly oddsRatioMh: number | null;
  readonly informativeStrata: number;
  /** Natural logarithm of the e-value; `null` until the e-process runs. */
  readonly logE: number | null;
  readonly status: PatternStatus;
  /** Why it is not more than it is. */
  readonly reason: string | null;
}

/** One scheduled look of the learner, as the ledger keeps it. */
export interface Look {
  /** From 1. */
  readonly number: number;
  readonly atUnixNano: bigint;
  readonly units: number;
  readonly alpha: number;
  readonly candidates: number;
  readonly tested: number;
  readonly promoted: number;
  /** Success threshold, strata and every other choice that the tests rest on. */
  readonly settings: Readonly<Record<string, AttributeValue>>;
}

/** One test ever run. */
export interface LedgerEntry {
  readonly look: number;
  readonly patternId: string;
  readonly predicate: string;
  readonly dimension: string;
  readonly strata: string;
  readonly pValue: number | null;
  readonly qValue: number | null;
  readonly status: PatternStatus;
  readonly reason: string | null;
}
