import type { SpanTracker } from '../instrumentation';
import type { CandidatesQuery, CandidatesView, LearnSummary, Review } from '../learning';
import type { Pattern } from '../model/pattern';
import type { EvolutionStore, IngestResult, SpanSink } from '../model/ports';
import type { SpanRecord } from '../model/span';

/** The store as users have it: spans come in raw, and are understood and redacted on the way. */
export interface RecordingStore extends EvolutionStore {
  recordSpan(span: SpanRecord): Promise<IngestResult>;
  recordSpanBatch(spans: readonly SpanRecord[]): Promise<IngestResult>;
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
  queryPatterns: EvolutionStore['queryPatterns'];
  /** One pattern with its explanation, by id or by the first characters of it. */
  explain(patternId: string): Promise<Pattern>;
  /** What looks like a pattern and is none, and what is not known yet. */
  review(query?: { readonly agentId?: string; readonly limit?: number }): Promise<Review>;
}

/** Everything, opened and wired; `createEvolution` makes one. */
export interface Evolution {
  readonly store: RecordingStore;
  /** Where every entrance hands its spans over. */
  readonly sink: SpanSink;
  readonly tracker: SpanTracker;
  readonly learner: EvolutionLearner;
  /** Closes the database; what was accepted is stored. Later calls join the first. */
  close(): Promise<void>;
}
