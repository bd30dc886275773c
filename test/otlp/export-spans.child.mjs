// node export-spans.child.mjs URL: two spans through the stock exporter (jest cannot run its dynamic
// imports); prints the results of `export`, and the ids.
import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';

const results = [];
const exporter = new OTLPTraceExporter({ url: `${process.argv[2]}/v1/traces` });
const watched = {
  export(spans, done) {
    exporter.export(spans, (result) => {
      results.push(result);
      done(result);
    });
  },
  shutdown: () => exporter.shutdown(),
};
const provider = new BasicTracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'agent' }),
  spanProcessors: [new BatchSpanProcessor(watched)],
});
const tracer = provider.getTracer('test', '1.2.3');
const parent = tracer.startSpan('parent', {
  kind: SpanKind.CLIENT,
  startTime: [1_760_000_000, 123_456_789],
  attributes: { text: 'a', int: 7, double: 0.5, list: ['x', 'y'], flag: true },
});
parent.addEvent('said', { n: 1 }, [1_760_000_001, 1]);
const child = tracer.startSpan(
  'child',
  { links: [{ context: parent.spanContext() }] },
  trace.setSpan(ROOT_CONTEXT, parent),
);
child.setStatus({ code: 2, message: 'broken' }).end();
parent.end([1_760_000_002, 987_654_321]);
await provider.shutdown();
const { traceId, spanId } = parent.spanContext();
console.log(JSON.stringify({ results, traceId, spanId }));
