import type { MeterProvider } from '@opentelemetry/api';
import { ConfigError } from '../errors';
import type { SpanRecord } from '../model/span';
import { tellOperatorOnce } from './operator-notice';
import type { ContextStamp } from './readable-span';

export interface SpanQueueOptions {
  /** Spans that wait or are being written; one more is dropped. @defaultValue `2048` */
  readonly maxQueueSize?: number | undefined;
  /** The same bound in estimated bytes. @defaultValue `16777216` (16 MiB) */
  readonly maxQueueBytes?: number | undefined;
  /** Spans in one write: more take the event loop longer at a time. @defaultValue `128` */
  readonly maxExportBatchSize?: number | undefined;
  /**
   * @deprecated the former name of `maxExportBatchSize`, which wins where both are given
   * @defaultValue that of `maxExportBatchSize`
   */
  readonly maxBatchSize?: number | undefined;
  /** Longest wait of a span for company, in ms. @defaultValue `1000` */
  readonly scheduledDelayMillis?: number | undefined;
  /** Time for one batch, retries included, in ms; then its spans are dropped. @defaultValue `30000` */
  readonly exportTimeoutMillis?: number | undefined;
  /**
   * @deprecated the former name of `exportTimeoutMillis`, which wins where both are given
   * @defaultValue that of `exportTimeoutMillis`
   */
  readonly writeTimeoutMillis?: number | undefined;
  /** Longest time that `forceFlush` and `shutdown` take, in ms. @defaultValue `10000` */
  readonly flushTimeoutMillis?: number | undefined;
  /**
   * Longest wait of a flush for a sink that gives no sign at all, in ms; one that fails is waited for
   * 1,200 ms. @defaultValue `5000`
   */
  readonly stallTimeoutMillis?: number | undefined;
  /** Also keeps spans that are recorded but not sampled. @defaultValue `false` */
  readonly recordUnsampled?: boolean | undefined;
  /** Receives the metric `otel.sdk.processor.span.processed`. @defaultValue none */
  readonly meterProvider?: MeterProvider | undefined;
  /** Monotonic clock, ms. @defaultValue `performance.now` */
  readonly monotonicMillis?: (() => number) | undefined;
}

/** What whoever composes a processor puts in. */
export interface SpanQueueParts {
  /**
   * Attributes put on every span that starts inside a task or an execution; what the span says itself
   * stays. @defaultValue none
   */
  readonly stamp?: ContextStamp | undefined;
  /**
   * Keeps spans durably that could not be written when time is up, without waiting for anything; throws
   * where it cannot. @defaultValue none: they are dropped
   */
  readonly spool?: ((spans: readonly SpanRecord[]) => void) | undefined;
  /** Runs once, after the last write of `shutdown`; e.g. closes the store. @defaultValue nothing */
  readonly close?: (() => Promise<void>) | undefined;
}

/** A longer timer would fire at once. */
const MAX_NUMBER = 2 ** 31 - 1;

const sizes = {
  maxQueueSize: 2_048,
  maxQueueBytes: 16 * 1_024 * 1_024,
  maxExportBatchSize: 128,
  scheduledDelayMillis: 1_000,
  exportTimeoutMillis: 30_000,
  flushTimeoutMillis: 10_000,
  stallTimeoutMillis: 5_000,
};

type SizeName = keyof typeof sizes;

/** Names of before those of OpenTelemetry's `BatchSpanProcessor` were taken. */
const formerNames: { readonly [K in SizeName]?: keyof SpanQueueOptions } = {
  maxExportBatchSize: 'maxBatchSize',
  exportTimeoutMillis: 'writeTimeoutMillis',
};

export type ResolvedSpanQueueOptions = ReturnType<typeof resolveSpanQueueOptions>;

/** @throws ConfigError for a size or a time that is not a positive number below 2^31. */
export function resolveSpanQueueOptions(options: SpanQueueOptions & SpanQueueParts) {
  return {
    ...resolveSizes(options),
    stamp: options.stamp ?? (() => null),
    recordUnsampled: options.recordUnsampled ?? false,
    spool: options.spool ?? null,
    close: options.close ?? (() => Promise.resolve()),
    meterProvider: options.meterProvider,
    monotonicMillis: options.monotonicMillis ?? (() => performance.now()),
  };
}

function resolveSizes(options: SpanQueueOptions): Readonly<typeof sizes> {
  const resolved = { ...sizes };
  for (const name of Object.keys(sizes) as SizeName[]) {
    const givenAs = options[name] === undefined ? formerNameIn(options, name) : name;
    if (givenAs === null) continue;
    const given: unknown = options[givenAs];
    if (typeof given !== 'number' || !(given > 0 && given <= MAX_NUMBER)) {
      throw new ConfigError(
        `${givenAs}: expected a number above 0, up to ${MAX_NUMBER}, got ${String(given)}`,
      );
    }
    resolved[name] = given;
  }
  return resolved;
}

/** The former name of an option if it is given under that, which is said once a process; else `null`. */
function formerNameIn(options: SpanQueueOptions, name: SizeName): keyof SpanQueueOptions | null {
  const former = formerNames[name];
  if (former === undefined || options[former] === undefined) return null;
  tellOperatorOnce(`option ${former}`, `the option ${former} is called ${name} now`);
  return former;
}
