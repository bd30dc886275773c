import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { ReadableSpan } from '../../src/otel/readable-span';
import { SpanQueueProcessor } from '../../src/otel/span-queue-processor';
import { RecordingSink } from './recording-sink';

function setUp() {
  const sink = new RecordingSink();
  const processor = new SpanQueueProcessor(sink);
  const provider = new NodeTracerProvider({ spanProcessors: [processor] });
  return { sink, processor, provider, tracer: provider.getTracer('test') };
}

test('a name that is no string costs neither its batch nor the byte limit', async () => {
  const { sink, processor, provider, tracer } = setUp();
  tracer.startSpan(42 as never).end();
  const renamed = tracer.startSpan('renamed');
  renamed.updateName(new Error('as a name') as never);
  renamed.end();
  const event = tracer.startSpan('event');
  event.addEvent(new Error('as an event') as never);
  event.end();
  tracer.startSpan(Object.create(null) as never).end();
  tracer.startSpan('neighbour').end();
  expect(Number.isFinite(processor.stats().queueBytes)).toBe(true);
  await provider.shutdown();
  expect(sink.spans.map(({ name }) => name)).toEqual([
    '42',
    'Error: as a name',
    'event',
    'object',
    'neighbour',
  ]);
  expect(sink.span('event').events[0]?.name).toBe('Error: as an event');
  expect(processor.stats()).toMatchObject({ processed: 5, dropped: {}, queueBytes: 0 });
});

test('a span with a million attributes is cut at the limit', async () => {
  const { sink, processor } = setUp();
  const attributes = Object.fromEntries(Array.from({ length: 1_000_000 }, (_, i) => [`k${i}`, i]));
  const keysMillis = millisOf(() => Object.keys(attributes));
  const millis = millisOf(() => processor.onEnd({ ...spanOf(setUp().provider), attributes }));
  // Naming the keys cannot be avoided; a million reads and errors took seconds.
  expect(millis).toBeLessThan(2 * keysMillis + 100);
  await processor.shutdown();
  expect(Object.keys(sink.spans[0]?.attributes ?? {})).toHaveLength(4_096);
  expect(sink.spans[0]?.droppedAttributesCount).toBe(1_000_000 - 4_096);
});

function millisOf(work: () => unknown): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}

/** A finished span of the SDK, as own properties. */
function spanOf(provider: NodeTracerProvider): ReadableSpan {
  const span = provider.getTracer('test').startSpan('big') as never as Record<string, unknown>;
  (span as { end(): void }).end();
  return {
    ...span,
    spanContext: () => (span as { spanContext(): unknown }).spanContext(),
    ended: true,
    endTime: [1, 0],
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  } as unknown as ReadableSpan;
}
