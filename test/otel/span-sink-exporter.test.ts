import { setTimeout as wait } from 'node:timers/promises';
import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { isTracingSuppressed } from '@opentelemetry/core';
import {
  BatchSpanProcessor,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { StoreUnavailableError } from '../../src/errors';
import { SpanSinkExporter, type ExportResult } from '../../src/otel/span-sink-exporter';
import { RecordingSink } from './recording-sink';

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterAll(() => context.disable());

function realSpans(count: number) {
  const memory = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(memory)] });
  for (let i = 0; i < count; i += 1) provider.getTracer('test').startSpan(`span ${i}`).end();
  return memory.getFinishedSpans();
}

const exported = (exporter: SpanSinkExporter, spans = realSpans(1)) =>
  new Promise<ExportResult>((resolve) => exporter.export(spans, resolve));

test('behind the SDK batch processor, shut down without a flush, nothing is lost', async () => {
  const sink = new RecordingSink(() => wait(3));
  const exporter = new SpanSinkExporter(sink);
  const asSdkExporter: SpanExporter = exporter;
  const provider = new NodeTracerProvider({
    spanProcessors: [new BatchSpanProcessor(asSdkExporter, { maxExportBatchSize: 100 })],
  });
  for (let i = 0; i < 1_000; i += 1) provider.getTracer('test').startSpan(`span ${i}`).end();
  await provider.shutdown();
  expect(sink.spans).toHaveLength(1_000);
  expect(sink.maxConcurrent).toBe(1);
  expect(exporter.stats()).toEqual({ processed: 1_000, spooled: 0, dropped: {} });
});

test('ten concurrent exports are written in order, one at a time, each answered once', async () => {
  const sink = new RecordingSink((call) => wait(10 - call));
  const exporter = new SpanSinkExporter(sink);
  const answers = new Array<number>(10).fill(0);
  realSpans(10).forEach((span, i) => {
    exporter.export([span], ({ code }) => {
      expect(code).toBe(0);
      answers[i] = (answers[i] ?? 0) + 1;
    });
  });
  await exporter.forceFlush();
  expect(answers).toEqual(new Array(10).fill(1));
  expect(sink.maxConcurrent).toBe(1);
  expect(sink.spans.map((span) => span.name)).toEqual(answers.map((_, i) => `span ${i}`));
});

test('shutdown waits for the writes under way, then closes; afterwards export fails', async () => {
  const order: string[] = [];
  const sink = new RecordingSink(async () => {
    await wait(20);
    order.push('written');
  });
  const close = async () => {
    order.push('closed');
  };
  const exporter = new SpanSinkExporter(sink, { close });
  const answered = exported(exporter).then(() => order.push('answered'));
  await Promise.all([exporter.shutdown(), exporter.shutdown(), answered]);
  expect(order).toEqual(['written', 'answered', 'closed']);
  await expect(exported(exporter)).resolves.toMatchObject({ code: 1 });
  expect(sink.calls).toBe(1);
});

test('a sink that throws fails its own call only; a callback that throws harms nobody', async () => {
  const sink = new RecordingSink((call) => {
    if (call === 1) throw new Error('broken');
    if (call === 2) throw new StoreUnavailableError('busy');
  });
  const exporter = new SpanSinkExporter(sink);
  const failed = await exported(exporter);
  expect(failed).toMatchObject({ code: 1, error: { message: 'broken' } });
  exporter.export(realSpans(1), () => {
    throw new Error('callback');
  });
  await expect(exported(exporter, realSpans(3))).resolves.toEqual({ code: 0 });
  expect(exporter.stats()).toEqual({ processed: 4, spooled: 0, dropped: { Error: 1 } });
});

test('a span that cannot be read is left out, its neighbours live', async () => {
  const sink = new RecordingSink();
  const exporter = new SpanSinkExporter(sink);
  await exported(exporter, [...realSpans(2), {} as never]);
  expect(sink.spans).toHaveLength(2);
  expect(exporter.stats().dropped).toEqual({ mapping_failed: 1 });
});

test('a sink that never answers delays shutdown by the deadline and no more', async () => {
  const exporter = new SpanSinkExporter(new RecordingSink(() => new Promise(() => {})), {
    flushTimeoutMillis: 50,
    exportTimeoutMillis: 100,
  });
  const answered = exported(exporter);
  await exporter.shutdown();
  await expect(answered).resolves.toMatchObject({ code: 1 }); // after the time for a write
});

test('opens lazily, untraced', async () => {
  let suppressed: boolean | null = null;
  const sink = new RecordingSink();
  const exporter = new SpanSinkExporter(async () => {
    suppressed = isTracingSuppressed(context.active());
    return sink;
  });
  expect(suppressed).toBeNull();
  await exported(exporter);
  expect(suppressed).toBe(true);
  await exporter.shutdown();
});
