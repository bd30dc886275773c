import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import fc from 'fast-check';
import { toSpanRecord } from '../../src/otel';
import type { ReadableSpan } from '../../src/otel/readable-span';
import { SpanQueueProcessor } from '../../src/otel/span-queue-processor';
import { RecordingSink } from './recording-sink';

function setUp() {
  const sink = new RecordingSink();
  const processor = new SpanQueueProcessor(sink);
  const provider = new NodeTracerProvider({ spanProcessors: [processor] });
  return { sink, processor, provider, tracer: provider.getTracer('test') };
}

const circular: Record<string, unknown> = { name: 'loop' };
circular['self'] = circular;
const throwing = Object.defineProperty({ good: 1 }, 'bad', {
  enumerable: true,
  get: () => {
    throw new Error('a getter of the application');
  },
});
const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();
const liar = new Proxy([], { get: (_, key) => (key === 'length' ? 2 ** 40 : 1) });
const deep = Array.from({ length: 50_000 }).reduce<unknown>((inner) => ({ inner }), 1);

const values: Readonly<Record<string, unknown>> = {
  circular,
  throwing,
  revoked,
  liar,
  deep,
  'an object of traps': new Proxy({}, { ownKeys: () => throwIt(), get: () => throwIt() }),
  'a symbol': Symbol('x'),
  'a function': () => 1,
  'a big integer': 10n ** 40n,
  bytes: new Uint8Array(1_000),
  NaN,
  'its own prototype': JSON.parse(
    '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  ) as unknown,
  'a date that is none': new Date(NaN),
  '100 MB of text': 'x'.repeat(100 * 1_024 * 1_024),
  'a lone surrogate': '\ud800',
  'text with NUL': 'a\u0000b',
};

function throwIt(): never {
  throw new Error('a trap of the application');
}

describe('R25: an attribute value', () => {
  test.each(Object.keys(values))('%s harms neither the caller nor the neighbours', async (name) => {
    const { sink, processor, provider, tracer } = setUp();
    const prototype = Reflect.ownKeys(Object.prototype);
    const span = tracer.startSpan('hostile');
    // Past the SDK, which would leave most of them out; SDK 3 lets nested values through.
    Object.assign(span, { attributes: { first: 1, [name]: values[name], last: 2 } });
    span.end();
    tracer.startSpan('neighbour').end();
    expect(processor.stats().queueBytes).toBeLessThan(4 * 1_024 * 1_024);
    await provider.shutdown();
    expect(sink.spans.map((stored) => stored.name)).toEqual(['hostile', 'neighbour']);
    expect(sink.span('hostile').attributes).toMatchObject({ first: 1, last: 2 });
    expect(Reflect.ownKeys(Object.prototype)).toEqual(prototype);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(() => JSON.stringify(sink.span('hostile').attributes)).not.toThrow();
  });

  test('whatever it is, the span becomes a record of bounded size, and its own keys only', () => {
    const { tracer } = setUp();
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSet: true,
      withTypedArray: true,
      withSparseArray: true,
      maxDepth: 5,
    });
    fc.assert(
      fc.property(fc.dictionary(fc.string(), anything), (attributes) => {
        const span = tracer.startSpan('any');
        Object.assign(span, { attributes });
        const meter = { bytes: 0, dropped: 0 };
        const record = toSpanRecord(span as unknown as ReadableSpan, meter);
        const own = new Set(Object.keys(attributes));
        expect(Object.keys(record.attributes).every((key) => own.has(key))).toBe(true);
        expect(Object.getPrototypeOf(record.attributes)).toBeNull();
        expect(meter.bytes).toBeLessThan(4 * 1_024 * 1_024);
      }),
      { numRuns: 500 },
    );
  });
});

test('an attribute object of 200,000 keys is read up to the limit only: a million cost onEnd four seconds', async () => {
  const { sink, processor, provider, tracer } = setUp();
  let reads = 0;
  const many = new Proxy(
    Object.fromEntries(Array.from({ length: 200_000 }, (_, n) => [`key ${n}`, n])),
    { get: (target, key) => ((reads += 1), Reflect.get(target, key) as unknown) },
  );
  const nested = tracer.startSpan('nested');
  Object.assign(nested, { attributes: { many } });
  const flat = tracer.startSpan('flat');
  Object.assign(flat, { attributes: many });
  nested.end();
  flat.end();
  expect(reads).toBeLessThan(40_000);
  expect(processor.stats().queueBytes).toBeLessThan(4 * 1_024 * 1_024);
  await provider.shutdown();
  expect(sink.span('nested').droppedAttributesCount).toBe(1);
  expect(Object.keys(sink.span('flat').attributes)).toHaveLength(4_096);
  expect(sink.span('flat').droppedAttributesCount).toBe(200_000 - 4_096);
});

test('R26: spans that never end do not fill the memory', () => {
  setFlagsFromString('--expose_gc');
  const collect = runInNewContext('gc') as () => void;
  const { processor, tracer } = setUp();
  const heapAfter = (spans: number): number => {
    for (let n = 0; n < spans; n += 1) tracer.startSpan('open', { attributes: { n } });
    collect();
    return process.memoryUsage().heapUsed;
  };
  const full = heapAfter(20_000);
  expect(heapAfter(60_000) - full).toBeLessThan(4 * 1_024 * 1_024);
  expect(processor.pending).toBe(true);
});
