import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { StoreUnavailableError } from '../../src/errors';
import type { IngestResult, SpanSink } from '../../src/model/ports';
import { SpanQueueProcessor } from '../../src/otel/span-queue-processor';
import { SpanSinkExporter } from '../../src/otel/span-sink-exporter';

// All time here is that of fake timers, so that the rule of two seconds is held to the millisecond on any machine.
beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** What the wait for it took in milliseconds of the fake clock, and whether it resolved. */
async function timed(work: () => Promise<unknown>): Promise<{ millis: number; resolved: boolean }> {
  const began = performance.now();
  let over: { millis: number; resolved: boolean } | null = null;
  const settle = (resolved: boolean) => () =>
    void (over = { millis: performance.now() - began, resolved });
  work().then(settle(true), settle(false));
  while (over === null) await jest.advanceTimersByTimeAsync(10);
  return over;
}

const never = (): Promise<never> => new Promise(() => {});
const after = (millis: number): Promise<never> =>
  new Promise((_, reject) =>
    setTimeout(() => reject(new StoreUnavailableError('refused')), millis),
  );

/** How a database is dead, as the writer meets it: the sink itself, or what opens it. */
const deaths: Readonly<Record<string, () => SpanSink | (() => Promise<SpanSink>)>> = {
  'fails at once': () => ({ accept: () => after(0) }),
  'fails after half a second each time': () => ({ accept: () => after(500) }),
  'cannot be opened': () => () => after(0),
  'does not answer': () => ({ accept: never }),
  'is never opened': () => never,
  'answers once and never again': () => {
    let calls = 0;
    return {
      accept: ({ spans = [] }): Promise<IngestResult> =>
        (calls += 1) > 1
          ? never()
          : Promise.resolve({ accepted: spans.length, duplicates: 0, refused: [] }),
    };
  },
};

/** One that fails has as long wherever it lies; without any sign a server has this time, and a local file five seconds. */
const optionsOf = (death: string) =>
  /fails|opened/.test(death) && death !== 'is never opened' ? {} : { stallTimeoutMillis: 1_600 };

describe.each(Object.entries(deaths))(
  'a dead database costs two seconds at most: it %s',
  (death, die) => {
    test.each([
      ['and closes', () => Promise.resolve()],
      ['and does not close', never],
    ])('processor, %s', async (_how, close) => {
      const spooled: number[] = [];
      const spool = (spans: readonly unknown[]) => void spooled.push(spans.length);
      const processor = new SpanQueueProcessor(die(), { ...optionsOf(death), close, spool });
      const provider = new NodeTracerProvider({ spanProcessors: [processor] });
      for (let n = 0; n < 300; n += 1) provider.getTracer('app').startSpan('s').end();
      const flush = await timed(() => processor.forceFlush());
      expect(flush.resolved).toBe(false);
      expect(flush.millis).toBeLessThanOrEqual(2_000);
      const shutdown = await timed(() => processor.shutdown());
      expect(shutdown.resolved).toBe(true);
      expect(shutdown.millis).toBeLessThanOrEqual(2_000);
      const { processed, dropped, ...rest } = processor.stats();
      const lost = Object.values(dropped).reduce((sum, spans) => sum + spans, 0);
      expect(processed + rest.spooled + lost).toBe(300);
      expect(rest.spooled).toBe(spooled.reduce((sum, spans) => sum + spans, 0));
      expect(rest).toMatchObject({ queueSize: 0, queueBytes: 0 });
    });

    test('exporter', async () => {
      const exporter = new SpanSinkExporter(die(), { ...optionsOf(death), close: never });
      const provider = new NodeTracerProvider({
        spanProcessors: [
          {
            onStart: () => {},
            onEnd: (span) => exporter.export([span], () => {}),
            forceFlush: () => Promise.resolve(),
            shutdown: () => Promise.resolve(),
          },
        ],
      });
      for (let n = 0; n < 3; n += 1) provider.getTracer('app').startSpan('s').end();
      const flush = await timed(() => exporter.forceFlush());
      expect(flush).toMatchObject({ resolved: false });
      expect(flush.millis).toBeLessThanOrEqual(2_000);
      const shutdown = await timed(() => exporter.shutdown());
      expect(shutdown).toMatchObject({ resolved: true });
      expect(shutdown.millis).toBeLessThanOrEqual(2_000);
      const { processed, dropped } = exporter.stats();
      expect(processed + Object.values(dropped).reduce((sum, spans) => sum + spans, 0)).toBe(3);
    });
  },
);
