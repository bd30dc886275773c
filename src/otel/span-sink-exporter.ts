import { timedOut, within } from './deadline';
import type { ReadableSpan } from './readable-span';
import { reportProblem } from './report-problem';
import { SpanAccount, type SpanCounts } from './span-account';
import { resolveSpanQueueOptions, type SpanQueueOptions } from './span-queue-options';
import {
  mapSpan,
  SpanWriter,
  type MappedSpan,
  type SpanSinkSource,
  type WriteOutcome,
} from './span-writer';
import { withoutTracing } from './suppress-tracing';

export type SpanExporterOptions = Pick<
  SpanQueueOptions,
  'writeTimeoutMillis' | 'flushTimeoutMillis' | 'close' | 'meterProvider' | 'monotonicMillis'
>;

/** The SDK's `ExportResult`: code 0 is success, 1 failure. */
export interface ExportResult {
  readonly code: 0 | 1;
  readonly error?: Error;
}

/**
 * A span exporter (SDK 2 and 3) in front of a `SpanSink`, for use behind the application's own batch
 * processor. Concurrent calls are written one after the other, each callback runs exactly once, and
 * `shutdown` waits for what is under way: the SDK's processors do not.
 */
export class SpanSinkExporter {
  readonly #options: ReturnType<typeof resolveSpanQueueOptions>;
  readonly #account: SpanAccount;
  readonly #writer: SpanWriter;
  #writes: Promise<void> = Promise.resolve();
  #shutdown: Promise<void> | null = null;

  /** @throws ConfigError for a time that is not a positive number. */
  constructor(sink: SpanSinkSource, options: SpanExporterOptions = {}) {
    this.#options = resolveSpanQueueOptions(options);
    const { monotonicMillis, meterProvider, writeTimeoutMillis } = this.#options;
    this.#account = new SpanAccount('evolution_span_exporter', monotonicMillis, meterProvider);
    this.#writer = new SpanWriter(sink, writeTimeoutMillis, monotonicMillis);
  }

  export(spans: readonly ReadableSpan[], resultCallback: (result: ExportResult) => void): void {
    if (this.#shutdown !== null) {
      this.#account.addDropped(spans.length, 'already_shutdown');
      answer(resultCallback, failure('the exporter is shut down'));
      return;
    }
    this.#writes = withoutTracing(() => this.#writeAfter(this.#writes, spans, resultCallback));
  }

  /** Resolves when every export begun before the call has been answered, or at the deadline. */
  forceFlush(): Promise<void> {
    return this.#shutdown ?? this.#settle(this.#options.flushTimeoutMillis);
  }

  /** Waits for the writes under way, then runs `close`. Later calls join the first. */
  shutdown(): Promise<void> {
    this.#shutdown ??= withoutTracing(() => this.#finish());
    return this.#shutdown;
  }

  stats(): SpanCounts {
    return this.#account.counts();
  }

  async #writeAfter(
    previous: Promise<void>,
    spans: readonly ReadableSpan[],
    resultCallback: (result: ExportResult) => void,
  ): Promise<void> {
    await previous;
    const mapped = this.#mapAll(spans);
    const outcome = await this.#writer.write(mapped);
    answer(resultCallback, this.#conclude(mapped.length, outcome));
  }

  /** A span that cannot be read is left out; its neighbours live. */
  #mapAll(spans: readonly ReadableSpan[]): readonly MappedSpan[] {
    return spans.flatMap((span) => {
      try {
        return [mapSpan(span)];
      } catch (error) {
        this.#account.addDropped(1, 'mapping_failed', error);
        return [];
      }
    });
  }

  #conclude(spans: number, outcome: WriteOutcome): ExportResult {
    if (!outcome.ok) {
      this.#account.addDropped(spans, outcome.errorType, outcome.error);
      return failure(outcome.error);
    }
    this.#account.addProcessed(spans - outcome.refused.length);
    this.#account.addDropped(outcome.refused.length, 'input_refused', outcome.refused[0]?.reason);
    return { code: 0 };
  }

  async #settle(timeoutMillis: number): Promise<void> {
    const ended = await within(timeoutMillis, this.#writes, { keepAlive: true });
    if (ended === timedOut) reportProblem('flush gave up', `after ${timeoutMillis} ms`);
  }

  async #finish(): Promise<void> {
    const { close, flushTimeoutMillis, monotonicMillis } = this.#options;
    const deadline = monotonicMillis() + flushTimeoutMillis;
    await this.#settle(flushTimeoutMillis);
    try {
      await within(deadline - monotonicMillis(), close(), { keepAlive: true });
    } catch (error) {
      reportProblem('closing failed', error);
    }
  }
}

function failure(error: unknown): ExportResult {
  return { code: 1, error: error instanceof Error ? error : new Error(String(error)) };
}

function answer(resultCallback: (result: ExportResult) => void, result: ExportResult): void {
  try {
    resultCallback(result);
  } catch (error) {
    reportProblem('the export callback threw', error);
  }
}
