import { readPartialSuccess } from './answer';
import {
  type Bench,
  expectNoBreak,
  expectStatus,
  type Finding,
  otlp,
  plainJson,
  plainProtobuf,
  type Rule,
  uncompressed,
  unknown,
} from './rule';
import { encodeLog, encodeTraces, type TestSpan, type TestValue } from './telemetry';

const proto = 'https://github.com/open-telemetry/opentelemetry-proto/blob/main/';
const traceProto = `${proto}opentelemetry/proto/trace/v1/trace.proto`;
const commonProto = `${proto}opentelemetry/proto/common/v1/common.proto`;
const spanId = '00f067aa0ba902b7';

/** Must be taken, and stored where somebody counts. */
async function expectStored(bench: Bench, change: Partial<TestSpan>): Promise<Finding> {
  const traceId = change.traceId ?? bench.newTraceId();
  const body = encodeTraces([{ traceId, spanId, ...change }], bench.variant.encoding);
  const answer = await bench.send({ body });
  const refused = expectStatus(answer, 200);
  if (refused !== null) return refused;
  const rejected = readPartialSuccess(answer.body, bench.variant.encoding)?.rejected ?? 0;
  if (rejected > 0) return `${rejected} rejected`;
  return expectCount(bench, traceId, 1, null);
}

async function expectCount(
  { count }: Bench,
  traceId: string,
  expected: number,
  uncounted: Finding,
): Promise<Finding> {
  const stored = await count(traceId.toLowerCase());
  if (stored === null) return uncounted;
  return stored === expected ? null : `expected ${expected} stored, came ${stored}`;
}

function attribute(value: TestValue): Partial<TestSpan> {
  return { attributes: [['value', value]] };
}

function nested(levels: number): TestValue {
  let value: TestValue = { string: 'core' };
  for (let level = 0; level < levels; level += 1) value = { array: [value] };
  return value;
}

/** What a request may hold, and what becomes of it. */
export const rulesOfContent: readonly Rule[] = [
  {
    id: 'stored',
    level: 'MUST',
    text: 'what was acknowledged is there (needs --count)',
    reference: `${otlp}#full-success-1`,
    check: async (bench) => {
      const traceId = bench.newTraceId();
      const body = encodeTraces([{ traceId, spanId }], bench.variant.encoding);
      const answer = await bench.send({ body });
      return expectStatus(answer, 200) ?? expectCount(bench, traceId, 1, unknown);
    },
  },
  {
    id: 'resent',
    level: 'robustness',
    text: 'what a client sends again is there once (needs --count)',
    reference: `${otlp}#duplicate-data`,
    check: async (bench) => {
      const traceId = bench.newTraceId();
      const body = encodeTraces([{ traceId, spanId }], bench.variant.encoding);
      for (let n = 0; n < 2; n += 1) await bench.send({ body });
      return expectCount(bench, traceId, 1, unknown);
    },
  },
  {
    id: 'partial-success',
    // That it is rejected is left to servers; how they tell it is not.
    level: 'robustness',
    text: 'an invalid span (all ids zero) is rejected alone, with a reason; its neighbour is stored',
    reference: `${otlp}#partial-success-1`,
    check: async (bench) => {
      const { variant } = bench;
      const traceId = bench.newTraceId();
      const bad = { traceId: '0'.repeat(32), spanId: '0'.repeat(16) };
      const body = encodeTraces([bad, { traceId, spanId }], variant.encoding);
      const answer = await bench.send({ body });
      const refused = expectStatus(answer, 200);
      if (refused !== null) return refused;
      const partial = readPartialSuccess(answer.body, variant.encoding);
      if (partial?.rejected !== 1) return `expected 1 rejected, came ${partial?.rejected ?? 0}`;
      if (partial.message === '') return 'no reason was given';
      return expectCount(bench, traceId, 1, null);
    },
  },
  {
    id: 'hex-ids',
    level: 'MUST',
    text: 'ids in JSON are hex, in any case',
    reference: `${otlp}#json-protobuf-encoding`,
    variants: plainJson,
    check: (bench) =>
      expectStored(bench, {
        traceId: bench.newTraceId().toUpperCase(),
        spanId: spanId.toUpperCase(),
      }),
  },
  {
    id: 'int64-number',
    level: 'MUST',
    text: '64-bit integers in JSON may be numbers, too',
    reference: 'https://protobuf.dev/programming-guides/json/',
    variants: plainJson,
    check: (bench) => expectStored(bench, { numbersForInt64: true, ...attribute({ int: 7n }) }),
  },
  {
    id: 'unknown-members',
    level: 'MUST',
    text: 'members that are not known are passed over',
    reference: `${otlp}#json-protobuf-encoding`,
    variants: plainJson,
    check: (bench) => expectStored(bench, { unknownMembers: { fromTheFuture: { deep: [1] } } }),
  },
  {
    id: 'original-names',
    level: 'MUST',
    text: 'names of fields as protobuf writes them (trace_id) are not known in JSON, and passed over',
    reference: `${otlp}#json-protobuf-encoding`,
    variants: plainJson,
    check: (bench) =>
      expectStored(bench, { unknownMembers: { trace_id: 'no', end_time_unix_nano: [] } }),
  },
  {
    id: 'unknown-fields',
    level: 'MUST',
    text: 'fields that are not known are passed over',
    reference: 'https://protobuf.dev/programming-guides/proto3/#unknowns',
    variants: plainProtobuf,
    // Field 999 as a varint, as bytes and as a fixed32.
    check: (bench) => expectStored(bench, { tail: 'b83e05ba3e0161bd3e01020304' }),
  },
  ...valueRules(),
  {
    id: 'invalid-utf8',
    level: 'robustness',
    text: 'invalid UTF-8 in a string breaks nothing',
    reference: 'https://protobuf.dev/programming-guides/proto3/#scalar',
    variants: plainProtobuf,
    check: (bench) => expectLives(bench, attribute({ string: Buffer.from([0xff, 0xfe, 0x41]) })),
  },
  {
    id: 'deep-value',
    level: 'robustness',
    text: 'a value of 1,000 lists in one another breaks nothing',
    reference: commonProto,
    variants: uncompressed,
    check: (bench) => expectLives(bench, attribute(nested(1_000))),
  },
  {
    id: 'odd-times',
    level: 'robustness',
    text: 'times of 0, of the largest 64 bits, and an end before the start break nothing',
    reference: traceProto,
    variants: uncompressed,
    check: async (bench) => {
      const end = 2n ** 64n - 1n;
      return (
        (await expectLives(bench, { startTimeUnixNano: 0n, endTimeUnixNano: 0n })) ??
        (await expectLives(bench, { startTimeUnixNano: end, endTimeUnixNano: end })) ??
        (await expectLives(bench, { endTimeUnixNano: 1_700_000_000_000_000_000n }))
      );
    },
  },
  {
    id: 'wrong-ids',
    level: 'robustness',
    text: 'ids of a wrong length break nothing',
    reference: traceProto,
    variants: uncompressed,
    check: async (bench) =>
      (await expectLives(bench, { traceId: 'abcd' })) ?? expectLives(bench, { spanId: '' }),
  },
  {
    id: 'prototype-key',
    level: 'robustness',
    text: 'an attribute named __proto__ is an attribute',
    reference: commonProto,
    variants: uncompressed,
    check: (bench) => expectStored(bench, { attributes: [['__proto__', { string: 'x' }]] }),
  },
  {
    id: 'logs-sent-as-traces',
    level: 'robustness',
    text: 'a logs request on /v1/traces is not acknowledged as a success',
    reference: `${otlp}#otlphttp-request`,
    variants: plainProtobuf,
    check: async ({ send, variant }) => {
      const answer = await send({ body: encodeLog('hello', variant.encoding) });
      if (answer.status !== 200) return expectStatus(answer, 400);
      const partial = readPartialSuccess(answer.body, variant.encoding);
      return (partial?.rejected ?? 0) > 0 ? null : 'came 200 without a word';
    },
  },
];

function valueRules(): Rule[] {
  const values: readonly (readonly [string, TestValue])[] = [
    ['string', { string: 'ü\u{1f600}' }],
    ['int', { int: -(2n ** 63n) }],
    ['double', { double: 0.1 }],
    ['bool', { bool: false }],
    ['bytes', { bytes: Uint8Array.of(0, 255) }],
    ['array', { array: [{ string: 'a' }, { int: 1n }] }],
    ['not-a-number', { double: NaN }],
  ];
  return values.map(([name, value]) => ({
    id: `value-${name}`,
    level: 'MUST',
    text: `an attribute may be ${name.replaceAll('-', ' ')}`,
    reference: commonProto,
    variants: uncompressed,
    check: (bench) => expectStored(bench, attribute(value)),
  }));
}

/** Taken or refused, but the server answers, and takes what comes next. */
async function expectLives(bench: Bench, change: Partial<TestSpan>): Promise<Finding> {
  const odd = { traceId: bench.newTraceId(), spanId, ...change };
  const answer = await bench.send({ body: encodeTraces([odd], bench.variant.encoding) });
  return expectNoBreak(answer) ?? expectStored(bench, {});
}
