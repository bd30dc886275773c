export { type DecodedLogs, decodeLogs } from './decode-logs';
export { type DecodedTraces, decodeTraces, decodeTracesJson } from './decode-traces';
export type { OtlpEncoding, RefusedRecord } from './decoded-records';
export { OtlpDecodeError } from './otlp-decode-error';
export { defaultOtlpLimits, type OtlpLimits } from './otlp-limits';
