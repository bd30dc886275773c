import type { Applicability, ApplicationContext, ContextCell } from './applicability';
import type { Differences, DifferencesQuery } from './differences';
import type {
  CandidatesQuery,
  CandidatesView,
  LearnSummary,
  Review,
  ReviewQuery,
  SelfAudit,
} from './learned';
import type { FindingMark, Pattern } from './pattern';
import type { EvolutionStore, IngestResult } from './ports';
import type { PatternBook } from './ports-learning';
import type { SpanRecord } from './span';
import type { Tradeoffs, TradeoffsQuery } from './tradeoffs';
import type { WhyReport } from './why';

/** The store as users have it: spans come in raw, and are understood and redacted on the way. */
export interface RecordingStore extends EvolutionStore {
  recordSpan(span: SpanRecord): Promise<IngestResult>;
  recordSpanBatch(spans: readonly SpanRecord[]): Promise<IngestResult>;
}

export interface MarkRequest {
  readonly as: FindingMark;
  readonly why: string;
  /** Who says so. */
  readonly by: string;
}

/** The learner with the store behind it. */
export interface EvolutionLearner {
  /** Closes what has ended, admits it as one cut, and takes the look that is due. */
  learn(): Promise<LearnSummary>;
  /**
   * The same for what is settled, on the schedule of background learning; `null` while there are too few
   * executions for a look, of which then none is read.
   */
  learnInBackground(): Promise<LearnSummary | null>;
  /** Every candidate with its evidence, promoted or not. */
  candidates(query?: CandidatesQuery): Promise<CandidatesView>;
  queryPatterns: PatternBook['queryPatterns'];
  /** One pattern with its explanation, by id or by the first characters of it. */
  explain(patternId: string): Promise<Pattern>;
  /**
   * Says what became of a finding. `resolved` and `not_useful` close it: lists leave it out. A resolved one is
   * watched on the runs that come after, and reopens by itself when they show it again.
   *
   * @throws NotFoundError for an unknown id, InputError for an ambiguous one or without a reason
   */
  mark(patternId: string, mark: MarkRequest): Promise<Pattern>;
  /**
   * The first step at which a run leaves what its successful siblings did. @throws NotFoundError for an
   * execution that is unknown or not closed
   */
  why(executionId: string): Promise<WhyReport>;
  /** What is different in one selection of runs; explores, promotes nothing, spends nothing. */
  differences(query?: DifferencesQuery): Promise<Differences>;
  /** Whether a pattern, by id or the first characters of it, holds in a context, and why. */
  isApplicable(patternId: string, context: ApplicationContext): Promise<Applicability>;
  /** A pattern's effect in each agent × type of task, from the latest closed runs; by id as `explain`. */
  strata(patternId: string): Promise<readonly ContextCell[]>;
  /** Variants and settings in several dimensions at once, and which of them no other beats. */
  tradeoffs(query?: TradeoffsQuery): Promise<Tradeoffs>;
  /** What looks like a pattern and is none, and what is not known yet. */
  review(query?: ReviewQuery): Promise<Review>;
  /** The method held against features that cannot matter; promotes nothing, spends nothing. */
  audit(): Promise<SelfAudit>;
}
