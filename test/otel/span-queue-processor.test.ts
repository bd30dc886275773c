import { setTimeout as wait } from 'node:timers/promises';
import {
  context,
  createContextKey,
  diag,
  DiagLogLevel,
  ROOT_CONTEXT,
  type DiagLogger,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { isTracingSuppressed } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { SamplingDecision, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { ConfigError, InputError, StoreUnavailableError } from '../../src/errors';
import type { SpanSink } from '../../src/model/ports';
import { SpanQueueProcessor } from '../../src/otel/span-queue-processor';
import { RecordingSink } from './recording-sink';

function setUp(sink: ConstructorParameters<typeof SpanQueueProcessor>[0], options = {}) {
  const processor = new SpanQueueProcessor(sink, options);
  // The annotation checks, at `npm run types`, that the SDK takes our class as its processor.
  const asSdkProcessor: SpanProcessor = processor;
  const provider = new NodeTracerProvider({ spanProcessors: [asSdkProcessor] });
  return { processor, provider, tracer: provider.getTracer('test') };
}

function recordWarnings(): string[] {
  const warnings: string[] = [];
  const keep = (message: string) => void warnings.push(message);
  const logger: DiagLogger = {
    error: keep,
    warn: keep,
    info: () => {},
    debug: () => {},
    verbose: () => {},
  };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  return warnings;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await wait(5);
}

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterAll(() => context.disable());
afterEach(() => diag.disable());

describe('enqueueing and writing', () => {
  test('a span reaches the sink within the scheduled delay, without a flush', async () => {
    const sink = new RecordingSink();
    const { tracer, provider } = setUp(sink, { scheduledDelayMillis: 20 });
    tracer.startSpan('first').end();
    expect(sink.calls).toBe(0); // nothing is written on the application's path
    await until(() => sink.spans.length === 1);
    expect(sink.span('first').endTimeUnixNano).not.toBeNull();
    tracer.startSpan('second').end();
    await until(() => sink.spans.length === 2);
    await provider.shutdown();
  });

  test('10,000 spans at once: what the queue cannot hold is counted and said once', async () => {
    const warnings = recordWarnings();
    const sink = new RecordingSink();
    const { processor, provider, tracer } = setUp(sink);
    for (let i = 0; i < 10_000; i += 1) tracer.startSpan(`span ${i}`).end();
    await provider.shutdown();

    const { processed, dropped, queueSize, queueBytes } = processor.stats();
    expect(sink.spans).toHaveLength(2_048);
    expect(sink.spans[2_047]?.name).toBe('span 2047'); // the newest are dropped
    expect(processed).toBe(2_048);
    expect(dropped).toEqual({ queue_full: 7_952 });
    expect(queueSize).toBe(0);
    expect(queueBytes).toBe(0);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('queue_full');
  });

  test('the queue is bounded in bytes too', async () => {
    const sink = new RecordingSink();
    const { processor, provider, tracer } = setUp(sink);
    const text = 'x'.repeat(100_000);
    for (let i = 0; i < 200; i += 1) tracer.startSpan('big', { attributes: { text } }).end();
    const { queueBytes, queueSize, dropped } = processor.stats();
    expect(queueBytes).toBeLessThanOrEqual(16 * 1_024 * 1_024);
    expect(queueSize).toBeGreaterThan(50);
    expect(queueSize + (dropped['queue_full'] ?? 0)).toBe(200);
    await provider.shutdown();
    expect(sink.spans).toHaveLength(queueSize);
  });

  test('writes batches of its size, one at a time, as soon as one is full', async () => {
    const sink = new RecordingSink(() => wait(5));
    const { provider, tracer } = setUp(sink, { scheduledDelayMillis: 60_000 });
    for (let i = 0; i < 1_500; i += 1) tracer.startSpan('s').end();
    const full = Array<number>(11).fill(128);
    await until(() => sink.batches.length === full.length);
    await wait(30); // the rest waits for company
    expect(sink.batches.map((batch) => batch.length)).toEqual(full);
    await Promise.all([provider.forceFlush(), provider.forceFlush()]);
    expect(sink.batches.map((batch) => batch.length)).toEqual([...full, 92]);
    expect(sink.maxConcurrent).toBe(1);
    await provider.shutdown();
  });

  test('what ends during a write is written after it, without a flush', async () => {
    const sink = new RecordingSink(() => wait(30));
    const { provider, tracer } = setUp(sink, { scheduledDelayMillis: 10 });
    tracer.startSpan('first').end();
    await until(() => sink.calls === 1);
    tracer.startSpan('second').end();
    await until(() => sink.spans.length === 2);
    await provider.shutdown();
  });

  test('skips unsampled spans unless asked', async () => {
    const recordOnly = {
      shouldSample: () => ({ decision: SamplingDecision.RECORD }),
      toString: () => 'record only',
    };
    for (const recordUnsampled of [false, true]) {
      const sink = new RecordingSink();
      const processor = new SpanQueueProcessor(sink, { recordUnsampled });
      const provider = new NodeTracerProvider({ sampler: recordOnly, spanProcessors: [processor] });
      provider.getTracer('test').startSpan('unsampled').end();
      await provider.shutdown();
      expect(sink.spans).toHaveLength(recordUnsampled ? 1 : 0);
    }
  });

  test('waits for a resource that is still pending', async () => {
    const errors = recordWarnings(); // reading a pending resource logs an error
    const sink = new RecordingSink();
    const processor = new SpanQueueProcessor(sink);
    const provider = new NodeTracerProvider({
      resource: resourceFromAttributes({ 'host.id': wait(50).then(() => 'late') }),
      spanProcessors: [processor],
    });
    provider.getTracer('test').startSpan('early').end();
    await provider.forceFlush();
    provider.getTracer('test').startSpan('later').end();
    await provider.shutdown();
    expect(sink.span('early').resource.attributes['host.id']).toBe('late');
    expect(sink.span('later').resource).toBe(sink.span('early').resource);
    expect(errors).toEqual([]);
  });
});

describe('a sink in trouble', () => {
  test('is tried again while unavailable, and nothing is lost', async () => {
    const sink = new RecordingSink((call) => {
      if (call <= 2) throw new StoreUnavailableError('locked');
    });
    const { processor, provider, tracer } = setUp(sink);
    tracer.startSpan('kept').end();
    await provider.forceFlush();
    expect(sink.calls).toBe(3);
    expect(processor.stats()).toMatchObject({ processed: 1, dropped: {} });
    await provider.shutdown();
  });

  test('is given up after the time for a batch, and the spans are counted', async () => {
    const warnings = recordWarnings();
    const sink = new RecordingSink(() => {
      throw new StoreUnavailableError('gone');
    });
    const { processor, provider, tracer } = setUp(sink, { exportTimeoutMillis: 250 });
    tracer.startSpan('lost').end();
    await provider.shutdown();
    expect(sink.calls).toBe(2); // at 0 and 100 ms; a third after 200 more would end too late
    expect(processor.stats().dropped).toEqual({ database_unavailable: 1 });
    expect(warnings).toEqual([
      'otel-evolution: spans cannot be stored at present', // at once, while somebody may still help
      'otel-evolution: 1 span(s) lost by evolution_span_processor (database_unavailable 1)',
    ]);
  });

  test('that throws, at once or later, loses only its own batch', async () => {
    const sink = new RecordingSink((call) => {
      if (call === 1) throw new InputError('broken');
    });
    const { processor, provider, tracer } = setUp(sink);
    tracer.startSpan('lost').end();
    await expect(processor.forceFlush()).rejects.toMatchObject({ code: 'database_unavailable' });
    tracer.startSpan('kept').end();
    await provider.shutdown();
    expect(sink.spans.map((span) => span.name)).toEqual(['kept']);
    expect(processor.stats()).toMatchObject({ processed: 1, dropped: { argument_invalid: 1 } });

    const synchronous: SpanSink = {
      accept() {
        throw new TypeError('at once');
      },
    };
    const second = setUp(synchronous);
    second.tracer.startSpan('lost').end();
    await second.provider.shutdown();
    expect(second.processor.stats().dropped).toEqual({ TypeError: 1 });
  });

  test('that never answers delays shutdown by the deadline and no more', async () => {
    const close = jest.fn(() => Promise.resolve());
    const sink = new RecordingSink(() => new Promise(() => {}));
    const { processor, provider, tracer } = setUp(sink, {
      flushTimeoutMillis: 100,
      maxExportBatchSize: 1,
      close,
    });
    tracer.startSpan('in flight').end();
    tracer.startSpan('waiting').end();
    await provider.shutdown();
    expect(processor.stats()).toMatchObject({ dropped: { shutdown_timeout: 2 }, queueSize: 0 });
    expect(close).toHaveBeenCalledTimes(1);
  });

  test('refusals are counted', async () => {
    const sink: SpanSink = {
      accept: (batch) =>
        Promise.resolve({
          accepted: batch.spans.length - 1,
          duplicates: 0,
          refused: [{ part: 'spans', index: 0, reason: 'no ids' }],
        }),
    };
    const { processor, provider, tracer } = setUp(sink);
    tracer.startSpan('a').end();
    tracer.startSpan('b').end();
    await provider.shutdown();
    expect(processor.stats()).toMatchObject({ processed: 1, dropped: { input_refused: 1 } });
  });

  test('is opened at the first write; a failed opening is tried again with the next batch', async () => {
    const sink = new RecordingSink();
    let openings = 0;
    const open = () => {
      openings += 1;
      return openings === 1 ? Promise.reject(new ConfigError('wrong')) : Promise.resolve(sink);
    };
    const { processor, provider, tracer } = setUp(open);
    expect(openings).toBe(0);
    tracer.startSpan('lost').end();
    await expect(processor.forceFlush()).rejects.toThrow('could not be stored');
    tracer.startSpan('kept').end();
    await provider.forceFlush();
    tracer.startSpan('kept too').end();
    await provider.shutdown();
    expect(openings).toBe(2);
    expect(sink.spans.map((span) => span.name)).toEqual(['kept', 'kept too']);
    expect(processor.stats().dropped).toEqual({ config_invalid: 1 });
  });
});

describe('the life cycle', () => {
  test('shutdown without a flush writes everything, closes once, and may be called again', async () => {
    const order: string[] = [];
    const sink = new RecordingSink(async () => {
      await wait(10);
      order.push('written');
    });
    const close = () => {
      order.push('closed');
      return Promise.reject(new Error('close failed'));
    };
    const { processor, tracer } = setUp(sink, { close });
    tracer.startSpan('a').end();
    await Promise.all([processor.shutdown(), processor.shutdown(), processor.forceFlush()]);
    expect(order).toEqual(['written', 'closed']);

    tracer.startSpan('after').end();
    await processor.shutdown();
    expect(sink.spans).toHaveLength(1);
    expect(processor.stats().dropped).toEqual({ already_shutdown: 1 });
  });

  test('nothing thrown reaches span.end(), not even from the logger or the stamp', async () => {
    const angry = () => {
      throw new Error('logger');
    };
    diag.setLogger(
      { error: angry, warn: angry, info: angry, debug: angry, verbose: angry },
      {
        logLevel: DiagLogLevel.WARN,
        suppressOverrideMessage: true,
      },
    );
    const stamp = () => {
      throw new Error('stamp');
    };
    const { processor, tracer } = setUp(new RecordingSink(), { maxQueueSize: 1, stamp });
    expect(() => {
      tracer.startSpan('kept').end();
      tracer.startSpan('dropped').end();
      processor.onEnd({} as never);
    }).not.toThrow();
    await processor.shutdown();
    expect(processor.stats()).toMatchObject({
      processed: 1,
      dropped: { queue_full: 1, mapping_failed: 1 },
    });
  });

  test('sizes that make no sense are refused', () => {
    const sink = new RecordingSink();
    expect(() => new SpanQueueProcessor(sink, { maxQueueSize: 0 })).toThrow(ConfigError);
    expect(() => new SpanQueueProcessor(sink, { flushTimeoutMillis: NaN })).toThrow(ConfigError);
    expect(() => new SpanQueueProcessor(sink, { exportTimeoutMillis: Infinity })).toThrow(
      ConfigError,
    );
  });
});

describe('former names of options', () => {
  test('still work, and say once what they are called now', async () => {
    const warnings = recordWarnings();
    const sink = new RecordingSink();
    const former = { maxBatchSize: 1, writeTimeoutMillis: 5_000, scheduledDelayMillis: 60_000 };
    const { tracer, provider } = setUp(sink, former);
    tracer.startSpan('by itself a batch').end();
    await until(() => sink.spans.length === 1);
    await provider.shutdown();
    await setUp(sink, former).provider.shutdown();
    expect(warnings).toEqual([
      'otel-evolution: the option maxBatchSize is called maxExportBatchSize now',
      'otel-evolution: the option writeTimeoutMillis is called exportTimeoutMillis now',
    ]);
  });

  test('lose against the new name, and are refused by the name that was given', async () => {
    const sink = new RecordingSink();
    const both = { maxExportBatchSize: 1, maxBatchSize: -1, scheduledDelayMillis: 60_000 };
    const { tracer, provider } = setUp(sink, both);
    tracer.startSpan('by itself a batch').end();
    await until(() => sink.spans.length === 1);
    await provider.shutdown();
    expect(() => new SpanQueueProcessor(sink, { writeTimeoutMillis: Infinity })).toThrow(
      /^writeTimeoutMillis: expected/,
    );
  });
});

describe('context', () => {
  const key = createContextKey('test');

  test('stamps what the context says, and leaves what the span says itself', async () => {
    const sink = new RecordingSink();
    const { provider, tracer } = setUp(sink, {
      stamp: (from: typeof ROOT_CONTEXT) => from.getValue(key) ?? null,
    });
    const inTask = ROOT_CONTEXT.setValue(key, { 'task.id': 't1', 'execution.id': 'e1' });
    tracer.startSpan('stamped', { attributes: { 'execution.id': 'own' } }, inTask).end();
    tracer.startSpan('outside').end();
    await provider.shutdown();
    expect({ ...sink.span('stamped').attributes }).toEqual({
      'task.id': 't1',
      'execution.id': 'own',
    });
    expect({ ...sink.span('outside').attributes }).toEqual({});
  });

  test.each([
    ['timer', { scheduledDelayMillis: 10 }],
    ['full batch', { scheduledDelayMillis: 60_000, maxExportBatchSize: 1 }],
  ])('opening, writing by %s or flush, and closing all run untraced', async (_way, options) => {
    const seen: string[] = [];
    const note = (what: string) => {
      seen.push(
        `${what} ${isTracingSuppressed(context.active())} ${String(context.active().getValue(key))}`,
      );
    };
    let tracer: ReturnType<NodeTracerProvider['getTracer']> | null = null;
    const sink = new RecordingSink(async () => {
      note('write');
      await wait(1);
      tracer?.startSpan('insert').end(); // as an instrumented driver would
      note('written');
    });
    const open = async () => {
      note('open');
      return sink;
    };
    const close = async () => note('close');
    const set = setUp(open, { close, ...options });
    tracer = set.tracer;
    await context.with(ROOT_CONTEXT.setValue(key, 'a task'), async () => {
      set.tracer.startSpan('first').end();
      await until(() => sink.spans.length === 1);
      set.tracer.startSpan('second').end();
      await set.provider.shutdown();
    });
    expect(seen).toEqual(
      ['open', 'write', 'written', 'write', 'written', 'close'].map(
        (what) => `${what} true undefined`,
      ),
    );
    expect(sink.spans.map((span) => span.name)).toEqual(['first', 'second']);
  });
});
