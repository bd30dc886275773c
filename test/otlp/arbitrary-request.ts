import fc from 'fast-check';

/** A message with the field names of OTLP/JSON; ids and byte arrays are bytes, 64-bit integers strings. */
export type Message = Record<string, unknown>;

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 12 }), fc.constant('__proto__'));
const key = fc.oneof(
  fc.constantFrom('gen_ai.tool.name', '__proto__', 'constructor', '7', ''),
  fc.string({ maxLength: 8 }),
);
const uint32 = fc.oneof(fc.nat(3), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
const int64 = fc.oneof(
  fc.maxSafeInteger().map(BigInt),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(2n ** 53n, 2n ** 53n - 1n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)),
);
const double = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(NaN, Infinity, -Infinity, -0, 2 ** 53, 1e300),
);
const someBytes = fc.uint8Array({ maxLength: 9 });

const { keyValues } = fc.letrec<{ anyValue: Message; keyValues: Message[] }>((tie) => ({
  anyValue: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.record({ stringValue: text }),
    fc.record({ intValue: int64.map(String) }),
    fc.record({ doubleValue: double }),
    fc.record({ boolValue: fc.boolean() }),
    fc.record({ bytesValue: someBytes }),
    fc.constant({}),
    fc.record({
      arrayValue: fc.record({ values: fc.array(tie('anyValue'), { maxLength: 3 }) }),
    }),
    fc.record({ kvlistValue: fc.record({ values: tie('keyValues') }) }),
  ),
  keyValues: fc.array(fc.record({ key, value: tie('anyValue') }, { requiredKeys: ['key'] }), {
    maxLength: 3,
  }),
}));

/** Mostly an id of `size` bytes, now and then what is sent in its place. */
function id(size: number): fc.Arbitrary<Uint8Array> {
  return fc.oneof(
    { weight: 12, arbitrary: fc.uint8Array({ minLength: size, maxLength: size }) },
    { weight: 1, arbitrary: fc.constant(new Uint8Array(size)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  );
}

const time = fc.oneof(
  { weight: 8, arbitrary: fc.bigInt({ min: 10n ** 15n, max: 2n ** 63n - 1n }).map(String) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('0', '1760000000000', String(2n ** 63n), String(2n ** 64n - 1n)),
  },
);
const attributes = keyValues;
const droppedAttributesCount = uint32;
const event = fc.record({ timeUnixNano: time, name: text, attributes, droppedAttributesCount });
const link = fc.record({
  traceId: id(16),
  spanId: id(8),
  traceState: text,
  attributes,
  droppedAttributesCount,
  flags: uint32,
});
const span = fc.record(
  {
    traceId: id(16),
    spanId: id(8),
    parentSpanId: fc.oneof(id(8), fc.constant(new Uint8Array())),
    traceState: text,
    flags: uint32,
    name: text,
    kind: fc.integer({ min: -1, max: 7 }),
    startTimeUnixNano: time,
    endTimeUnixNano: time,
    attributes,
    droppedAttributesCount,
    events: fc.array(event, { maxLength: 2 }),
    droppedEventsCount: uint32,
    links: fc.array(link, { maxLength: 2 }),
    droppedLinksCount: uint32,
    status: fc.record({ code: fc.integer({ min: -1, max: 4 }), message: text }),
  },
  { requiredKeys: ['traceId', 'spanId', 'startTimeUnixNano'] },
);
const resource = fc.record({ attributes, droppedAttributesCount });
const scope = fc.record({ name: text, version: text, attributes, droppedAttributesCount });
const scopeSpans = fc.record(
  { scope, schemaUrl: text, spans: fc.array(span, { maxLength: 3 }) },
  { requiredKeys: ['spans'] },
);
const resourceSpans = fc.record(
  { resource, schemaUrl: text, scopeSpans: fc.array(scopeSpans, { maxLength: 2 }) },
  { requiredKeys: ['scopeSpans'] },
);

export const arbitraryRequest: fc.Arbitrary<Message> = fc.record({
  resourceSpans: fc.array(resourceSpans, { maxLength: 2 }),
});

const ids = new Set(['traceId', 'spanId', 'parentSpanId']);

/** The same message in OTLP/JSON. */
export function toJson(message: Message): string {
  return JSON.stringify(jsonOf('', message));
}

function jsonOf(name: string, value: unknown): unknown {
  if (value instanceof Uint8Array) {
    return Buffer.from(value).toString(ids.has(name) ? 'hex' : 'base64');
  }
  if (name === 'doubleValue' && (!Number.isFinite(value) || Object.is(value, -0))) {
    return Object.is(value, -0) ? '-0' : String(value);
  }
  if (Array.isArray(value)) return value.map((item) => jsonOf('', item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, jsonOf(key, item)]));
}
