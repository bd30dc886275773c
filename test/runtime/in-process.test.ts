import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { context, propagation, trace } from '@opentelemetry/api';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { KnexInstrumentation } from '@opentelemetry/instrumentation-knex';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import {
  BatchSpanProcessor,
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-node';

// Before anything loads knex or pg, as an application would.
const instrumentations = [new KnexInstrumentation(), new PgInstrumentation()];
registerInstrumentations({ instrumentations });

import {
  ConfigError,
  createEvolution,
  environmentFromContext,
  EvolutionExporter,
  EvolutionSpanProcessor,
  getGlobalTracker,
  linkReward,
  queryByTags,
  queryRewardsForOperation,
  withEvolutionTracking,
  withTags,
} from '../../src/index';
import type { Evolution } from '../../src/index';

const schema = `in_process_${process.pid}`;
const databases: [string, () => string][] = [
  ['sqlite', () => `sqlite:${join(mkdtempSync(join(tmpdir(), 'evolution-')), 'test.db')}`],
  [
    'postgres',
    () => `${process.env.TEST_PG_URL}?schema=${schema}_${Math.floor(performance.now())}`,
  ],
];

afterEach(() => {
  trace.disable();
  context.disable();
  propagation.disable();
});

function startProvider(...spanProcessors: SpanProcessor[]): {
  provider: NodeTracerProvider;
  jaeger: InMemorySpanExporter;
} {
  const jaeger = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({
    spanProcessors: [...spanProcessors, new SimpleSpanProcessor(jaeger)],
  });
  provider.register();
  for (const instrumentation of instrumentations) instrumentation.setTracerProvider(provider);
  return { provider, jaeger };
}

describe.each(databases)('on %s', (_name, newDatabase) => {
  test('an agent, judged and tagged, beside an exporter that sees the same spans', async () => {
    const evolution = await createEvolution({ databaseUrl: newDatabase() });
    const { provider, jaeger } = startProvider(new EvolutionSpanProcessor({ evolution }));
    const { tracker, store } = evolution;

    const { root } = await tracker.withTask({ id: 'ticket-1', type: 'refund' }, () =>
      tracker.withExecution(
        { id: 'run-1', agent: { id: 'support' }, config: { t: 0.2 } },
        async (span) => {
          await tracker.track(
            {
              name: 'execute_tool search',
              attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search' },
            },
            () => Promise.resolve(),
          );
          return { root: span };
        },
      ),
    );
    await linkReward(root, {
      value: 0.75,
      dimensions: { tone: 1 },
      source: 'human',
      feedback: 'good',
    });
    await withTags(root, ['vip']);
    await provider.forceFlush();

    expect(await store.getTask('ticket-1')).toMatchObject({
      type: 'refund',
      status: 'completed',
      executions: 1,
    });
    expect(await store.getExecution('run-1')).toMatchObject({
      taskId: 'ticket-1',
      agent: { id: 'support' },
      spans: 2,
      toolCalls: 1,
      rewards: { reward: 0.75, tone: 1 },
      success: true,
    });
    expect(await queryRewardsForOperation(root)).toMatchObject([
      { value: 0.75, source: 'human', feedback: 'good', resolved: true },
    ]);
    expect((await queryByTags(['vip'])).items).toMatchObject([{ name: 'invoke_agent support' }]);
    expect(jaeger.getFinishedSpans().map(({ name }) => name)).toEqual([
      'execute_tool search',
      'invoke_agent support',
      'evolution.reward',
      'evolution.tags',
    ]);
    await provider.shutdown();
    await evolution.close();
  });

  test('a retry in a new process is attempt 2, and a reward for the task id lands on it', async () => {
    const databaseUrl = newDatabase();
    for (const fails of [true, false]) {
      const evolution = await createEvolution({ databaseUrl });
      const run = evolution.tracker.withTask({ id: 'ticket-9' }, () =>
        evolution.tracker.withExecution({ id: fails ? 'failed' : 'mended' }, async () => {
          await wait(200); // an agent takes longer than the store
          if (fails) throw new Error('no');
        }),
      );
      await (fails ? expect(run).rejects.toThrow('no') : run);
      await evolution.close();
    }
    const evolution = await createEvolution({ databaseUrl });
    await evolution.tracker.linkReward({ attributes: { 'task.id': 'ticket-9' } }, { value: 1 });
    await evolution.close();

    const reopened = await createEvolution({ databaseUrl });
    const { items } = await reopened.store.listExecutions({ taskId: 'ticket-9' });
    expect(items.map(({ id, attempt, rewards }) => [id, attempt, rewards])).toEqual([
      ['mended', 2, { reward: 1 }],
      ['failed', 1, {}],
    ]);
    expect(items.flatMap(({ flags }) => flags)).toEqual([]);
    await reopened.close();
  });

  test('no recursion: instrumented drivers do not trace our own work', async () => {
    const processor = new EvolutionSpanProcessor({ databaseUrl: newDatabase() });
    const { provider, jaeger } = startProvider(processor);
    for (let i = 0; i < 5; i += 1) {
      trace.getTracer('app').startSpan(`work ${i}`).end();
      await provider.forceFlush();
    }
    const evolution = await currentEvolution();
    await trace.getTracer('app').startActiveSpan('reading', async (span) => {
      await evolution.store.querySpans({ limit: 10 });
      await evolution.learner.learn();
      span.end();
    });
    await provider.forceFlush();
    const seen = jaeger.getFinishedSpans().map(({ name }) => name);
    await provider.shutdown(); // the in-memory exporter forgets everything here
    expect(seen).toEqual(['work 0', 'work 1', 'work 2', 'work 3', 'work 4', 'reading']);
    expect(processor.stats().processed).toBe(6);
  });

  test("behind the user's own batching, a flush and a shutdown lose nothing", async () => {
    const databaseUrl = newDatabase();
    const { provider } = startProvider(
      new BatchSpanProcessor(new EvolutionExporter({ databaseUrl }), { maxExportBatchSize: 100 }),
    );
    for (let i = 0; i < 1000; i += 1) trace.getTracer('app').startSpan(`work ${i}`).end();
    await provider.forceFlush();
    await provider.shutdown();
    const evolution = await createEvolution({ databaseUrl });
    expect((await evolution.store.getTotals()).spans).toBe(1000);
    await evolution.close();
  });

  test('100 concurrent tasks never mix', async () => {
    const evolution = await createEvolution({ databaseUrl: newDatabase() });
    const { provider } = startProvider(new EvolutionSpanProcessor({ evolution }));
    const agent = withEvolutionTracking(async function worker(n: number) {
      await new Promise((resolve) => setTimeout(resolve, (n * 7) % 13));
      trace.getTracer('app').startSpan(`step ${n}`).end();
      return n;
    });
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        evolution.tracker.withTask({ id: `task-${n}` }, () => agent(n)),
      ),
    );
    expect(results).toEqual(Array.from({ length: 100 }, (_, n) => n));
    await provider.forceFlush();
    for (let n = 0; n < 100; n += 1) {
      const { items } = await evolution.store.querySpans({ taskId: `task-${n}` });
      expect(items.map(({ name }) => name).sort()).toEqual(['invoke_agent worker', `step ${n}`]);
    }
    await provider.shutdown();
    await evolution.close();
  });
});

test('without an instance the free functions say how to make one', async () => {
  expect(() => getGlobalTracker()).toThrow(ConfigError);
  await expect(queryByTags(['x'])).rejects.toThrow(/new EvolutionSpanProcessor/);
});

test('a database URL of an unknown kind is refused where it was written', () => {
  expect(() => new EvolutionSpanProcessor({ databaseUrl: 'mysql://x' })).toThrow(ConfigError);
});

test('an unknown option is an error with the nearest name', () => {
  expect(() => new EvolutionSpanProcessor({ databseUrl: 'x' } as object)).toThrow(
    'EvolutionSpanProcessor: unknown option "databseUrl". Did you mean "databaseUrl"?',
  );
  expect(() => new EvolutionExporter({ maxQueueSize: 1 } as object)).toThrow(ConfigError);
  expect(() => withEvolutionTracking(() => 1, { sampelRate: 1 } as object)).toThrow(
    'Did you mean "sampleRate"?',
  );
});

test('what is written by hand is redacted like what spans say', async () => {
  const databaseUrl = 'sqlite::memory:';
  const secret = 'sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD';
  const input = `my key is ${secret}`;
  const dropping = await createEvolution({ databaseUrl });
  expect((await dropping.store.createTask({ id: 't', input })).input).toBeNull();
  expect((await dropping.store.updateTask('t', { input })).input).toBeNull();
  await dropping.close();
  const capturing = await createEvolution({ databaseUrl, captureContent: true });
  expect((await capturing.store.createTask({ input })).input).toBe('my key is [masked]');
  await capturing.close();
});

test('a database that cannot be opened costs the agent nothing', async () => {
  const processor = new EvolutionSpanProcessor({
    databaseUrl: 'sqlite:/nowhere/at/all.db',
    exportTimeoutMillis: 50,
    flushTimeoutMillis: 500,
  });
  const { provider } = startProvider(processor);
  trace.getTracer('app').startSpan('work').end();
  await provider.shutdown();
  const { processed, dropped } = processor.stats();
  expect(processed).toBe(0);
  expect(Object.values(dropped).reduce((sum, n) => sum + n, 0)).toBe(1);
});

/** The instance that the processor opened. */
async function currentEvolution(): Promise<Evolution> {
  const shared = globalThis as unknown as Record<symbol, { open(): Promise<Evolution> }>;
  const instance = shared[Symbol.for('otel-evolution/1')];
  if (instance === undefined) throw new Error('no instance');
  return instance.open();
}

test('EVOLUTION_CAPTURE_CONTENT with the processor captures from the first span', async () => {
  process.env.EVOLUTION_CAPTURE_CONTENT = 'true';
  const processor = new EvolutionSpanProcessor({ databaseUrl: 'sqlite::memory:' });
  try {
    expect(getGlobalTracker().captureContent).toBe(true);
    delete process.env.EVOLUTION_CAPTURE_CONTENT;
    const other = new EvolutionSpanProcessor({ databaseUrl: 'sqlite::memory:' });
    expect(getGlobalTracker().captureContent).toBe(false);
    await other.shutdown();
  } finally {
    delete process.env.EVOLUTION_CAPTURE_CONTENT;
    await processor.shutdown();
  }
});

test("the option, and EVOLUTION_PROPAGATE, keep a task out of a child process's environment", async () => {
  const inTask = (): Record<string, string> =>
    getGlobalTracker().withTask({ id: 't' }, () => environmentFromContext(context.active()));
  startProvider(); // with a context manager
  const opened: { shutdown(): Promise<void> }[] = [];
  const open = (options: object): number =>
    opened.push(new EvolutionSpanProcessor({ databaseUrl: 'sqlite::memory:', ...options }));
  try {
    open({});
    expect(inTask()).toEqual({ BAGGAGE: 'evolution.task.id=t' });
    open({ propagate: 'none' });
    expect(inTask()).toEqual({});
    process.env.EVOLUTION_PROPAGATE = 'none';
    open({});
    expect(inTask()).toEqual({});
    const evolution = await createEvolution({ databaseUrl: 'sqlite::memory:' });
    opened.push({ shutdown: () => evolution.close() });
    expect(inTask()).toEqual({});
    open({ propagate: 'task' });
    expect(inTask()).toEqual({ BAGGAGE: 'evolution.task.id=t' });
  } finally {
    delete process.env.EVOLUTION_PROPAGATE;
    for (const one of opened) await one.shutdown();
  }
});

test('what an async generator of the store reads is not traced either', async () => {
  const evolution = await createEvolution({
    databaseUrl: `${process.env.TEST_PG_URL}?schema=${schema}_generator`,
  });
  const { jaeger, provider } = startProvider();
  await trace.getTracer('test').startActiveSpan('agent', async (span) => {
    for await (const execution of evolution.store.readClosedExecutions({})) void execution;
    span.end();
  });
  await provider.forceFlush();
  expect(jaeger.getFinishedSpans().map(({ name }) => name)).toEqual(['agent']);
  await evolution.close();
});
