import type { LogRecord } from '../model/span';
import { decodeRecords } from './decode-records';
import type { OtlpEncoding, RefusedRecord } from './decoded-records';
import { requestOf } from './json-fields';
import { readLogsJson } from './json-logs';
import type { OtlpLimits } from './otlp-limits';
import { parseJsonBody } from './parse-json-body';
import { ProtobufReader } from './protobuf-reader';
import { readLogsRequest } from './protobuf-logs';

export interface DecodedLogs {
  /** Evaluation results and flag evaluations, in the order sent. */
  readonly logs: readonly LogRecord[];
  /** Position of each among all that were sent, from 0. */
  readonly positions: readonly number[];
  readonly refused: readonly RefusedRecord[];
  /** Log records of other kinds; nothing is wrong with them. */
  readonly ignored: number;
  /** Log records beyond `maxRecords`: refused too, but not looked at. */
  readonly overLimit: number;
}

/**
 * Decodes the body of `POST /v1/logs`, of which only the events `gen_ai.evaluation.result` and
 * `feature_flag.evaluation` are read.
 *
 * @throws OtlpDecodeError when the body as a whole cannot be decoded
 */
export function decodeLogs(
  body: Uint8Array,
  encoding: OtlpEncoding,
  limits: Partial<OtlpLimits> = {},
): DecodedLogs {
  const { kept, positions, refused, ignored, overLimit } = decodeRecords<LogRecord>(
    limits,
    (budget, records) => {
      if (encoding === 'json') {
        readLogsJson(requestOf(parseJsonBody(body, limits), 'resourceLogs'), budget, records);
      } else {
        readLogsRequest(new ProtobufReader(body, budget), records);
      }
    },
  );
  return { logs: kept, positions, refused, ignored, overLimit };
}
