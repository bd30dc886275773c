import fc from 'fast-check';
import type { Attributes, AttributeValue } from '../../src/model/attributes';
import type { SpanRecord } from '../../src/model/span';
import { decodeTracesJson, encodeTracesJson } from '../../src/otlp';
import {
  attributes,
  makeSpan,
  spanId,
  testResource,
  testScope,
  traceId,
} from '../support/make-span';

/** Written out as JSON text and read again: what a file or another backend would see. */
function travel(spans: readonly SpanRecord[]): readonly SpanRecord[] {
  const text = JSON.stringify(encodeTracesJson(spans));
  const { spans: read, refused } = decodeTracesJson(JSON.parse(text));
  expect(refused).toEqual([]);
  return read;
}

const text = fc.string({ unit: 'binary', maxLength: 12 });
const key = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', '', '10', '9', 'b', 'a'),
  text,
);
const beyond = fc.oneof(
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
);
const { value, map } = fc.letrec<{ value: AttributeValue; map: Attributes }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    text,
    fc.boolean(),
    fc.constant(null),
    fc.maxSafeInteger().map((int) => (Object.is(int, -0) ? 0 : int)),
    fc.double({ noInteger: true, noNaN: true, noDefaultInfinity: true }),
    beyond.map((int) => ({ int: int.toString() })),
    fc.oneof(fc.integer(), fc.constantFrom(2 ** 53, 1e300)).map((n) => ({ double: n || 0 })),
    fc.constantFrom('-0', 'NaN', 'Infinity', '-Infinity').map((double) => ({ double })),
    fc.uint8Array().map((bytes) => ({ bytes: Buffer.from(bytes).toString('base64') })),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('map').map((inner) => ({ map: inner })),
  ),
  map: fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((pairs) => {
    const made = Object.create(null) as Record<string, AttributeValue>;
    for (const [name, content] of pairs) made[name] = content;
    return made;
  }),
})) as { value: fc.Arbitrary<AttributeValue>; map: fc.Arbitrary<Attributes> };

const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const time = fc.bigInt({ min: 10n ** 15n, max: 2n ** 63n - 1n });
const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary);
const someText = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 });
const owned = { attributes: map, droppedAttributesCount: uint32 };
const resource = fc.record({ ...owned, schemaUrl: orNull(someText) });
const scope = fc.record({
  ...owned,
  name: text,
  version: orNull(someText),
  schemaUrl: orNull(someText),
});
const span = fc.record({
  ...owned,
  parentSpanId: orNull(fc.integer({ min: 1 }).map(spanId)),
  traceState: orNull(someText),
  flags: uint32,
  name: text,
  kind: fc.constantFrom<SpanRecord['kind'][]>(0, 1, 2, 3, 4, 5),
  startTimeUnixNano: time,
  endTimeUnixNano: orNull(time),
  status: fc.record({
    code: fc.constantFrom<SpanRecord['status']['code'][]>(0, 1, 2),
    message: orNull(someText),
  }),
  events: fc.array(
    fc.record({ ...owned, name: text, timeUnixNano: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
    { maxLength: 2 },
  ),
  links: fc.array(
    fc.record({
      ...owned,
      traceId: fc.nat().map(traceId),
      spanId: fc.nat().map(spanId),
      traceState: orNull(someText),
      flags: uint32,
    }),
    { maxLength: 2 },
  ),
  droppedEventsCount: uint32,
  droppedLinksCount: uint32,
});

test('every span comes back equal from OTLP/JSON, with its attributes in their order', () => {
  fc.assert(
    fc.property(fc.array(span, { maxLength: 4 }), resource, scope, (changes, resource, scope) => {
      const spans = changes.map((change, index) =>
        makeSpan({ ...change, spanId: spanId(index + 1), resource, scope }),
      );
      const read = travel(spans);
      expect(read).toEqual(spans);
      // Equality does not see the order of keys, nor -0 and 0 as tags of text.
      expect(read.map((one) => JSON.stringify(one.attributes))).toEqual(
        spans.map((one) => JSON.stringify(one.attributes)),
      );
    }),
    { numRuns: 500 },
  );
});

test('any one value comes back equal', () => {
  fc.assert(
    fc.property(value, (content) => {
      const [read] = travel([makeSpan({ attributes: attributes({ content }) })]);
      expect(read?.attributes.content).toEqual(content);
    }),
    { numRuns: 2_000 },
  );
});

test('spans of equal resource and scope are one group, even when their objects differ', () => {
  const other = { ...testResource, attributes: attributes({ 'service.name': 'other' }) };
  const spans = [
    makeSpan({ spanId: spanId(1) }),
    makeSpan({ spanId: spanId(2), resource: other }),
    makeSpan({ spanId: spanId(3), resource: { ...testResource }, scope: { ...testScope } }),
  ];
  const read = travel(spans);
  expect(read.map((one) => one.spanId)).toEqual([spanId(1), spanId(3), spanId(2)]);
  expect(read[0]?.resource).toBe(read[1]?.resource);
  expect(read[0]?.scope).toBe(read[1]?.scope);
});

test('no spans are a request without groups', () => {
  expect(encodeTracesJson([])).toEqual({ resourceSpans: [] });
});
