import type { Context } from '@opentelemetry/api';
import { readCaptureContent } from '../config';
import { parseDatabaseUrl } from '../database-url';
import { assertKnownKeys } from '../errors';
import type { RedactionHook } from '../model/span';
import { createSpanTracker, stampOf } from '../instrumentation';
import type {
  ReadableSpan,
  SpanExporterOptions,
  SpanQueueOptions,
  SpanQueueStats,
  StartedSpan,
} from '../otel';
import { SpanQueueProcessor, SpanSinkExporter } from '../otel';
import { openEvolution } from './create-evolution';
import type { Evolution } from './evolution';
import { registerInstance } from './instance';

/** Where the spans go: a database of its own, opened at the first write, or an opened instance. */
export type EvolutionTarget =
  | {
      readonly databaseUrl?: string | undefined;
      readonly captureContent?: boolean | undefined;
      /** Your own redaction, before anything is stored; or the path of a module with one. */
      readonly redact?: RedactionHook | string | undefined;
    }
  | { readonly evolution: Evolution };

export type EvolutionSpanProcessorOptions = EvolutionTarget &
  Omit<SpanQueueOptions, 'stamp' | 'close'>;
export type EvolutionExporterOptions = EvolutionTarget & Omit<SpanExporterOptions, 'close'>;

type KeysOf<T> = T extends unknown ? keyof T : never;

const exporterOptions: readonly KeysOf<EvolutionExporterOptions>[] = [
  'evolution',
  'databaseUrl',
  'captureContent',
  'redact',
  'writeTimeoutMillis',
  'flushTimeoutMillis',
  'meterProvider',
  'monotonicMillis',
];
const processorOptions: readonly KeysOf<EvolutionSpanProcessorOptions>[] = [
  ...exporterOptions,
  'maxQueueSize',
  'maxQueueBytes',
  'maxBatchSize',
  'scheduledDelayMillis',
  'recordUnsampled',
];

/**
 * A span processor beside the exporters you already have. It never throws, never blocks and never
 * changes an ended span; what it cannot keep it drops, counts (`stats()`) and reports by `diag`.
 * Spans that start inside `withTask` or `withExecution` are stamped with their ids.
 *
 * `shutdown` writes what is queued and closes the database if the processor opened it.
 *
 * @throws ConfigError for an option out of range or a database URL of an unknown kind.
 */
export class EvolutionSpanProcessor {
  readonly #queue: SpanQueueProcessor;

  constructor(options: EvolutionSpanProcessorOptions = {}) {
    assertKnownKeys('EvolutionSpanProcessor', options, processorOptions);
    const target = openTarget(options);
    this.#queue = new SpanQueueProcessor(target.sink, {
      ...options,
      stamp: stampOf,
      close: target.close,
    });
  }

  onStart(span: StartedSpan, parentContext: Context): void {
    this.#queue.onStart(span, parentContext);
  }

  onEnd(span: ReadableSpan): void {
    this.#queue.onEnd(span);
  }

  forceFlush(): Promise<void> {
    return this.#queue.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#queue.shutdown();
  }

  /** Spans written, dropped by reason and waiting since the start. */
  stats(): SpanQueueStats {
    return this.#queue.stats();
  }
}

/**
 * A span exporter for use behind your own `BatchSpanProcessor`. Concurrent exports are written one
 * after the other; `shutdown` waits for them.
 *
 * @throws ConfigError for an option out of range or a database URL of an unknown kind.
 */
export class EvolutionExporter extends SpanSinkExporter {
  constructor(options: EvolutionExporterOptions = {}) {
    assertKnownKeys('EvolutionExporter', options, exporterOptions);
    const target = openTarget(options);
    super(target.sink, { ...options, close: target.close });
  }
}

function openTarget(target: EvolutionTarget): {
  sink: () => Promise<Evolution['sink']>;
  close: () => Promise<void>;
} {
  if ('evolution' in target) {
    const { evolution } = target;
    return { sink: () => Promise.resolve(evolution.sink), close: () => Promise.resolve() };
  }
  // Here and not at the first write, so that a typing error is seen where it was made.
  if (target.databaseUrl !== undefined) parseDatabaseUrl(target.databaseUrl);
  let opening: Promise<Evolution> | null = null;
  const open = (): Promise<Evolution> => {
    opening ??= openEvolution({
      databaseUrl: target.databaseUrl,
      captureContent: target.captureContent,
      redact: target.redact,
    }).then(
      (evolution) => {
        registration.replace({ tracker: evolution.tracker, open });
        return evolution;
      },
      (error: unknown) => {
        opening = null; // the next write tries again: the database may be back
        throw error;
      },
    );
    return opening;
  };
  const tracker = createSpanTracker({
    resolveSpanId: async (spanId) => (await open()).store.getSpan({ spanId }),
    captureContent: readCaptureContent(target.captureContent),
    learn: async () => (await open()).learner.learnInBackground(),
  });
  const registration = registerInstance({ tracker, open });
  return {
    sink: async () => (await open()).sink,
    async close() {
      registration.forget();
      await tracker.background.settled();
      await (await opening)?.close();
    },
  };
}
