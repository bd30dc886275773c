import type { Context } from '@opentelemetry/api';
import { readGuestEnvironment } from '../config';
import { assertKnownKeys } from '../errors';
import { stampOf } from '../instrumentation';
import type {
  ExportResult,
  ReadableSpan,
  SpanCounts,
  SpanExporterOptions,
  SpanQueueOptions,
  SpanQueueStats,
  StartedSpan,
} from '../otel';
import { reportProblem, SpanQueueProcessor, SpanSinkExporter } from '../otel';
import { openTarget, type EvolutionTarget } from './evolution-target';
import { feedOf, type Feeds } from './feeds';

export type EvolutionSpanProcessorOptions = EvolutionTarget & SpanQueueOptions;
export type EvolutionExporterOptions = EvolutionTarget & SpanExporterOptions;

type KeysOf<T> = T extends unknown ? keyof T : never;

const exporterOptions: readonly KeysOf<EvolutionExporterOptions>[] = [
  'evolution',
  'databaseUrl',
  'captureContent',
  'redact',
  'propagate',
  'exportTimeoutMillis',
  'writeTimeoutMillis',
  'flushTimeoutMillis',
  'stallTimeoutMillis',
  'meterProvider',
  'monotonicMillis',
];
const processorOptions: readonly KeysOf<EvolutionSpanProcessorOptions>[] = [
  ...exporterOptions,
  'maxQueueSize',
  'maxQueueBytes',
  'maxExportBatchSize',
  'maxBatchSize',
  'scheduledDelayMillis',
  'recordUnsampled',
];

/**
 * A span processor beside the exporters you already have. It never throws, never blocks and never
 * changes an ended span; what it cannot keep it drops, counts (`stats()`) and says in one line on stderr,
 * once a minute at most. Spans that start inside `withTask` or `withExecution` are stamped with their ids.
 *
 * With `EVOLUTION_DISABLED=true` in the environment it takes nothing and opens nothing.
 *
 * `shutdown` writes what is queued and closes the database if the processor opened it. A process that ends
 * without it loses nothing either: what cannot be written by then is kept in the file `<database>.spool`,
 * which the next opening of the database stores; spans that were open are stored as unfinished.
 *
 * @throws ConfigError for an option out of range or a database URL of an unknown kind.
 */
export class EvolutionSpanProcessor {
  readonly #queue: SpanQueueProcessor;
  readonly #feeds: Feeds;
  readonly #disabled = readGuestEnvironment().disabled;

  constructor(options: EvolutionSpanProcessorOptions = {}) {
    assertKnownKeys('EvolutionSpanProcessor', options, processorOptions);
    const target = openTarget(options, {
      onStart: (span, parentContext) => this.onStart(span, parentContext),
      onEnd: (span) => this.onEnd(span),
    });
    this.#feeds = target.feeds;
    this.#queue = new SpanQueueProcessor(target.sink, {
      stallTimeoutMillis: target.stallTimeoutMillis,
      ...options,
      stamp: stampOf,
      spool: target.spool ?? undefined,
      close: target.close,
    });
    target.attach(feedOf('processor', this.#queue));
  }

  onStart(span: StartedSpan, parentContext: Context): void {
    if (this.#disabled) return;
    try {
      this.#queue.onStart(span, parentContext);
      this.#feeds.started(span);
    } catch (error) {
      reportProblem('a span that started was missed', error);
    }
  }

  onEnd(span: ReadableSpan): void {
    if (this.#disabled) return;
    try {
      if (this.#queue.onEnd(span)) this.#feeds.queued(span);
    } catch (error) {
      reportProblem('a span that ended was missed', error);
    }
  }

  /** Rejects when some spans could not be stored; at the latest after 1.2 s while the database fails. */
  forceFlush(): Promise<void> {
    return this.#queue.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#queue.shutdown();
  }

  /** Spans stored, kept in the spool, dropped by reason and waiting, since the start. */
  stats(): SpanQueueStats {
    return this.#queue.stats();
  }
}

/**
 * A span exporter for use behind your own `BatchSpanProcessor`. Concurrent exports are written one
 * after the other; `shutdown` waits for them. What your batch processor still holds when the process ends
 * is out of its reach: shut the provider down, or use `EvolutionSpanProcessor`.
 *
 * @throws ConfigError for an option out of range or a database URL of an unknown kind.
 */
export class EvolutionExporter {
  readonly #exporter: SpanSinkExporter;

  constructor(options: EvolutionExporterOptions = {}) {
    assertKnownKeys('EvolutionExporter', options, exporterOptions);
    const target = openTarget(options, null);
    this.#exporter = new SpanSinkExporter(target.sink, {
      stallTimeoutMillis: target.stallTimeoutMillis,
      ...options,
      spool: target.spool ?? undefined,
      close: target.close,
    });
    target.attach(feedOf('exporter', this.#exporter));
  }

  /** `resultCallback` runs exactly once, when the spans are stored or given up. */
  export(spans: readonly ReadableSpan[], resultCallback: (result: ExportResult) => void): void {
    this.#exporter.export(spans, resultCallback);
  }

  /**
   * Resolves when every export begun before the call is stored; rejects when the database fails for 1.2 s, or
   * at the deadline.
   */
  forceFlush(): Promise<void> {
    return this.#exporter.forceFlush();
  }

  /** Waits for the writes under way, then closes the database if the exporter opened it. Never rejects. */
  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  /** Spans stored, kept in the spool and dropped by reason, since the start. */
  stats(): SpanCounts {
    return this.#exporter.stats();
  }
}
