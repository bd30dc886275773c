import type { IngestBatch, IngestResult, OtlpObservation, SpanSink } from '../model/ports';
import { decodeLogs } from './decode-logs';
import { decodeTraces } from './decode-traces';
import type { OtlpEncoding, RefusedRecord } from './decoded-records';
import type { OtlpLimits } from './otlp-limits';

export interface RequestKind {
  readonly signal: OtlpObservation['signal'];
  readonly encoding: OtlpEncoding;
}

export interface DecodedRequest extends Sorted {
  readonly batch: IngestBatch;
}

export interface StoredRequest extends Sorted {
  /** Counts in the kept records. */
  readonly result: IngestResult;
}

/** What the decoder kept of a request, and what it did not. */
interface Sorted {
  /** Of the kept records among all that were sent, from 0. */
  readonly positions: readonly number[];
  readonly refused: readonly RefusedRecord[];
  readonly overLimit: number;
}

/**
 * Decodes one body, which is the intake's from then on, and stores what it holds. Rejects with `OtlpDecodeError` for one that is no request,
 * else like a sink. `onStored` hears how many records have been taken since it heard last.
 */
export type OtlpIntake = (
  body: Uint8Array,
  kind: RequestKind,
  onStored?: (records: number) => void,
) => Promise<StoredRequest>;

export function createOtlpIntake(sink: SpanSink, limits: OtlpLimits): OtlpIntake {
  return async (body, kind, onStored) => {
    const { batch, ...sorted } = decodeRequest(body, kind, limits);
    const results: IngestResult[] = [];
    for (const { from, part } of sliceBatch(batch)) {
      const result = await sink.accept(part);
      onStored?.(result.accepted);
      results.push(movedBy(from, result));
    }
    return { ...sorted, result: joinResults(results) };
  };
}

/** So many records of a request are understood and stored at once; between two others get their turn. */
export const sliceRecords = 500;

export interface BatchSlice {
  /** Position of its first record in the batch. */
  readonly from: number;
  readonly part: IngestBatch;
}

/** The batch of one request in parts; an empty one has none. */
export function sliceBatch({ spans, logs = [] }: IngestBatch): readonly BatchSlice[] {
  const slices: BatchSlice[] = [];
  for (let from = 0; from < Math.max(spans.length, logs.length); from += sliceRecords) {
    const to = from + sliceRecords;
    slices.push({ from, part: { spans: spans.slice(from, to), logs: logs.slice(from, to) } });
  }
  return slices;
}

/** A slice counts from its own beginning, the request from the request's. */
export function movedBy(from: number, result: IngestResult): IngestResult {
  const moved = <T extends { readonly index: number }>(all: readonly T[]): T[] =>
    all.map((one) => ({ ...one, index: one.index + from }));
  const { reduced } = result;
  return { ...result, refused: moved(result.refused), ...(reduced && { reduced: moved(reduced) }) };
}

export function joinResults(results: readonly IngestResult[]): IngestResult {
  const reduced = results.flatMap((result) => result.reduced ?? []);
  return {
    accepted: results.reduce((sum, { accepted }) => sum + accepted, 0),
    duplicates: results.reduce((sum, { duplicates }) => sum + duplicates, 0),
    refused: results.flatMap(({ refused }) => refused),
    ...(reduced.length > 0 && { reduced }),
  };
}

/** @throws OtlpDecodeError for a body that is no request */
export function decodeRequest(
  body: Uint8Array,
  { signal, encoding }: RequestKind,
  limits: OtlpLimits,
): DecodedRequest {
  if (signal === 'traces') {
    const { spans, ...rest } = decodeTraces(body, encoding, limits);
    return { batch: { spans }, ...rest };
  }
  const { logs, ...rest } = decodeLogs(body, encoding, limits);
  return { batch: { spans: [], logs }, ...rest };
}
