import type { Attributes, Counter, MeterProvider } from '@opentelemetry/api';
import { reportProblem } from './report-problem';

/** At most one warning about lost spans in this time. */
const WARNING_INTERVAL_MILLIS = 60_000;

export interface SpanCounts {
  /** `otel.sdk.processor.span.processed` without `error.type`: durable in the sink. */
  readonly processed: number;
  /** The same metric by `error.type`: `queue_full`, `timeout`, … */
  readonly dropped: Readonly<Record<string, number>>;
}

/** Counts what became of every span, under OpenTelemetry's names, and says so when some are lost. */
export class SpanAccount {
  readonly #component: string;
  readonly #monotonicMillis: () => number;
  readonly #counter: Counter | null;
  readonly #dropped = new Map<string, number>();
  #processed = 0;
  #unreported = 0;
  #lastWarningMillis = -Infinity;

  constructor(
    component: string,
    monotonicMillis: () => number,
    meterProvider: MeterProvider | undefined,
  ) {
    this.#component = component;
    this.#monotonicMillis = monotonicMillis;
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

  addDropped(spans: number, errorType: string, reason?: unknown): void {
    if (spans === 0) return;
    this.#dropped.set(errorType, (this.#dropped.get(errorType) ?? 0) + spans);
    this.#unreported += spans;
    this.#count(spans, { 'error.type': errorType });
    this.#warn(errorType, reason);
  }

  counts(): SpanCounts {
    return { processed: this.#processed, dropped: Object.fromEntries(this.#dropped) };
  }

  /** The meter is the application's own, and may throw. */
  #count(spans: number, attributes: Attributes): void {
    try {
      this.#counter?.add(spans, { 'otel.component.type': this.#component, ...attributes });
    } catch (error) {
      reportProblem('could not count spans', error);
    }
  }

  #warn(errorType: string, reason: unknown): void {
    const nowMillis = this.#monotonicMillis();
    if (nowMillis - this.#lastWarningMillis < WARNING_INTERVAL_MILLIS) return;
    this.#lastWarningMillis = nowMillis;
    const spans = this.#unreported;
    this.#unreported = 0;
    reportProblem(`${spans} span(s) dropped by ${this.#component} (${errorType})`, reason);
  }
}
