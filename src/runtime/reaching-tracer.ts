import {
  context,
  createContextKey,
  isSpanContextValid,
  trace,
  type Context,
  type Span,
  type SpanOptions,
  type Tracer,
} from '@opentelemetry/api';
import type { ReadableSpan, RecordingProcessor } from '../otel';
import type { Feeds } from './feeds';

/**
 * The application's tracer, seen to it that every span it starts for us reaches the instance:
 *
 * - a processor or exporter of the instance gets it: nothing to do;
 * - an SDK records it for others only: it is handed over when it ends;
 * - there is no SDK: it is recorded by our own tracer.
 *
 * What a sampler left out, or was started while tracing is suppressed, stays out.
 */
export function createReachingTracer(
  feeds: Feeds,
  own: { readonly tracer: Tracer; readonly processor: RecordingProcessor },
): Tracer {
  const application = trace.getTracer('otel-evolution');
  const startSpan = (name: string, options?: SpanOptions, given?: Context): Span => {
    const inside = given ?? context.active();
    const { span, seen } = feeds.seenStarting(() => application.startSpan(name, options, inside));
    if (seen) return span;
    if (span.isRecording()) {
      if (!feeds.all.some(({ kind }) => kind === 'exporter')) handOver(span, own.processor);
      return span;
    }
    return isLeftOut(span, inside) ? span : own.tracer.startSpan(name, options, inside);
  };
  return { ...own.tracer, startSpan };
}

/** As `@opentelemetry/core` has it. */
const suppressTracingKey = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/** By a sampler, which gives the span ids of its own, or because its context is not traced. */
function isLeftOut(span: Span, inside: Context): boolean {
  if (inside.getValue(suppressTracingKey) === true) return true;
  const { spanId } = span.spanContext();
  const parentId = trace.getSpanContext(inside)?.spanId;
  return isSpanContextValid(span.spanContext()) && spanId !== parentId;
}

/** Only the tracker's own spans come here, and only where their SDK's processors are all others'. */
function handOver(span: Span, processor: RecordingProcessor): void {
  const end = span.end.bind(span);
  let ended = false;
  span.end = (time) => {
    end(time);
    if (!ended && isReadable(span)) processor.onEnd(span);
    ended = true;
  };
}

/** The SDK's span is readable, and so is ours. */
export function isReadable<T extends object>(span: T): span is T & ReadableSpan {
  return 'attributes' in span && 'resource' in span && 'startTime' in span;
}
