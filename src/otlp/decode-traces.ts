import type { SpanRecord } from '../model/span';
import { decodeRecords } from './decode-records';
import type { DecodedRecords, OtlpEncoding, RefusedRecord } from './decoded-records';
import { requestOf } from './json-fields';
import { readTracesJson } from './json-traces';
import type { OtlpLimits } from './otlp-limits';
import { parseJsonBody } from './parse-json-body';
import { ProtobufReader } from './protobuf-reader';
import { readTracesRequest } from './protobuf-traces';

export interface DecodedTraces {
  /** In the order sent; those of one resource or scope share its object. */
  readonly spans: readonly SpanRecord[];
  /** Position of each among all that were sent, from 0. */
  readonly positions: readonly number[];
  readonly refused: readonly RefusedRecord[];
  /** Spans beyond `maxRecords`: refused too, but not looked at. */
  readonly overLimit: number;
}

/**
 * Decodes the body of `POST /v1/traces`. Both encodings of a request give equal records.
 *
 * @throws OtlpDecodeError when the body as a whole cannot be decoded
 * @see https://opentelemetry.io/docs/specs/otlp/
 */
export function decodeTraces(
  body: Uint8Array,
  encoding: OtlpEncoding,
  limits: Partial<OtlpLimits> = {},
): DecodedTraces {
  if (encoding === 'json') return decodeTracesJson(parseJsonBody(body, limits), limits);
  return toTraces(
    decodeRecords(limits, (budget, records) => {
      readTracesRequest(new ProtobufReader(body, budget), records);
    }),
  );
}

/**
 * The same from a parsed JSON value, as the Collector's file exporter writes one a line.
 *
 * @throws OtlpDecodeError when it is no traces request
 */
export function decodeTracesJson(value: unknown, limits: Partial<OtlpLimits> = {}): DecodedTraces {
  return toTraces(
    decodeRecords(limits, (budget, records) => {
      readTracesJson(requestOf(value, 'resourceSpans'), budget, records);
    }),
  );
}

function toTraces(records: DecodedRecords<SpanRecord>): DecodedTraces {
  const { kept, positions, refused, overLimit } = records;
  return { spans: kept, positions, refused, overLimit };
}
