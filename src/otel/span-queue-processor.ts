import { setImmediate as nextTurn } from 'node:timers/promises';
import { TraceFlags, type Context } from '@opentelemetry/api';
import { StoreUnavailableError } from '../errors';
import { within } from './deadline';
import { OpenSpans } from './open-spans';
import { tellOperator } from './operator-notice';
import type { ReadableSpan, StartedSpan } from './readable-span';
import { CLOSE_AFTER_FAILURE_MILLIS, doneInTime } from './patience';
import { reportProblem } from './report-problem';
import { SpanAccount, type SpanCounts } from './span-account';
import {
  resolveSpanQueueOptions,
  type ResolvedSpanQueueOptions,
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

export interface SpanQueueStats extends SpanCounts {
  /** `otel.sdk.processor.span.queue.size`: waiting or being written. */
  readonly queueSize: number;
  /** `otel.sdk.processor.span.queue.capacity`. */
  readonly queueCapacity: number;
  /** Estimated bytes of the spans in the queue. */
  readonly queueBytes: number;
}

/**
 * A span processor (SDK 2 and 3) in front of a `SpanSink`. On the application's path it only maps and
 * enqueues; one writer at a time works the queue off. No hook throws. What cannot be written goes to the
 * spool or is dropped, is counted either way, and is said on stderr at most once a minute.
 */
export class SpanQueueProcessor {
  readonly #options: ResolvedSpanQueueOptions;
  readonly #account: SpanAccount;
  readonly #writer: SpanWriter;
  readonly #open: OpenSpans<StartedSpan>;
  readonly #waiting: MappedSpan[] = [];
  #inFlight: readonly MappedSpan[] = [];
  #heldBytes = 0;
  /** Spans ever enqueued, and those of them that are done with. */
  #enqueued = 0;
  #settled = 0;
  /** The last batch that could not be written. */
  #failure: { readonly through: number; readonly error: unknown } | null = null;
  #timer: NodeJS.Timeout | null = null;
  #draining: Promise<void> | null = null;
  #shutdown: Promise<void> | null = null;

  /** @throws ConfigError for a size or a time that is not a positive number. */
  constructor(sink: SpanSinkSource, options: SpanQueueOptions & SpanQueueParts = {}) {
    this.#options = resolveSpanQueueOptions(options);
    const { monotonicMillis, meterProvider, exportTimeoutMillis } = this.#options;
    this.#account = new SpanAccount('evolution_span_processor', meterProvider);
    this.#writer = new SpanWriter(sink, exportTimeoutMillis, monotonicMillis);
    this.#open = new OpenSpans(monotonicMillis);
  }

  onStart(span: StartedSpan, parentContext: Context): void {
    try {
      this.#open.add(span);
      const stamped = this.#options.stamp(parentContext);
      if (stamped === null) return;
      for (const key of Object.keys(stamped)) {
        const value = stamped[key];
        if (value === undefined || Object.hasOwn(span.attributes, key)) continue;
        span.setAttribute(key, value);
      }
    } catch (error) {
      reportProblem('could not stamp a span', error);
    }
  }

  /** Returns whether the span is in the queue now. */
  onEnd(span: ReadableSpan): boolean {
    try {
      this.#open.delete(span as unknown as StartedSpan);
      return this.#isKept(span) && this.#enqueue(span);
    } catch (error) {
      return this.#drop('mapping_failed', error);
    }
  }

  /**
   * Resolves when every span that ended before the call is stored. Rejects, as the specification asks,
   * when some could not be: at the latest after 1.2 s where the sink fails, else at the deadline.
   */
  forceFlush(): Promise<void> {
    return this.#shutdown ?? withoutTracing(() => this.#flush());
  }

  /**
   * Writes what has ended, and what is open as unfinished; what cannot be written goes to the spool or is
   * dropped and counted. Then runs `close`. Never rejects; later calls join the first.
   */
  shutdown(): Promise<void> {
    this.#shutdown ??= withoutTracing(() => this.#finish());
    return this.#shutdown;
  }

  /** Whether something is held or open that `rescue` would have to keep. */
  get pending(): boolean {
    return this.#held > 0 || this.#open.size > 0;
  }

  /** At the end of the process, where there is time: as `forceFlush`, and what is open as unfinished. */
  conclude(): Promise<void> {
    this.#enqueueOpen();
    return this.forceFlush();
  }

  /** At the end of the process, when nothing can be awaited: all that is held or open goes to the spool. */
  rescue(): void {
    this.#enqueueOpen();
    this.#giveUp('process_exit');
    this.#account.tellLosses();
  }

  stats(): SpanQueueStats {
    return {
      ...this.#account.counts(),
      queueSize: this.#held,
      queueCapacity: this.#options.maxQueueSize,
      queueBytes: this.#heldBytes,
    };
  }

  get #held(): number {
    return this.#waiting.length + this.#inFlight.length;
  }

  #isKept(span: ReadableSpan): boolean {
    const sampled = (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;
    return sampled || this.#options.recordUnsampled;
  }

  #drop(errorType: string, error?: unknown): false {
    this.#account.addDropped(1, errorType, error);
    return false;
  }

  #enqueue(span: ReadableSpan): boolean {
    const { maxQueueSize, maxExportBatchSize } = this.#options;
    if (this.#shutdown !== null) return this.#drop('already_shutdown');
    if (this.#held >= maxQueueSize) return this.#drop('queue_full', this.#writer.trouble);
    if (!this.#hold(mapSpan(span))) return this.#drop('queue_full', this.#writer.trouble);
    if (this.#waiting.length === maxExportBatchSize) setImmediate(this.#start);
    else if (this.#timer === null && this.#draining === null) this.#scheduleStart();
    return true;
  }

  #hold(mapped: MappedSpan): boolean {
    if (!(this.#heldBytes + mapped.bytes <= this.#options.maxQueueBytes)) return false;
    this.#waiting.push(mapped);
    this.#heldBytes += mapped.bytes;
    this.#enqueued += 1;
    return true;
  }

  #enqueueOpen(): void {
    for (const span of this.#open.takeAll() as unknown as readonly ReadableSpan[]) {
      try {
        if (this.#isKept(span) && !this.#hold(mapSpan(span))) this.#drop('queue_full');
      } catch (error) {
        this.#drop('mapping_failed', error);
      }
    }
  }

  #scheduleStart(): void {
    this.#timer = withoutTracing(() => setTimeout(this.#start, this.#options.scheduledDelayMillis));
    this.#timer.unref();
  }

  /** Runs as a timer of the application's process, in whatever context that was made: never throws. */
  readonly #start = (): void => {
    try {
      if (this.#timer !== null) clearTimeout(this.#timer);
      this.#timer = null;
      this.#draining ??= withoutTracing(() => this.#drain());
    } catch (error) {
      reportProblem('the span writer did not start', error);
    }
  };

  /** Never rejects. */
  async #drain(): Promise<void> {
    const { maxExportBatchSize } = this.#options;
    try {
      await Promise.resolve(); // `#draining` is set before this can be over
      do {
        await this.#write(this.#waiting.splice(0, maxExportBatchSize));
      } while (this.#waiting.length >= maxExportBatchSize);
    } catch (error) {
      reportProblem('the span writer failed', error);
    }
    this.#draining = null;
    try {
      if (this.#waiting.length > 0) this.#scheduleStart();
    } catch (error) {
      reportProblem('the span writer waits for the next span', error);
    }
  }

  async #write(batch: readonly MappedSpan[]): Promise<void> {
    if (batch.length === 0) return;
    this.#inFlight = batch;
    const outcome = await this.#attempt(batch);
    if (this.#inFlight !== batch) return; // given up meanwhile, and accounted for
    this.#inFlight = [];
    this.#release(batch);
    if (!outcome.ok) {
      this.#failure = { through: this.#settled, error: outcome.error };
      return this.#account.addDropped(batch.length, outcome.errorType, outcome.error);
    }
    const refused = outcome.refused.length;
    this.#account.addProcessed(batch.length - refused);
    this.#account.addDropped(refused, 'input_refused', outcome.refused[0]?.reason);
  }

  /** The writer never rejects; whatever it does, these spans are accounted for. */
  async #attempt(batch: readonly MappedSpan[]): Promise<WriteOutcome> {
    try {
      return await this.#writer.write(batch);
    } catch (error) {
      return { ok: false, errorType: 'writer_failed', error };
    }
  }

  #release(spans: readonly MappedSpan[]): void {
    this.#settled += spans.length;
    for (const span of spans) this.#heldBytes -= span.bytes;
  }

  async #flush(): Promise<void> {
    const settledBefore = this.#settled;
    const through = this.#enqueued;
    if (await this.#settle(through)) {
      if (this.#failure === null || this.#failure.through <= settledBefore) return;
      throw unwritten('flush: some spans could not be stored', this.#failure.error);
    }
    const left = through - this.#settled;
    const error = unwritten(`flush gave up: ${left} span(s) are not stored yet`, this.#cause);
    tellOperator('flush', error.message, this.#cause);
    throw error;
  }

  get #cause(): unknown {
    return this.#writer.trouble ?? 'the database does not answer';
  }

  /** Whether the first `through` spans were settled before patience ran out. */
  #settle(through: number): Promise<boolean> {
    const settled = (async () => {
      while (this.#settled < through && this.#held > 0) {
        const before = this.#settled;
        this.#start();
        await this.#draining;
        // Whatever went wrong there, the application's event loop gets its turn.
        if (this.#settled === before) await nextTurn();
      }
    })();
    const signs = { progress: () => this.#settled, trouble: () => this.#writer.trouble };
    return doneInTime(settled, signs, this.#options);
  }

  async #finish(): Promise<void> {
    const { close, flushTimeoutMillis, monotonicMillis } = this.#options;
    const deadline = monotonicMillis() + flushTimeoutMillis;
    this.#enqueueOpen();
    const written = await this.#settle(this.#enqueued);
    this.#writer.stop();
    if (!written) this.#giveUp('shutdown_timeout');
    if (this.#timer !== null) clearTimeout(this.#timer);
    const leftMillis = written ? deadline - monotonicMillis() : 0;
    try {
      await within(Math.max(leftMillis, CLOSE_AFTER_FAILURE_MILLIS), close(), { keepAlive: true });
    } catch (error) {
      reportProblem('closing failed', error);
    }
    this.#account.tellLosses();
  }

  /** Nothing that is held stays so. */
  #giveUp(errorType: string): void {
    const left = [...this.#inFlight, ...this.#waiting.splice(0)];
    this.#inFlight = [];
    this.#release(left);
    this.#account.spoolOrDrop(left.map(recordOf), this.#options.spool, errorType, this.#cause);
  }
}

function unwritten(message: string, cause: unknown): StoreUnavailableError {
  return new StoreUnavailableError(message, { cause });
}
