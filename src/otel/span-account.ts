import type { Attributes, Counter, MeterProvider } from '@opentelemetry/api';
import type { SpanRecord } from '../model/span';
import { tellOperator } from './operator-notice';
import { reportProblem } from './report-problem';
import { withoutTracing } from './suppress-tracing';

/** Losses are collected this long, so that the first line about them has their number. */
const FIRST_REPORT_MILLIS = 1_000;
const REPORT_INTERVAL_MILLIS = 60_000;

export interface SpanCounts {
  /** `otel.sdk.processor.span.processed` without `error.type`: durable in the sink. */
  readonly processed: number;
  /** Durable in the spool file, which the next opening of the database stores. */
  readonly spooled: number;
  /** The same metric by `error.type`: `queue_full`, `timeout`, … */
  readonly dropped: Readonly<Record<string, number>>;
}

/** Counts what became of every span, under OpenTelemetry's names, and says so when some are lost. */
export class SpanAccount {
  readonly #component: string;
  readonly #counter: Counter | null;
  readonly #dropped = new Map<string, number>();
  #processed = 0;
  #spooled = 0;
  /** Dropped and not told yet, by `error.type`, and why the last of them was. */
  readonly #untold = new Map<string, number>();
  #lastReason: unknown;
  #timer: NodeJS.Timeout | null = null;
  #told = false;

  constructor(component: string, meterProvider: MeterProvider | undefined) {
    this.#component = component;
    this.#counter =
      meterProvider?.getMeter('otel-evolution').createCounter('otel.sdk.processor.span.processed', {
        unit: '{span}',
        description: 'Spans whose processing has finished, successfully or not',
      }) ?? null;
  }

  addProcessed(spans: number): void {
    if (spans === 0) return;
    this.#processed += spans;
    this.#count(spans, {});
  }

  addSpooled(spans: number): void {
    if (spans === 0) return;
    this.#spooled += spans;
    this.#count(spans, { 'error.type': 'spooled' });
  }

  addDropped(spans: number, errorType: string, reason?: unknown): void {
    if (spans === 0) return;
    add(this.#dropped, errorType, spans);
    add(this.#untold, errorType, spans);
    this.#lastReason = reason ?? this.#lastReason;
    this.#count(spans, { 'error.type': errorType });
    if (this.#timer !== null) return;
    const delayMillis = this.#told ? REPORT_INTERVAL_MILLIS : FIRST_REPORT_MILLIS;
    this.#timer = withoutTracing(() => setTimeout(() => this.tellLosses(), delayMillis));
    this.#timer.unref();
  }

  /** For spans that cannot be written any more. Returns why they are lost; `null` when they are not. */
  spoolOrDrop(
    spans: readonly SpanRecord[],
    spool: ((spans: readonly SpanRecord[]) => void) | null,
    errorType: string,
    cause: unknown,
  ): unknown {
    if (spans.length === 0) return null;
    let lost = cause;
    try {
      spool?.(spans);
      if (spool !== null) lost = null;
    } catch (error) {
      lost = error;
    }
    if (lost === null) this.addSpooled(spans.length);
    else this.addDropped(spans.length, errorType, lost);
    return lost;
  }

  counts(): SpanCounts {
    return {
      processed: this.#processed,
      spooled: this.#spooled,
      dropped: Object.fromEntries(this.#dropped),
    };
  }

  /** Says how many spans were lost since the last time, and why; nothing where none were. */
  tellLosses(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#untold.size === 0) return;
    const total = [...this.#untold.values()].reduce((sum, spans) => sum + spans, 0);
    const reasons = [...this.#untold].map(([type, spans]) => `${type} ${spans}`).join(', ');
    this.#untold.clear();
    this.#told = true;
    tellOperator(
      `dropped ${this.#component}`,
      `${total} span(s) lost by ${this.#component} (${reasons})`,
      this.#lastReason,
    );
  }

  /** The meter is the application's own, and may throw. */
  #count(spans: number, attributes: Attributes): void {
    try {
      this.#counter?.add(spans, { 'otel.component.type': this.#component, ...attributes });
    } catch (error) {
      reportProblem('could not count spans', error);
    }
  }
}

function add(counts: Map<string, number>, key: string, more: number): void {
  counts.set(key, (counts.get(key) ?? 0) + more);
}
