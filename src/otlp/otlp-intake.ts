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
 * Decodes one body and stores what it holds. Rejects with `OtlpDecodeError` for one that is no request,
 * else like a sink.
 */
export type OtlpIntake = (body: Uint8Array, kind: RequestKind) => Promise<StoredRequest>;

export function createOtlpIntake(sink: SpanSink, limits: OtlpLimits): OtlpIntake {
  return async (body, kind) => {
    const { batch, ...sorted } = decodeRequest(body, kind, limits);
    const records = batch.spans.length + (batch.logs?.length ?? 0);
    const result = records === 0 ? nothing : await sink.accept(batch);
    return { ...sorted, result };
  };
}

const nothing: IngestResult = { accepted: 0, duplicates: 0, refused: [] };

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
