import type { AdaptationEngine } from '../adaptation';
import type { Experiments } from '../experiments';
import type { SpanTracker } from '../instrumentation';
import type { EvolutionLearner, RecordingStore } from '../model/evolution';
import type { SpanSink } from '../model/ports';
import type { ConfigurationDesk } from '../model/ports-adaptation';
import type { ReportSelection, WrittenReport } from '../model/report';
import type { Feedback } from './feedback';
import type { Feeds } from './feeds';
import type { Spool } from './guest-intake';

export type { EvolutionLearner, RecordingStore } from '../model/evolution';

/** Everything, opened and wired; `createEvolution` makes one. */
export interface Evolution {
  readonly store: RecordingStore;
  /** Where every entrance hands its spans over. */
  readonly sink: SpanSink;
  readonly tracker: SpanTracker;
  readonly learner: EvolutionLearner;
  /** Changes of declared settings (`levers` in the configuration), from a pattern to everybody and back. */
  readonly adaptation: AdaptationEngine;
  readonly experiments: Experiments;
  /** What agents run with, as versions that never change. */
  readonly configurations: ConfigurationDesk;
  /** Watches adaptations and analyses experiments; `serve`, and whoever sets `feedback`, does so by itself. */
  readonly feedback: Feedback;
  /**
   * Writes one HTML file that needs no network: of one task by its id, or of a selection of runs.
   *
   * @throws NotFoundError for a task or an agent that is unknown, InputError for a selection that cannot be read or
   * for a file that is there and is no report
   */
  report(what: string | ReportSelection, outputPath: string): Promise<WrittenReport>;
  /**
   * Flushes the processors and exporters that feed it, then closes the database; what could not be written
   * is in the spool. Later calls join the first.
   */
  close(): Promise<void>;
}

/** What `createEvolution` gives, with what the processors and exporters of this process need of it. */
export interface FedEvolution extends Evolution {
  readonly feeding: { readonly feeds: Feeds; readonly spool: Spool | null };
}
