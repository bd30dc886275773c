import { SpanKind, SpanStatusCode, TraceFlags, createTraceState } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import fc from 'fast-check';
import type { AttributeValue } from '../../src/model/attributes';
import type { ReadableSpan } from '../../src/otel/readable-span';
import { toSpanRecord } from '../../src/otel/to-span-record';

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'svc' }, { schemaUrl: 'https://schema/r' }),
  spanProcessors: [new SimpleSpanProcessor(exporter)],
});
const tracer = provider.getTracer('scope', '1.2.3', { schemaUrl: 'https://schema/s' });

function finished(): ReadableSpan {
  const [span] = exporter.getFinishedSpans();
  exporter.reset();
  if (span === undefined) throw new Error('no finished span');
  return span;
}

/** A real span whose attributes are replaced, as SDK 3 lets anything through. */
function spanWith(attributes: object): ReadableSpan {
  tracer.startSpan('s').end();
  return Object.defineProperty(finished(), 'attributes', { value: attributes });
}

const bare = (value: unknown): AttributeValue | undefined =>
  toSpanRecord(spanWith({ k: value })).attributes['k'];

test('every field of a span of the real SDK', () => {
  const remote = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
    traceState: createTraceState('a=1,b=2'),
  };
  const span = tracer.startSpan('work', {
    kind: SpanKind.CLIENT,
    startTime: [1_700_000_000, 123_456_789],
    attributes: { text: 'ü', n: 7, d: 0.5, yes: true, list: [1, null, 3] as number[] },
    links: [{ context: remote, attributes: { 'link.type': 'related' } }],
  });
  span.addEvent('event', { a: 1 }, [1_700_000_001, 1]);
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'broken' });
  span.end([1_700_000_002, 999_999_999]);

  const { traceId, spanId } = span.spanContext();
  const record = toSpanRecord(finished());
  expect(JSON.parse(JSON.stringify(record, bigintAsText))).toEqual({
    traceId,
    spanId,
    parentSpanId: null,
    traceState: null,
    flags: 0x101,
    name: 'work',
    kind: 3,
    startTimeUnixNano: '1700000000123456789',
    endTimeUnixNano: '1700000002999999999',
    status: { code: 2, message: 'broken' },
    attributes: { text: 'ü', n: 7, d: 0.5, yes: true, list: [1, null, 3] },
    events: [
      {
        name: 'event',
        timeUnixNano: '1700000001000000001',
        attributes: { a: 1 },
        droppedAttributesCount: 0,
      },
    ],
    links: [
      {
        traceId: remote.traceId,
        spanId: remote.spanId,
        traceState: 'a=1,b=2',
        attributes: { 'link.type': 'related' },
        droppedAttributesCount: 0,
        flags: 0x301,
      },
    ],
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    resource: {
      attributes: { 'service.name': 'svc' },
      droppedAttributesCount: 0,
      schemaUrl: 'https://schema/r',
    },
    scope: {
      name: 'scope',
      version: '1.2.3',
      attributes: {},
      droppedAttributesCount: 0,
      schemaUrl: 'https://schema/s',
    },
  });
});

test('spans of one provider share resource and scope by identity', () => {
  tracer.startSpan('a').end();
  const first = toSpanRecord(finished());
  tracer.startSpan('b').end();
  const second = toSpanRecord(finished());
  expect(second.resource).toBe(first.resource);
  expect(second.scope).toBe(first.scope);
});

test('what the SDK has dropped itself stays counted, and an unfinished span has no end', () => {
  const span = tracer.startSpan('many');
  for (let i = 0; i < 130; i += 1) span.setAttribute(`k${i}`, i).addEvent(`e${i}`);
  expect(toSpanRecord(span as unknown as ReadableSpan).endTimeUnixNano).toBeNull();
  span.end();
  expect(toSpanRecord(finished())).toMatchObject({
    droppedAttributesCount: 2,
    droppedEventsCount: 2,
  });
});

const shared = { n: 1 };
const twice = [shared, shared];

test.each<[string, unknown, AttributeValue | undefined]>([
  ['an integer', 5, 5],
  ['the largest safe integer', 2 ** 53 - 1, 2 ** 53 - 1],
  ['an integer beyond it', 2 ** 53, { double: 2 ** 53 }],
  ['a huge double', 1e300, { double: 1e300 }],
  ['minus zero', -0, { double: '-0' }],
  ['NaN', NaN, { double: 'NaN' }],
  ['Infinity', -Infinity, { double: '-Infinity' }],
  ['a small bigint', 5n, 5],
  ['an int64', 2n ** 63n - 1n, { int: '9223372036854775807' }],
  ['beyond int64', 2n ** 63n, undefined],
  ['bytes', new Uint8Array([1, 2, 255]), { bytes: 'AQL/' }],
  ['part of a buffer', Buffer.from('abcdef').subarray(1, 3), { bytes: 'YmM=' }],
  ['null', null, null],
  ['a mixed array', [1, 'a', null, undefined, [true]], [1, 'a', null, null, [true]]],
  ['the same object twice, which is no cycle', twice, [{ map: { n: 1 } }, { map: { n: 1 } }]],
  ['a map', { a: 1, b: { c: 'd' }, none: undefined }, { map: { a: 1, b: { map: { c: 'd' } } } }],
  ['a symbol', Symbol('s'), undefined],
  ['a function', () => 1, undefined],
  ['an array with a function', ['a', () => 1], ['a', null]],
  ['a map with a symbol', { ok: 1, no: Symbol('s') }, { map: { ok: 1 } }],
])('%s', (_name, value, expected) => {
  const found = bare(value);
  expect(found === undefined ? found : JSON.parse(JSON.stringify(found))).toEqual(expected);
});

test('what cannot be represented is counted', () => {
  const circular: Record<string, unknown> = { name: 'c' };
  circular['self'] = circular;
  const throwing = {
    get boom(): string {
      throw new Error('getter');
    },
  };
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  let deep: unknown = 'leaf';
  for (let i = 0; i < 10_000; i += 1) deep = [deep];

  const record = toSpanRecord(
    spanWith({ circular, throwing, proxy: revoked.proxy, deep, fn: () => 1, fine: 'yes' }),
  );
  expect(JSON.stringify(record.attributes['circular'])).toBe('{"map":{"name":"c"}}');
  expect(record.attributes['fine']).toBe('yes');
  expect(Object.keys(record.attributes).sort()).toEqual(['circular', 'deep', 'fine']);
  expect(JSON.stringify(record.attributes['deep']).length).toBeLessThan(200);
  // circular.self, the two that throw, the too deep rest, the function
  expect(record.droppedAttributesCount).toBe(5);

  const hostile = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error('keys');
      },
    },
  );
  expect(toSpanRecord(spanWith(hostile)).droppedAttributesCount).toBe(1);
});

test('own keys only, and __proto__ is a key like others', () => {
  const inherited = Object.create({ inherited: 1 }) as Record<string, unknown>;
  inherited['own'] = 1;
  Object.defineProperty(inherited, '__proto__', { value: 'evil', enumerable: true });
  const { attributes } = toSpanRecord(spanWith(inherited));
  expect(Object.getPrototypeOf(attributes)).toBeNull();
  expect(Object.keys(attributes)).toEqual(['own', '__proto__']);
  expect(Object.getOwnPropertyDescriptor(attributes, '__proto__')?.value).toBe('evil');
});

test('size is bounded: a long string is cut, too much of anything is left out, both counted', () => {
  const long = 'x'.repeat(100_000_000);
  const meter = { bytes: 0, dropped: 0 };
  const record = toSpanRecord(
    spanWith({
      long,
      wide: Array.from({ length: 1_000_000 }, (_, i) => i),
      bytes: new Uint8Array(10_000_000),
      endless: new Proxy([], { get: (_, key) => (key === 'length' ? 2 ** 32 - 1 : 'x') }),
      small: 1,
    }),
    meter,
  );
  expect(Object.keys(record.attributes)).toEqual(['long', 'small']);
  expect(record.attributes['long']).toHaveLength(262_144);
  expect(record.droppedAttributesCount).toBe(4);
  expect(meter.bytes).toBeLessThan(2.2 * 1_024 * 1_024);
});

test('whatever the attributes, the record survives JSON and the span is not touched', () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.string({ maxLength: 12 }),
        fc.anything({
          withBigInt: true,
          withNullPrototype: true,
          withTypedArray: true,
          withDate: true,
          withMap: true,
          withSet: true,
          withSparseArray: true,
          withBoxedValues: true,
        }),
      ),
      (attributes) => {
        const keys = Object.keys(attributes);
        const span = spanWith(Object.freeze(attributes));
        const record = toSpanRecord(span);
        const text = JSON.stringify(record.attributes);
        expect(JSON.stringify(JSON.parse(text))).toBe(text);
        expect(Object.keys(attributes)).toEqual(keys);
        const present = keys.filter((key) => attributes[key] !== undefined).length;
        const kept = Object.keys(record.attributes).length;
        expect(kept + record.droppedAttributesCount).toBeGreaterThanOrEqual(present);
      },
    ),
    { numRuns: 500 },
  );
});

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
