import { gzipSync } from 'node:zlib';
import type { SpanRecord } from '../../src/model/span';
import { createEvolution, type Evolution } from '../../src/index';
import { decodeTraces } from '../../src/otlp';
import type { Message } from './arbitrary-request';
import { jsonOf, protobufOf } from './make-request';
import { allPairs, type Case, pairsOf, pairwiseCases } from './pairwise';
import { json, protobuf, type Receiver, startReceiver } from './start-receiver';

// The golden set: what every part of a span may be, in pairs with every other, and what is kept of it.

const factors = {
  parent: ['none', 'set', 'zero'],
  kind: ['0', '1', '2', '3', '4', '5'],
  status: ['unset', 'ok', 'error'],
  attributes: ['none', 'string', 'int', 'double', 'bool', 'bytes', 'array', 'map', 'empty', 'many'],
  events: ['none', 'one', 'two'],
  links: ['none', 'one', 'two'],
  times: ['ordinary', 'equal', 'backwards', 'nanosecond'],
  traceState: ['none', 'one', 'sampling'],
  flags: ['0', '1', '257'],
  dropped: ['none', 'some'],
  resource: ['none', 'service', 'schema'],
  scope: ['none', 'name', 'full'],
} as const;

const cases = pairwiseCases(factors, 96, 7);

const values: Readonly<Record<(typeof factors.attributes)[number], readonly Message[]>> = {
  none: [],
  string: [{ stringValue: 'Zürich \u{1f600}' }],
  int: [{ intValue: '-9223372036854775808' }],
  double: [{ doubleValue: 0.1 }],
  bool: [{ boolValue: false }],
  bytes: [{ bytesValue: Buffer.from([0, 127, 255]) }],
  array: [{ arrayValue: { values: [{ stringValue: 'a' }, { intValue: '9007199254740993' }] } }],
  map: [{ kvlistValue: { values: [{ key: '__proto__', value: { boolValue: true } }] } }],
  empty: [{}],
  many: [
    { stringValue: '' },
    { doubleValue: -0 },
    { intValue: '1' },
    { arrayValue: { values: [] } },
  ],
};

function spanOf(one: Case, number: number): Message {
  const start = 1_790_000_000_000_000_000n;
  const end = { ordinary: 1_000_000_000n, equal: 0n, backwards: -5n, nanosecond: 1n }[one.times!]!;
  const link = {
    traceId: Buffer.alloc(16, 7),
    spanId: Buffer.alloc(8, 7),
    traceState: 'x=1',
    attributes: [{ key: 'link.type', value: { stringValue: 'related' } }],
    flags: 1,
  };
  const event = {
    timeUnixNano: String(start + 3n),
    name: 'event',
    attributes: [{ key: 'n', value: { intValue: '1' } }],
  };
  const times = (count: string | undefined): number => ({ none: 0, one: 1, two: 2 })[count!]!;
  return {
    traceId: Buffer.from(number.toString(16).padStart(32, '0'), 'hex'),
    spanId: Buffer.from('b7ad6b7169203331', 'hex'),
    name: `case ${number}`,
    kind: Number(one.kind),
    startTimeUnixNano: String(start),
    endTimeUnixNano: String(start + end),
    ...{
      none: {},
      set: { parentSpanId: Buffer.alloc(8, 9) },
      zero: { parentSpanId: Buffer.alloc(8) },
    }[one.parent!],
    ...{
      unset: {},
      ok: { status: { code: 1 } },
      error: { status: { code: 2, message: 'it broke' } },
    }[one.status!],
    attributes: values[one.attributes as keyof typeof values].map((value, n) => ({
      key: `key ${n}`,
      value,
    })),
    events: Array<Message>(times(one.events)).fill(event),
    links: Array<Message>(times(one.links)).fill(link),
    ...{
      none: {},
      one: { traceState: 'vendor=1' },
      sampling: { traceState: 'ot=th:8,vendor=1' },
    }[one.traceState!],
    flags: Number(one.flags),
    ...(one.dropped === 'some' && {
      droppedAttributesCount: 1,
      droppedEventsCount: 2,
      droppedLinksCount: 3,
    }),
  };
}

function requestOf(one: Case, number: number): Message {
  const resource = {
    attributes: [{ key: 'service.name', value: { stringValue: 'golden' } }],
  };
  const scope = {
    name: 'golden',
    version: '1.0',
    attributes: [{ key: 'n', value: { intValue: '1' } }],
  };
  const scopeSpans = {
    ...{ none: {}, name: { scope: { name: 'golden' } }, full: { scope, schemaUrl: 'urn:scope' } }[
      one.scope!
    ],
    spans: [spanOf(one, number)],
  };
  return {
    resourceSpans: [
      {
        ...{ none: {}, service: { resource }, schema: { resource, schemaUrl: 'urn:resource' } }[
          one.resource!
        ],
        scopeSpans: [scopeSpans],
      },
    ],
  };
}

/** Integers stay exact. */
function printed(span: unknown): string {
  return JSON.stringify(span, (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : Object.is(value, -0) ? '-0' : value,
  );
}

let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());

test('there are at least 96 cases, and every pair is in one', () => {
  expect(cases.length).toBeGreaterThanOrEqual(96);
  const seen = new Set(cases.flatMap(pairsOf));
  expect(allPairs(factors).filter((pair) => !seen.has(pair))).toEqual([]);
});

test('every case means the same in protobuf and JSON, compressed or not, and what it meant before', async () => {
  const kept: string[] = [];
  for (const [number, one] of cases.entries()) {
    const request = requestOf(one, number + 1);
    const records: SpanRecord[] = [];
    for (const [headers, body] of [
      [protobuf, protobufOf(request)],
      [json, jsonOf(request)],
    ] as const) {
      for (const packed of [false, true]) {
        const answer = await receiver.send(packed ? gzipSync(body) : body, {
          headers: packed ? { ...headers, 'content-encoding': 'gzip' } : headers,
        });
        expect(answer.status).toBe(200);
        records.push(receiver.batches.at(-1)!.spans[0]!);
      }
    }
    for (const record of records) expect(printed(record)).toBe(printed(records[0]));
    kept.push(printed(records[0]));
  }
  expect(kept.join('\n')).toMatchSnapshot();
}, 120_000);

test('both databases keep the same of every case', async () => {
  const stored = async (databaseUrl: string): Promise<string[]> => {
    const evolution: Evolution = await createEvolution({ databaseUrl, captureContent: true });
    try {
      const spans = cases.flatMap(
        (one, n) => decodeTraces(protobufOf(requestOf(one, n + 1)), 'protobuf').spans,
      );
      expect((await evolution.sink.accept({ spans })).refused).toEqual([]);
      const read: string[] = [];
      for (const { traceId } of spans) {
        const [span] = await evolution.store.getTrace(traceId);
        read.push(printed({ ...span, receivedAtUnixNano: null }));
      }
      return read;
    } finally {
      await evolution.close();
    }
  };
  const sqlite = await stored('sqlite::memory:');
  const postgres = await stored(`${process.env.TEST_PG_URL}?schema=golden_${process.pid}`);
  expect(sqlite).toEqual(postgres);
}, 60_000);
