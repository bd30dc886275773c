import { context, type Context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { createSpanTracker, stampOf, type SpanTrackerOptions } from '../../src/instrumentation';
import type { SpanRecord } from '../../src/model/span';
import { SpanQueueProcessor } from '../../src/otel';
import { RecordingSink } from '../otel/recording-sink';

/** A tracker on the real SDK, whose spans go through our processor into memory. */
export function recordSpans(options: SpanTrackerOptions = {}) {
  const sink = new RecordingSink();
  const processor = new SpanQueueProcessor(sink, { stamp: stampOf });
  const provider = new NodeTracerProvider({ spanProcessors: [processor] });
  const tracker = createSpanTracker({ tracerProvider: provider, ...options });
  const spans = async (): Promise<readonly SpanRecord[]> => {
    await tracker.background.settled();
    await provider.forceFlush();
    return sink.spans;
  };
  const span = async (name: string): Promise<SpanRecord> => {
    await spans();
    return sink.span(name);
  };
  return { tracker, provider, otelTracer: provider.getTracer('app'), spans, span };
}

export function useAsyncContext(): void {
  beforeAll(() => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  });
  afterAll(() => context.disable());
}

export const activeContext = (): Context => context.active();
