export {
  createOtlpHandler,
  type OtlpHandler,
  type OtlpHandlerOptions,
  type OtlpRequest,
} from './create-otlp-handler';
export { type DecodedLogs, decodeLogs } from './decode-logs';
export { type DecodedTraces, decodeTraces, decodeTracesJson } from './decode-traces';
export type { OtlpEncoding, RefusedRecord } from './decoded-records';
export { encodeTracesJson } from './encode-traces-json';
export type { OtlpAnswer } from './otlp-answer';
export {
  type BatchSlice,
  decodeRequest,
  joinResults,
  movedBy,
  type OtlpIntake,
  type RequestKind,
  sliceBatch,
} from './otlp-intake';
export { OtlpDecodeError } from './otlp-decode-error';
export { defaultOtlpLimits, type OtlpLimits } from './otlp-limits';
export { createWriteHealth, type WriteHealth } from './write-health';
