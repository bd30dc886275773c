import type { Refusal, SpanSink } from '../model/ports';
import type { Resource, SpanRecord } from '../model/span';
import { AwakeBudget, timedOut } from './deadline';
import { tellOperator } from './operator-notice';
import type { ReadableResource, ReadableSpan } from './readable-span';
import { toResource, toSpanRecord } from './to-span-record';

const FIRST_RETRY_DELAY_MILLIS = 100;
const MAX_RETRY_DELAY_MILLIS = 5_000;
/** The codes of `StoreUnavailableError`; by code, since the class may have been loaded twice. */
const retryableCodes: ReadonlySet<unknown> = new Set(['database_unavailable', 'database_full']);

/** The sink, or what opens it: called at the first write, off the hot path and untraced. */
export type SpanSinkSource = SpanSink | (() => Promise<SpanSink>);

export interface MappedSpan {
  readonly record: SpanRecord;
  /** Estimated, of the record. */
  readonly bytes: number;
  /** The SDK's resource, where its asynchronous attributes had not settled at mapping. */
  readonly pendingResource: ReadableResource | null;
}

export type WriteOutcome =
  | { readonly ok: true; readonly refused: readonly Refusal[] }
  | { readonly ok: false; readonly errorType: string; readonly error: unknown };

/** Brings batches into the sink: opens it once, retries what may succeed later, never rejects. */
export class SpanWriter {
  readonly #source: SpanSinkSource;
  readonly #budgetMillis: number;
  readonly #monotonicMillis: () => number;
  #opening: Promise<SpanSink> | null = null;
  #trouble: unknown = null;
  #stopped = false;

  constructor(source: SpanSinkSource, budgetMillis: number, monotonicMillis: () => number) {
    this.#source = source;
    this.#budgetMillis = budgetMillis;
    this.#monotonicMillis = monotonicMillis;
  }

  /** Why the last attempt failed; `null` when it did not. */
  get trouble(): unknown {
    return this.#trouble;
  }

  /** No further attempts: what is under way is the last. */
  stop(): void {
    this.#stopped = true;
  }

  async write(spans: readonly MappedSpan[]): Promise<WriteOutcome> {
    const budget = new AwakeBudget(this.#budgetMillis, this.#monotonicMillis);
    let delayMillis = FIRST_RETRY_DELAY_MILLIS;
    for (;;) {
      try {
        const refused = await budget.spend(this.#attempt(spans));
        if (refused === timedOut) {
          return { ok: false, errorType: 'timeout', error: 'the sink did not answer in time' };
        }
        this.#trouble = null;
        return { ok: true, refused };
      } catch (error) {
        this.#complain(error);
        if (this.#stopped || !isRetryable(error) || budget.leftMillis <= delayMillis) {
          return { ok: false, errorType: errorTypeOf(error), error };
        }
        await budget.spend(sleep(delayMillis));
        delayMillis = Math.min(2 * delayMillis, MAX_RETRY_DELAY_MILLIS);
      }
    }
  }

  /** At the first failed attempt, not when the time for the batch is over: somebody may be able to help. */
  #complain(error: unknown): void {
    const isNew = this.#trouble === null;
    this.#trouble = error;
    if (isNew && !this.#stopped)
      tellOperator('database', 'spans cannot be stored at present', error);
  }

  async #attempt(spans: readonly MappedSpan[]): Promise<readonly Refusal[]> {
    const records = await settleResources(spans);
    const sink = await this.#open();
    const { refused } = await sink.accept({ spans: records });
    return refused.filter((refusal) => refusal.part === 'spans');
  }

  #open(): Promise<SpanSink> {
    const source = this.#source;
    if (typeof source !== 'function') return Promise.resolve(source);
    this.#opening ??= Promise.resolve(source()).catch((error: unknown) => {
      this.#opening = null; // the next write tries again
      throw error;
    });
    return this.#opening;
  }
}

/** Reads a finished span; a pending resource is left for the writer, who can wait. */
export function mapSpan(span: ReadableSpan): MappedSpan {
  const meter = { bytes: 0, dropped: 0 };
  const pending = span.resource.asyncAttributesPending === true;
  const record = toSpanRecord(span, meter, pending ? unsettled : undefined);
  return { record, bytes: meter.bytes, pendingResource: pending ? span.resource : null };
}

/** The record of a mapped span for those who cannot wait: a pending resource as far as it is known. */
export function recordOf({ record, pendingResource }: MappedSpan): SpanRecord {
  return pendingResource === null ? record : { ...record, resource: toResource(pendingResource) };
}

const unsettled: Resource = {
  attributes: Object.create(null) as Resource['attributes'],
  droppedAttributesCount: 0,
  schemaUrl: null,
};

async function settleResources(spans: readonly MappedSpan[]): Promise<readonly SpanRecord[]> {
  for (const resource of new Set(spans.map((span) => span.pendingResource))) {
    await resource?.waitForAsyncAttributes?.();
  }
  return spans.map(recordOf);
}

function sleep(millis: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, millis).unref());
}

function isRetryable(error: unknown): boolean {
  return retryableCodes.has(codeOf(error));
}

function errorTypeOf(error: unknown): string {
  const code = codeOf(error);
  if (typeof code === 'string') return code;
  return error instanceof Error ? error.name : 'unknown';
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
