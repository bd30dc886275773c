import { TraceFlags, type Context } from '@opentelemetry/api';
import { timedOut, within } from './deadline';
import type { ReadableSpan, StartedSpan } from './readable-span';
import { reportProblem } from './report-problem';
import { SpanAccount, type SpanCounts } from './span-account';
import {
  resolveSpanQueueOptions,
  type ResolvedSpanQueueOptions,
  type SpanQueueOptions,
} from './span-queue-options';
import { mapSpan, SpanWriter, type MappedSpan, type SpanSinkSource } from './span-writer';
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
 * enqueues; one writer at a time works the queue off. No hook throws and no promise rejects: what goes
 * wrong is counted, and reported by `diag` at most once a minute.
 */
export class SpanQueueProcessor {
  readonly #options: ResolvedSpanQueueOptions;
  readonly #account: SpanAccount;
  readonly #writer: SpanWriter;
  readonly #waiting: MappedSpan[] = [];
  /** Waiting and being written. */
  #heldSpans = 0;
  #heldBytes = 0;
  /** Spans ever enqueued, and those of them that are done with. */
  #enqueued = 0;
  #settled = 0;
  #timer: NodeJS.Timeout | null = null;
  #draining: Promise<void> | null = null;
  #shutdown: Promise<void> | null = null;

  /** @throws ConfigError for a size or a time that is not a positive number. */
  constructor(sink: SpanSinkSource, options: SpanQueueOptions = {}) {
    this.#options = resolveSpanQueueOptions(options);
    const { monotonicMillis, meterProvider, writeTimeoutMillis } = this.#options;
    this.#account = new SpanAccount('evolution_span_processor', monotonicMillis, meterProvider);
    this.#writer = new SpanWriter(sink, writeTimeoutMillis, monotonicMillis);
  }

  onStart(span: StartedSpan, parentContext: Context): void {
    try {
      const stamped = this.#options.stamp(parentContext);
      if (stamped === null) return;
      for (const [key, value] of Object.entries(stamped)) {
        if (value === undefined || Object.hasOwn(span.attributes, key)) continue;
        span.setAttribute(key, value);
      }
    } catch (error) {
      reportProblem('could not stamp a span', error);
    }
  }

  onEnd(span: ReadableSpan): void {
    try {
      const sampled = (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;
      if (sampled || this.#options.recordUnsampled) this.#enqueue(span);
    } catch (error) {
      this.#account.addDropped(1, 'mapping_failed', error);
    }
  }

  /** Resolves when every span that ended before the call is written or dropped, or at the deadline. */
  forceFlush(): Promise<void> {
    return this.#shutdown ?? withoutTracing(() => this.#flush());
  }

  /** Flushes, drops and counts what the deadline left over, runs `close`. Later calls join the first. */
  shutdown(): Promise<void> {
    this.#shutdown ??= withoutTracing(() => this.#finish());
    return this.#shutdown;
  }

  stats(): SpanQueueStats {
    return {
      ...this.#account.counts(),
      queueSize: this.#heldSpans,
      queueCapacity: this.#options.maxQueueSize,
      queueBytes: this.#heldBytes,
    };
  }

  #enqueue(span: ReadableSpan): void {
    const { maxQueueSize, maxQueueBytes, maxBatchSize } = this.#options;
    if (this.#shutdown !== null) return this.#account.addDropped(1, 'already_shutdown');
    if (this.#heldSpans >= maxQueueSize) return this.#account.addDropped(1, 'queue_full');
    const mapped = mapSpan(span);
    if (this.#heldBytes + mapped.bytes > maxQueueBytes)
      return this.#account.addDropped(1, 'queue_full');
    this.#waiting.push(mapped);
    this.#heldSpans += 1;
    this.#heldBytes += mapped.bytes;
    this.#enqueued += 1;
    if (this.#waiting.length === maxBatchSize) withoutTracing(() => setImmediate(this.#start));
    else if (this.#timer === null && this.#draining === null) this.#scheduleStart();
  }

  #scheduleStart(): void {
    this.#timer = withoutTracing(() => setTimeout(this.#start, this.#options.scheduledDelayMillis));
    this.#timer.unref();
  }

  readonly #start = (): void => {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#draining ??= this.#drain()
      .catch((error: unknown) => reportProblem('the span writer failed', error))
      .finally(() => {
        this.#draining = null;
        if (this.#waiting.length > 0) this.#scheduleStart();
      });
  };

  async #drain(): Promise<void> {
    const { maxBatchSize } = this.#options;
    do {
      await this.#write(this.#waiting.splice(0, maxBatchSize));
    } while (this.#waiting.length >= maxBatchSize);
  }

  async #write(batch: readonly MappedSpan[]): Promise<void> {
    if (batch.length === 0) return;
    const outcome = await this.#writer.write(batch);
    this.#release(batch);
    if (!outcome.ok)
      return this.#account.addDropped(batch.length, outcome.errorType, outcome.error);
    const refused = outcome.refused.length;
    this.#account.addProcessed(batch.length - refused);
    this.#account.addDropped(refused, 'input_refused', outcome.refused[0]?.reason);
  }

  #release(spans: readonly MappedSpan[]): void {
    this.#settled += spans.length;
    this.#heldSpans -= spans.length;
    for (const span of spans) this.#heldBytes -= span.bytes;
  }

  async #flush(): Promise<void> {
    const through = this.#enqueued;
    const flushed = async () => {
      while (this.#settled < through) {
        this.#start();
        await this.#draining;
      }
    };
    const { flushTimeoutMillis } = this.#options;
    const ended = await within(flushTimeoutMillis, flushed(), { keepAlive: true });
    if (ended !== timedOut) return;
    reportProblem(
      `flush gave up after ${flushTimeoutMillis} ms`,
      `${through - this.#settled} span(s) wait`,
    );
  }

  async #finish(): Promise<void> {
    const { close, flushTimeoutMillis, monotonicMillis } = this.#options;
    const deadline = monotonicMillis() + flushTimeoutMillis;
    await this.#flush();
    const left = this.#waiting.splice(0);
    this.#release(left);
    this.#account.addDropped(left.length, 'shutdown_timeout');
    if (this.#timer !== null) clearTimeout(this.#timer);
    try {
      await within(deadline - monotonicMillis(), close(), { keepAlive: true });
    } catch (error) {
      reportProblem('closing failed', error);
    }
  }
}
