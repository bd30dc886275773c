import type { AttributeValue } from './attributes';
import type { Interval } from './interval';
import type { SamplingBasis } from './sampling';
import type { SpanAddress } from './span';

export type PatternType = 'success' | 'anti_pattern' | 'optimization';

/**
 * `unadjusted`: a behaviour on tasks that never repeat; it may only show which tasks are hard, and never
 * rises.
 */
export type PatternStatus =
  'candidate' | 'unadjusted' | 'imported' | 'observed' | 'confirmed' | 'causal' | 'demoted';

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
  /** `adjusted_difference`, `risk_difference_mh`, `mean_difference`, … */
  readonly measure: string;
  readonly estimate: number;
  readonly interval: Interval;
  /** Level of the interval, e.g. .95. */
  readonly level: number;
  /** The level is adjusted for what was promoted at the same look. */
  readonly adjusted: boolean;
}

/** What the numbers of an effect are in: a relative change in per cent, every other measure in points. */
export function effectUnit({ measure }: Pick<PatternEffect, 'measure'>): string {
  return measure === 'relative_change' ? '%' : 'points';
}

/** What one setting was in the runs that a pattern was found in. */
export interface SettingRange {
  readonly key: string;
  /** Of its numbers; `null` where it was none. Equal ends: a constant. */
  readonly interval: Interval | null;
  /** Of everything else, the commonest first. One alone: a constant. */
  readonly levels: readonly string[];
}

/** `0 to 0.7`, `5`, `fast or slow`. */
export function settingRangeText({ interval, levels }: SettingRange): string {
  if (interval === null) return levels.join(' or ');
  const { lower, upper } = interval;
  return [lower === upper ? lower : `${lower} to ${upper}`, ...levels].join(' or ');
}

export interface PatternContext {
  /** Where the predicate itself is restricted to one. */
  readonly agentType: string | null;
  readonly taskType: string | null;
  /** Of all runs that were compared, on both sides; those that vary first, at most 50. */
  readonly configRange: readonly SettingRange[];
  /** Those that at least 95 % of these runs have. */
  readonly tags: readonly string[];
}

export interface PatternExplanation {
  /** One sentence with the numbers. */
  readonly reason: string;
  readonly wording: 'associated_with' | 'causes';
  /** What the comparison holds fixed: `task`, `agent`, `epoch`, `config.KEY`. */
  readonly heldFixed: readonly string[];
  /** The effect when one of these is not held fixed. */
  readonly leftOut: readonly LeftOutSetting[];
  /** The same comparison in the other dimensions. */
  readonly elsewhere: readonly EffectElsewhere[];
  /** What would be needed next. */
  readonly needs: string;
  readonly sourceSpanIds: readonly SpanAddress[];
  readonly contradictingSpanIds: readonly SpanAddress[];
}

/** What goes with a pattern in a dimension that it was not found in. */
export interface EffectElsewhere {
  readonly dimension: string;
  /** `relative_change` of what is spent. */
  readonly measure: string;
  readonly estimate: number;
  /** At 95 %, not adjusted for what was selected. */
  readonly interval: Interval;
  readonly pValue: number;
  /** Runs on both sides that have this dimension. */
  readonly runs: number;
}

export interface LeftOutSetting {
  readonly key: string;
  readonly estimate: number;
  /** By more than two standard errors. */
  readonly moves: boolean;
}

export interface Strata {
  /** e.g. `task`, `task.type x agent`. */
  readonly by: string;
  readonly used: number;
  readonly informative: number;
}

/** One level of a setting or attribute, over all units that have an outcome. */
export interface FindingLevel {
  readonly value: string;
  readonly n: number;
  readonly mean: number | null;
  /** At 95 %. */
  readonly interval: Interval | null;
}

/** A person reads findings: the head stands for everything that says the same. */
export interface PatternFinding {
  /** Id of the head's pattern. */
  readonly id: string;
  /** Predicate of the head. */
  readonly head: string;
  /** Predicates. */
  readonly alsoSeenAs: readonly string[];
  /** Conjunctions that say the same beyond those that are named. */
  readonly alsoSeenAsMore: number;
  /** Of a setting or attribute: all of them. */
  readonly levels: readonly FindingLevel[];
}

/** What may be done about it. */
export interface PatternFlags {
  /** A lever exists: only such a pattern may become an adaptation. */
  readonly controllable: boolean;
  /** Known before the run started. */
  readonly preTreatment: boolean;
  /** Possibly a consequence of the outcome: the last step, totals, duration. */
  readonly outcomeProximal: boolean;
  /** Answers to a failure within the run. */
  readonly outcomeTriggered: boolean;
  /** In words. */
  readonly reason: string;
}

export interface PatternSampling {
  readonly basis: SamplingBasis | 'mixed';
  /** Estimates are weighted by inclusion probabilities. */
  readonly weighted: boolean;
}

/** What somebody made of a finding; `resolved` and `not_useful` close it. */
export type FindingMark = 'acknowledged' | 'resolved' | 'not_useful';

/** `reopened`: it was resolved, and runs after that showed it again. */
export type LifeState = 'open' | FindingMark | 'reopened';

export interface PatternLife {
  readonly state: LifeState;
  readonly why: string | null;
  readonly atUnixNano: bigint | null;
  /** Whoever marked it; the learner where it reopened. */
  readonly by: string | null;
}

export const openLife: PatternLife = { state: 'open', why: null, atUnixNano: null, by: null };

export interface Pattern {
  /** Hash of predicate, dimension, context and comparison: survives re-learning. */
  readonly id: string;
  readonly type: PatternType;
  readonly status: PatternStatus;
  readonly predicate: Predicate;
  readonly dimension: string;
  readonly effect: PatternEffect;
  readonly support: { readonly with: ArmSummary; readonly without: ArmSummary };
  readonly test: TestResult;
  readonly strata: Strata;
  /** What feature and outcome were freed of besides: `agent x epoch`, `config.KEY`. */
  readonly adjustedFor: readonly string[];
  /** Units that the test rests on, as if all had the same weight; `null` for a stratified test. */
  readonly nEffective: number | null;
  readonly finding: PatternFinding;
  /** Kept beside the evidence: learning again changes nothing of it. */
  readonly life: PatternLife;
  readonly sampling: PatternSampling;
  /** 0..1: 1 - q while observed. */
  readonly confidence: number;
  /** A lever exists: only such a pattern may become an adaptation. */
  readonly controllable: boolean;
  readonly flags: PatternFlags;
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
  readonly flags: PatternFlags;
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
  /** The last unit it saw, in canonical order: what comes after is fresh. */
  readonly through?: UnitPosition;
  /** Success threshold, strata and every other choice that the tests rest on. */
  readonly settings: Readonly<Record<string, AttributeValue>>;
}

export interface UnitPosition {
  /** The cut that admitted it; absent where there are none. */
  readonly cut?: number;
  readonly startTimeUnixNano: bigint;
  readonly executionId: string;
}

/** One test ever run. */
export interface LedgerEntry {
  readonly look: number;
  /**
   * `look` where nothing is said; `confirmation` and `demotion` are tests on units after it, `watch` on units
   * after it was marked as resolved; `mark` is no test: somebody said what became of it.
   */
  readonly test?: 'look' | 'confirmation' | 'demotion' | 'watch' | 'mark';
  /** Number of that test, from 1. */
  readonly step?: number;
  readonly patternId: string;
  readonly predicate: string;
  readonly dimension: string;
  readonly strata: string;
  readonly pValue: number | null;
  readonly qValue: number | null;
  /** Effect as tested; `null` where none could be estimated. */
  readonly estimate?: number | null;
  /** Pattern id of the finding's head. */
  readonly finding?: string | null;
  readonly status: PatternStatus;
  readonly reason: string | null;
  /** What a `mark`, or a `watch` that reopened it, made of its life. */
  readonly life?: PatternLife;
  /** When the mark was set that a `watch` watches. */
  readonly markedAtUnixNano?: bigint;
}
