// A child process of a tracked program, as a user would write it; the parent reads what it recorded.
import { context, trace } from '@opentelemetry/api';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { contextFromEnvironment, stampOf } from '../../src/instrumentation';
import { SpanQueueProcessor } from '../../src/otel';
import { RecordingSink } from '../otel/recording-sink';

const sink = new RecordingSink();
const provider = new NodeTracerProvider({
  spanProcessors: [new SpanQueueProcessor(sink, { stamp: stampOf })],
});
provider.register();
context.with(contextFromEnvironment(process.env), () => {
  trace.getTracer('child').startSpan('work of the child').end();
});
void provider.shutdown().then(() => {
  const { traceId, parentSpanId, attributes } = sink.span('work of the child');
  process.stdout.write(JSON.stringify({ traceId, parentSpanId, attributes }));
});
