import type { SpanTracker } from '../instrumentation';
import type { EvolutionLearner, RecordingStore } from '../model/evolution';
import type { SpanSink } from '../model/ports';

export type { EvolutionLearner, RecordingStore } from '../model/evolution';

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
