import { StoreUnavailableError } from '../errors';
import { within } from './deadline';
import { CLOSE_AFTER_FAILURE_MILLIS, doneInTime } from './patience';
import type { ReadableSpan } from './readable-span';
import { reportProblem } from './report-problem';
import { SpanAccount, type SpanCounts } from './span-account';
import {
  resolveSpanQueueOptions,
  type SpanQueueOptions,
  type SpanQueueParts,
} from './span-queue-options';
import {
  mapSpan,
  recordOf,
  SpanWriter,
  type MappedSpan,
  type SpanSinkSource,
  type WriteOutcome,
} from './span-writer';
import { withoutTracing } from './suppress-tracing';

export type SpanExporterOptions = Pick<
  SpanQueueOptions,
  | 'exportTimeoutMillis'
  | 'writeTimeoutMillis'
  | 'flushTimeoutMillis'
  | 'stallTimeoutMillis'
  | 'meterProvider'
  | 'monotonicMillis'
>;

/** The SDK's `ExportResult`: code 0 is success, 1 failure. */
export interface ExportResult {
  readonly code: 0 | 1;
  readonly error?: Error;
}

/** One call of `export` that has not been answered. */
interface Job {
  readonly spans: readonly MappedSpan[];
  readonly answer: (result: ExportResult) => void;
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
  readonly #jobs = new Set<Job>();
  #writes: Promise<void> = Promise.resolve();
  #shutdown: Promise<void> | null = null;

  /** @throws ConfigError for a time that is not a positive number. */
  constructor(
    sink: SpanSinkSource,
    options: SpanExporterOptions & Omit<SpanQueueParts, 'stamp'> = {},
  ) {
    this.#options = resolveSpanQueueOptions(options);
    const { monotonicMillis, meterProvider, exportTimeoutMillis } = this.#options;
    this.#account = new SpanAccount('evolution_span_exporter', meterProvider);
    this.#writer = new SpanWriter(sink, exportTimeoutMillis, monotonicMillis);
  }

  export(spans: readonly ReadableSpan[], resultCallback: (result: ExportResult) => void): void {
    if (this.#shutdown !== null) {
      this.#account.addDropped(spans.length, 'already_shutdown');
      answer(resultCallback, failure('the exporter is shut down'));
      return;
    }
    const job: Job = {
      spans: this.#mapAll(spans),
      answer: (result) => answer(resultCallback, result),
    };
    this.#jobs.add(job);
    this.#writes = withoutTracing(() => this.#writeAfter(this.#writes, job));
  }

  /**
   * Resolves when every export begun before the call is stored; rejects when the sink fails for 1.2 s, or
   * at the deadline.
   */
  async forceFlush(): Promise<void> {
    if (this.#shutdown !== null) return this.#shutdown;
    if (await withoutTracing(() => this.#settle())) return;
    throw new StoreUnavailableError('flush gave up: some spans are not stored yet', {
      cause: this.#cause,
    });
  }

  /** Waits for the writes under way, then runs `close`. Never rejects; later calls join the first. */
  shutdown(): Promise<void> {
    this.#shutdown ??= withoutTracing(() => this.#finish());
    return this.#shutdown;
  }

  /** Whether something waits that `rescue` would have to keep. */
  get pending(): boolean {
    return this.#jobs.size > 0;
  }

  /** At the end of the process, where there is time. */
  conclude(): Promise<void> {
    return this.forceFlush();
  }

  /** At the end of the process, when nothing can be awaited: what is under way goes to the spool. */
  rescue(): void {
    this.#giveUp('process_exit');
    this.#account.tellLosses();
  }

  stats(): SpanCounts {
    return this.#account.counts();
  }

  async #writeAfter(previous: Promise<void>, job: Job): Promise<void> {
    await previous;
    if (!this.#jobs.has(job)) return; // given up
    const outcome = await this.#writer.write(job.spans);
    if (!this.#jobs.delete(job)) return; // given up meanwhile, and accounted for
    job.answer(this.#conclude(job.spans.length, outcome));
  }

  get #cause(): unknown {
    return this.#writer.trouble ?? 'the database does not answer';
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

  /** Whether everything begun so far was answered before patience ran out. */
  #settle(): Promise<boolean> {
    const signs = { progress: () => this.#jobs.size, trouble: () => this.#writer.trouble };
    return doneInTime(this.#writes, signs, this.#options);
  }

  async #finish(): Promise<void> {
    const { close, flushTimeoutMillis, monotonicMillis } = this.#options;
    const deadline = monotonicMillis() + flushTimeoutMillis;
    const written = await this.#settle();
    this.#writer.stop();
    if (!written) this.#giveUp('shutdown_timeout');
    const leftMillis = written ? deadline - monotonicMillis() : 0;
    try {
      await within(Math.max(leftMillis, CLOSE_AFTER_FAILURE_MILLIS), close(), { keepAlive: true });
    } catch (error) {
      reportProblem('closing failed', error);
    }
    this.#account.tellLosses();
  }

  #giveUp(errorType: string): void {
    const jobs = [...this.#jobs];
    this.#jobs.clear();
    const left = jobs.flatMap(({ spans }) => spans.map(recordOf));
    const lost = this.#account.spoolOrDrop(left, this.#options.spool, errorType, this.#cause);
    for (const job of jobs) job.answer(lost === null ? { code: 0 } : failure(lost));
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
