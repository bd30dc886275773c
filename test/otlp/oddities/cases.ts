import type { ReadableSpan } from '../../../src/otel/readable-span';
import type { Message } from '../arbitrary-request';
import { readableOf } from './worlds';

export interface Oddity {
  readonly rule: string;
  readonly name: string;
  /** One request after the other; each is sent with a healthy span besides. */
  readonly requests: (trace: Trace) => readonly (readonly Message[])[];
  /** In the encoded body this text is replaced by these bytes. */
  readonly patch?: readonly [string, Buffer];
  readonly only?: 'protobuf' | 'json';
  /** Spans refused of the last request, and why. */
  readonly refused?: readonly [number, RegExp];
  /** Of the first span that is stored, unless all are refused. */
  readonly stored?: object;
  /** What the span processor is given: by default what `requests` says; `null` where no SDK can say it. */
  readonly readables?: ((trace: Trace) => readonly ReadableSpan[]) | null;
  /** What the span processor keeps, where its bounds are narrower than those of the door. */
  readonly storedByProcessor?: object;
}

export interface Trace {
  readonly id: Buffer;
  /** A span of the trace, with nothing wrong but what the change says. */
  readonly span: (number: number, change?: Message) => Message;
}

export const startOf = 1_790_000_000_000_000_000n;
const second = 1_000_000_000n;
const nano = (offset: bigint): string => String(startOf + offset);
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

export function traceOf(number: number): Trace {
  const id = bytes(`0dd${number.toString(16).padStart(29, '0')}`);
  const span = (n: number, change: Message = {}): Message => ({
    traceId: id,
    spanId: bytes(n.toString(16).padStart(16, '0')),
    name: `span ${n}`,
    kind: 1,
    flags: 257,
    startTimeUnixNano: nano(BigInt(n)),
    endTimeUnixNano: nano(BigInt(n) + second),
    ...change,
  });
  return { id, span };
}

const pair = (key: string, value?: Message): Message => ({ key, ...(value && { value }) });
const text = (key: string, stringValue: string): Message => pair(key, { stringValue });
const map = (...values: Message[]): Message => ({ kvlistValue: { values } });
const one =
  (change: Message): Oddity['requests'] =>
  ({ span }) => [[span(1, change)]];
const withAttributes = (...attributes: Message[]): Oddity['requests'] => one({ attributes });
/** As the SDK hands it over; the values may be anything. */
const hostile =
  (...values: readonly unknown[]) =>
  ({ span }: Trace): readonly ReadableSpan[] =>
    values.map((value, n) => ({
      ...readableOf(span(n + 1)),
      attributes: { first: 1, value, last: 2 },
    }));

const circular: Record<string, unknown> = { name: 'loop' };
circular['self'] = circular;
const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();
const fails = (): never => {
  throw new Error('a trap of the application');
};
const whole = { attributes: { first: 1, last: 2 } };

const keysOfPrototypes: readonly Oddity[] = [
  {
    rule: 'R25',
    name: 'keys that are names of prototypes are keys',
    requests: withAttributes(
      pair('__proto__', map(text('polluted', 'yes'))),
      pair('constructor', map(pair('prototype', map(text('polluted', 'yes'))))),
      text('__proto__.polluted', 'yes'),
      text('gen_ai.prompt.__proto__.x', 'yes'),
      text('toString', 'x'),
    ),
  },
  ...(
    [
      ['circular', circular],
      ['a getter that throws', Object.defineProperty({}, 'x', { enumerable: true, get: fails })],
      ['a revoked proxy', revoked],
      ['a proxy of traps', new Proxy({}, { ownKeys: fails, get: fails })],
      ['a symbol', Symbol('x')],
      ['a function', () => 1],
      ['an integer beyond 64 bits', 2n ** 64n],
      ['100 MB of text', 'x'.repeat(100_000_000)],
    ] as const
  ).map(([name, value]): Oddity => ({
    rule: 'R25',
    name: `${name}, as an attribute of the SDK`,
    requests: () => [],
    readables: hostile(value),
    storedByProcessor: whole,
  })),
];

const resent: readonly Oddity[] = [
  {
    rule: 'R40',
    name: 'a span sent again is one row',
    requests: ({ span }) => [[span(1), span(1)], [span(1)]],
    stored: { name: 'span 1' },
  },
  ...([false, true] as const).map((turned): Oddity => ({
    rule: 'R40',
    name: `a whole span replaces an unfinished one${turned ? ', which comes later' : ''}`,
    requests: ({ span }) => {
      const versions = [
        [span(1, { name: 'open', endTimeUnixNano: '0' })],
        [span(1, { name: 'whole' })],
      ];
      return turned ? versions.reverse() : versions;
    },
    stored: { name: 'whole', endTimeUnixNano: `${startOf + 1n + second}n` },
    // The processor is not given what has not ended.
    readables: null,
  })),
  ...([false, true] as const).map((turned): Oddity => ({
    rule: 'R40',
    name: `of two contents the later end stays${turned ? ', though it came first' : ''}`,
    requests: ({ span }) => {
      const versions = [
        [span(1, { name: 'early' })],
        [span(1, { name: 'late', endTimeUnixNano: nano(9n * second) })],
      ];
      return turned ? versions.reverse() : versions;
    },
    stored: { name: 'late' },
  })),
];

const times: readonly Oddity[] = (
  [
    ['a start of 0', '0', nano(0n)],
    ['a start and an end at the largest 64 bits', String(2n ** 64n - 1n), String(2n ** 64n - 1n)],
    ['an end before the start', nano(0n), nano(-second)],
    ['the last nanosecond of 2262', String(2n ** 63n - 1n), String(2n ** 63n - 1n)],
    ['the first nanosecond after 2262', String(2n ** 63n), String(2n ** 63n)],
    ['a nanosecond after 1970', '1', nano(0n)],
  ] as const
).map(([name, startTimeUnixNano, endTimeUnixNano]) => ({
  rule: 'R42',
  name: `${name} is kept to the nanosecond`,
  requests: one({
    startTimeUnixNano,
    endTimeUnixNano,
    attributes: [text('gen_ai.operation.name', 'invoke_agent')],
  }),
  stored: { startTimeUnixNano: `${startTimeUnixNano}n`, endTimeUnixNano: `${endTimeUnixNano}n` },
}));

const many = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));

const linkTo = (n: number): Message => ({
  traceId: Buffer.alloc(16, 7),
  spanId: bytes((n + 1).toString(16).padStart(16, '0')),
  flags: 257,
});

const large: readonly Oddity[] = [
  {
    rule: 'R44',
    name: 'text of 2 MiB is cut and counted',
    requests: withAttributes(text('long', 'é'.repeat(2 ** 20)), text('kept', 'x')),
    stored: { droppedAttributesCount: 1, attributes: { kept: 'x' } },
    storedByProcessor: { droppedAttributesCount: 1, attributes: { kept: 'x' } },
  },
  {
    rule: 'R44',
    name: '10,000 attributes',
    requests: withAttributes(...many(10_000, (n) => text(`key ${n}`, String(n)))),
    stored: { droppedAttributesCount: 0, attributes: { 'key 9999': '9999' } },
    storedByProcessor: { droppedAttributesCount: 10_000 - 4_096, attributes: { 'key 7': '7' } },
  },
  {
    rule: 'R44',
    name: '10,000 events and 1,000 links',
    requests: one({
      events: many(10_000, (n) => ({ timeUnixNano: nano(BigInt(n)), name: `event ${n}` })),
      links: many(1_000, linkTo),
    }),
    stored: { droppedEventsCount: 0, droppedLinksCount: 0 },
  },
  {
    rule: 'R44',
    name: '10,000 links',
    // A link is a row of its own: one way into each database is enough.
    only: 'protobuf',
    readables: null,
    requests: one({ links: many(10_000, linkTo) }),
    stored: { droppedLinksCount: 0 },
  },
];

const texts: readonly Oddity[] = [
  ...(
    [
      ['NUL', 'a\0b', 'a\ufffdb'],
      ['bidirectional marks', 'a\u202eb\u2066c\u2069', 'a\u202eb\u2066c\u2069'],
      ['characters of four bytes', '😀\u{10ffff}', '😀\u{10ffff}'],
      ['quotes, backslashes and line ends', '"\\u0000\\\n\u2028', '"\\u0000\\\n\u2028'],
      ['text that looks like SQL', "'); DROP TABLE spans; --", "'); DROP TABLE spans; --"],
    ] as const
  ).map(([name, sent, kept]): Oddity => {
    const change = {
      name: sent,
      attributes: [text('note', sent), text(sent, 'as a key')],
      events: [{ timeUnixNano: nano(1n), name: sent }],
      status: { code: 2, message: sent },
    };
    return {
      rule: 'R46',
      name,
      requests: one(change),
      stored: { name: kept, attributes: { note: kept, [kept]: 'as a key' } },
    };
  }),
  {
    rule: 'R46',
    name: 'invalid UTF-8 is replaced',
    requests: one({ name: 'MARK', attributes: [text('note', 'MARK'), text('MARK', 'x')] }),
    patch: ['MARK', bytes('fffe4180')],
    stored: {
      name: '\ufffd\ufffdA\ufffd',
      attributes: { note: '\ufffd\ufffdA\ufffd', '\ufffd\ufffdA\ufffd': 'x' },
    },
    readables: null,
  },
  {
    rule: 'R46',
    name: 'a lone surrogate is replaced',
    // In protobuf it would be three bytes that are no UTF-8.
    only: 'json',
    requests: one({ name: 'a\ud800', attributes: [text('note', '\udc00b')] }),
    stored: { name: 'a\ufffd', attributes: { note: '\ufffdb' } },
  },
];

const ids: readonly Oddity[] = [
  ...(
    [
      ['a trace id of zeros', { traceId: Buffer.alloc(16) }, /trace id is all zeros/],
      ['no trace id', { traceId: bytes('') }, /trace id is missing/],
      ['a short trace id', { traceId: bytes('0a0b') }, /expected 32 hex digits, came "0a0b"/],
      ['a long trace id', { traceId: Buffer.alloc(17, 1) }, /expected 32 hex digits/],
      ['a span id of zeros', { spanId: Buffer.alloc(8) }, /span id is all zeros/],
      ['a long span id', { spanId: Buffer.alloc(16, 1) }, /expected 16 hex digits/],
      ['a short parent id', { parentSpanId: bytes('01') }, /parent span id: expected 16/],
    ] as const
  ).map(([name, change, reason]): Oddity => ({
    rule: 'R47',
    name: `${name} costs that span alone`,
    requests: one(change),
    refused: [1, reason],
    readables: null,
  })),
  {
    rule: 'R47',
    name: 'a parent of zeros is no parent',
    requests: one({ parentSpanId: Buffer.alloc(8) }),
    stored: { parentSpanId: null },
    readables: null,
  },
];

const double = (doubleValue: number): Message => ({ doubleValue });
const int = (intValue: bigint): Message => ({ intValue: String(intValue) });

const numbers: readonly Oddity[] = [
  {
    rule: 'R49',
    name: 'integers of 64 bits and doubles that no JSON number can hold',
    requests: withAttributes(
      pair('smallest', int(-(2n ** 63n))),
      pair('largest', int(2n ** 63n - 1n)),
      pair('beyond a double', int(2n ** 53n + 1n)),
      pair('safe', int(2n ** 53n - 1n)),
      pair('nan', double(NaN)),
      pair('infinite', double(Infinity)),
      pair('minus infinite', double(-Infinity)),
      pair('minus zero', double(-0)),
      pair('tiny', double(5e-324)),
      pair('huge', double(1.7976931348623157e308)),
      pair('a tenth', double(0.1)),
    ),
    stored: {
      attributes: {
        smallest: { int: '-9223372036854775808' },
        largest: { int: '9223372036854775807' },
        'beyond a double': { int: '9007199254740993' },
        safe: 9007199254740991,
        nan: { double: 'NaN' },
        infinite: { double: 'Infinity' },
        'minus infinite': { double: '-Infinity' },
        'minus zero': { double: '-0' },
        tiny: 5e-324,
        huge: { double: 1.7976931348623157e308 },
        'a tenth': 0.1,
      },
    },
  },
  {
    rule: 'R49',
    name: 'a reward that is not a number is refused by name',
    requests: ({ id, span }) => [
      [
        span(1, {
          name: 'evolution.reward',
          attributes: [pair('reward.value', double(NaN))],
          links: [{ traceId: id, spanId: bytes('00000000000000ff'), flags: 257 }],
        }),
      ],
    ],
    refused: [1, /finite number/],
    readables: null,
  },
];

export const oddities: readonly Oddity[] = [
  ...keysOfPrototypes,
  ...resent,
  ...times,
  ...large,
  ...texts,
  ...ids,
  ...numbers,
];
