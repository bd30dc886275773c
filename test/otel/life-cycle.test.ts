import { diag } from '@opentelemetry/api';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import fc from 'fast-check';
import { InputError, StoreUnavailableError } from '../../src/errors';
import type { IngestResult, SpanSink } from '../../src/model/ports';
import { SpanQueueProcessor } from '../../src/otel/span-queue-processor';

// R24: shut down twice, flushed while it shuts down, spans that end after it, in any order and over a sink in any mood.
// Whatever happens: nothing is thrown, shutdown resolves, and every span that ended is in exactly one counter.
const steps = ['span', 'spans', 'open', 'flush', 'shutdown', 'wait', 'long wait'] as const;
const moods = ['stores', 'is away', 'refuses', 'breaks', 'hangs', 'is slow'] as const;
type Mood = (typeof moods)[number];

function moodySink(mood: (call: number) => Mood) {
  const stored: number[] = [];
  let calls = 0;
  const sink: SpanSink = {
    async accept({ spans = [] }): Promise<IngestResult> {
      const now = mood((calls += 1));
      if (now === 'is away') throw new StoreUnavailableError('away');
      if (now === 'breaks') throw new InputError('broken');
      if (now === 'hangs') await new Promise(() => {});
      if (now === 'is slow') await new Promise((done) => setTimeout(done, 700));
      const refused = now === 'refuses' ? [{ part: 'spans', index: 0, reason: 'no' } as const] : [];
      stored.push(spans.length - refused.length);
      return { accepted: spans.length - refused.length, duplicates: 0, refused };
    },
  };
  return { sink, stored: () => sum(stored) };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, n) => all + n, 0);

beforeEach(() => jest.useFakeTimers());
afterEach(() => {
  jest.useRealTimers();
  diag.disable();
});

test('R24: in any order of calls and over any sink every span is in one counter, and nothing is thrown', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...steps), { minLength: 1, maxLength: 25 }),
      fc.array(fc.constantFrom(...moods), { minLength: 1, maxLength: 10 }),
      fc.boolean(),
      play,
    ),
    { numRuns: 150 },
  );
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

async function play(
  order: readonly (typeof steps)[number][],
  mood: readonly Mood[],
  spools: boolean,
): Promise<void> {
  const { sink, stored } = moodySink((call) => mood[call % mood.length]!);
  const spooled: number[] = [];
  let closed = 0;
  const processor = new SpanQueueProcessor(sink, {
    maxQueueSize: 20,
    maxExportBatchSize: 8,
    exportTimeoutMillis: 1_500,
    stallTimeoutMillis: 1_600,
    close: () => Promise.resolve(void (closed += 1)),
    ...(spools ? { spool: (spans) => void spooled.push(spans.length) } : {}),
  });
  const tracer = new NodeTracerProvider({ spanProcessors: [processor] }).getTracer('app');
  const shutdowns: Promise<void>[] = [];
  let ended = 0;
  let open = 0;
  const endSpans = (spans: number): void => {
    for (let n = 0; n < spans; n += 1) tracer.startSpan('s').end();
    ended += spans;
  };
  for (const step of order) {
    if (step === 'span') endSpans(1);
    if (step === 'spans') endSpans(9);
    if (step === 'open') {
      tracer.startSpan('open');
      // What starts later than the shutdown is nobody's any more.
      if (shutdowns.length === 0) open += 1;
    }
    if (step === 'flush') void processor.forceFlush().catch(() => {}); // may reject, and says why
    if (step === 'shutdown') shutdowns.push(processor.shutdown());
    if (step === 'wait') await jest.advanceTimersByTimeAsync(50);
    if (step === 'long wait') await jest.advanceTimersByTimeAsync(3_000);
  }
  const all = Promise.all([...shutdowns, processor.shutdown()]);
  await jest.advanceTimersByTimeAsync(12_000);
  await all;
  const { processed, dropped, ...counts } = processor.stats();
  expect(processed + counts.spooled + sum(Object.values(dropped))).toBe(ended + open);
  expect(counts).toMatchObject({ queueSize: 0, queueBytes: 0, spooled: sum(spooled) });
  // What was given up while it was written may have been stored all the same; never the other way round.
  expect(stored()).toBeGreaterThanOrEqual(processed);
  expect(closed).toBe(1);
}
