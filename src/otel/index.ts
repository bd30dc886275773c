export type {
  ContextStamp,
  ReadableEvent,
  ReadableLink,
  ReadableResource,
  ReadableScope,
  ReadableSpan,
  StartedSpan,
} from './readable-span';
export { silenceNotices, tellOperator, tellOperatorOnce } from './operator-notice';
export { createRecordingTracer, type RecordingProcessor } from './recording-tracer';
export { reportProblem } from './report-problem';
export type { SpanCounts } from './span-account';
export type { SpanQueueOptions } from './span-queue-options';
export { SpanQueueProcessor, type SpanQueueStats } from './span-queue-processor';
export {
  SpanSinkExporter,
  type ExportResult,
  type SpanExporterOptions,
} from './span-sink-exporter';
export type { SpanSinkSource } from './span-writer';
export { withoutTracing } from './suppress-tracing';
export { toSpanRecord } from './to-span-record';
