import { context, type Tracer } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BatchSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { createSpanTracker, stampOf } from '../src/instrumentation';
import type { SpanSink } from '../src/model/ports';
import { SpanQueueProcessor } from '../src/otel';

/**
 * What our processor costs the application's thread per span, from start to end, against a processor that does nothing and the
 * SDK's own batch processor with an exporter that does nothing, in turns. `mean` and `median` are of rounds, `p99` and `p999` of
 * the single spans of other rounds, since each is timed by two more calls. Microseconds.
 */
const ROUNDS = 60;
const WARM_UP_ROUNDS = 20;
const SPANS_PER_ROUND = 2_000; // fits both queues: no span is dropped

const noOpSink: SpanSink = {
  accept: (batch) => Promise.resolve({ accepted: batch.spans.length, duplicates: 0, refused: [] }),
};
const noOpExporter = {
  export(_spans: unknown, callback: (result: { code: number }) => void) {
    callback({ code: 0 });
  },
  shutdown: () => Promise.resolve(),
};

const noOpProcessor: SpanProcessor = {
  onStart: () => {},
  onEnd: () => {},
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

const candidates = {
  none: setUp([noOpProcessor]),
  batch: setUp([new BatchSpanProcessor(noOpExporter)]),
  ours: setUp([new SpanQueueProcessor(noOpSink, { stamp: stampOf })]),
};

function setUp(spanProcessors: SpanProcessor[]) {
  const provider = new NodeTracerProvider({ spanProcessors });
  const tracer = provider.getTracer('bench');
  return { provider, tracer, micros: [] as number[], singles: [] as number[] };
}

/** A span as an LLM call has it: eleven attributes, one of them a list. */
function recordSpan(tracer: Tracer, i: number): void {
  const span = tracer.startSpan('chat model', {
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'vendor',
      'gen_ai.request.model': 'model',
      'gen_ai.request.temperature': 0.2,
      'gen_ai.agent.name': 'reader',
    },
  });
  span.setAttribute('gen_ai.response.id', `response ${i}`);
  span.setAttribute('gen_ai.response.model', 'model-2026');
  span.setAttribute('gen_ai.response.finish_reasons', ['stop']);
  span.setAttribute('gen_ai.usage.input_tokens', 1_200 + i);
  span.setAttribute('gen_ai.usage.output_tokens', 80);
  span.end();
}

/** @returns Microseconds of a span, on average. */
function timeRound(tracer: Tracer): number {
  const start = performance.now();
  for (let i = 0; i < SPANS_PER_ROUND; i += 1) recordSpan(tracer, i);
  return ((performance.now() - start) * 1_000) / SPANS_PER_ROUND;
}

function timeSingles(tracer: Tracer, singles: number[]): void {
  for (let i = 0; i < SPANS_PER_ROUND; i += 1) {
    const start = performance.now();
    recordSpan(tracer, i);
    singles.push((performance.now() - start) * 1_000);
  }
}

async function main(): Promise<void> {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const tracker = createSpanTracker();
  await tracker.withTask({ id: 'task' }, () =>
    tracker.withExecution({ id: 'execution', attempt: 1 }, async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const { provider, tracer, micros, singles } of Object.values(candidates)) {
          micros.push(timeRound(tracer));
          await provider.forceFlush();
          timeSingles(tracer, singles);
          await provider.forceFlush();
        }
      }
    }),
  );
  for (const { provider } of Object.values(candidates)) await provider.shutdown();
  const [none, batch, ours] = (['none', 'batch', 'ours'] as const).map(summary);
  console.log(
    JSON.stringify({
      spansPerRound: SPANS_PER_ROUND,
      rounds: ROUNDS - WARM_UP_ROUNDS,
      noOpProcessor: none,
      batchProcessorNoOpExporter: batch,
      ours,
      addedByOurs: {
        mean: ours!.mean - none!.mean,
        median: ours!.median - none!.median,
        p99: ours!.p99 - none!.p99,
        p999: ours!.p999 - none!.p999,
      },
    }),
  );
}

function summary(name: keyof typeof candidates) {
  const { micros: all, singles: warm } = candidates[name];
  const micros = all.slice(WARM_UP_ROUNDS).sort((a, b) => a - b);
  const singles = warm.slice(WARM_UP_ROUNDS * SPANS_PER_ROUND).sort((a, b) => a - b);
  const mean = micros.reduce((sum, value) => sum + value, 0) / micros.length;
  const [p99, p999] = [0.99, 0.999].map((q) => singles[Math.floor(singles.length * q)]!);
  return { mean, median: micros[micros.length >> 1]!, p99: p99!, p999: p999! };
}

void main();
