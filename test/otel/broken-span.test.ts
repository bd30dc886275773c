import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
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
