import { gzipSync } from 'node:zlib';
import { ORIGINAL_BYTES } from '../../src/otlp/decode-budget';
import type { SpanRecord } from '../../src/model/span';
import {
  field,
  jsonOf,
  protobufOf,
  requestMessage,
  spanMessage as span,
  withTail,
} from './make-request';
import {
  json,
  protobuf,
  readPartialSuccess,
  readStatus,
  type Receiver,
  type Send,
  startReceiver,
} from './start-receiver';

let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
});

afterEach(async () => {
  const { status } = await receiver.send(protobufOf(requestMessage(span('after'))));
  expect(status).toBe(200);
  expect(receiver.errors).toEqual([]);
});

afterAll(() => receiver.close());

/** Sends and tells what the sink was given. */
async function store(
  body: Buffer | string,
  send?: Send,
): Promise<{ spans: readonly SpanRecord[]; partial: unknown }> {
  const before = receiver.batches.length;
  const answer = await receiver.send(body, send);
  expect({ status: answer.status, body: answer.body.toString() }).toMatchObject({ status: 200 });
  const spans = receiver.batches.slice(before).flatMap((batch) => batch.spans);
  return { spans, partial: readPartialSuccess(answer) };
}

async function expectRefused(
  status: number,
  message: string | RegExp,
  body: Buffer | string,
  send?: Send,
): Promise<void> {
  const before = receiver.batches.length;
  const answer = await receiver.send(body, send);
  expect(answer.status).toBe(status);
  expect(readStatus(answer).message).toMatch(message);
  expect(receiver.batches).toHaveLength(before);
}

const healthy = protobufOf(requestMessage(span('healthy')));
const gzip = (body: Buffer): Buffer => gzipSync(body);
const gzipped: Send = { headers: { ...protobuf, 'content-encoding': 'gzip' } };
const asJson: Send = { headers: json };

describe('compression', () => {
  test('gzip is unpacked, several members too', async () => {
    const halves = [healthy.subarray(0, 20), healthy.subarray(20)];
    expect((await store(gzip(healthy), gzipped)).spans).toHaveLength(1);
    expect((await store(Buffer.concat(halves.map(gzip)), gzipped)).spans).toHaveLength(1);
    expect((await store(gzip(Buffer.alloc(0)), gzipped)).spans).toHaveLength(0);
  });

  test('a bomb of 512 MiB is given up at 64 MiB', async () => {
    const mebibyte = gzip(Buffer.alloc(2 ** 20));
    const bomb = Buffer.concat(Array.from({ length: 512 }, () => mebibyte));
    expect(bomb.length).toBeLessThan(2 ** 20);
    const before = process.memoryUsage.rss();
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 5);
    await expectRefused(413, 'expected at most 67108864 bytes', bomb, gzipped);
    clearInterval(watch);
    expect(most - before).toBeLessThan(160 * 2 ** 20);
  });

  test('more than 64 MiB without compression is 413 too', async () => {
    await expectRefused(413, 'expected at most 67108864 bytes', Buffer.alloc(2 ** 26 + 1));
  });

  const packed = gzip(healthy);
  const badCrc = Buffer.from(packed);
  badCrc[packed.length - 6]! ^= 0xff;
  test.each([
    ['a wrong checksum', badCrc, 'incorrect data check'],
    ['an end that is missing', packed.subarray(0, -9), 'unexpected end of file'],
    ['bytes after the end', Buffer.concat([packed, Buffer.from('more')]), 'incorrect header check'],
    ['no gzip at all', healthy, 'incorrect header check'],
    ['nothing', Buffer.alloc(0), 'unexpected end of file'],
    ['gzip in gzip', gzip(packed), 'protobuf, at byte'],
  ])('%s is 400', async (_name, body, message) => {
    await expectRefused(400, message, body, gzipped);
  });

  test.each(['br', 'deflate', 'zstd', 'gzip, gzip'])('%s is 415', async (coding) => {
    const headers = { ...protobuf, 'content-encoding': coding };
    await expectRefused(415, `expected gzip or none, came ${coding}`, healthy, { headers });
  });
});

describe('headers, methods and paths', () => {
  test.each(['text/plain', 'application/grpc', 'application/json+x', 'multipart/form-data'])(
    'content type %s is 415',
    async (type) => {
      await expectRefused(415, `came ${type}`, healthy, { headers: { 'content-type': type } });
    },
  );

  test('no content type is 415', async () => {
    await expectRefused(415, 'came none', healthy, { headers: {} });
  });

  test.each(['application/x-protobuf; v=1', 'Application/X-Protobuf'])(
    'content type %s is protobuf',
    async (type) => {
      const { spans } = await store(healthy, { headers: { 'content-type': type } });
      expect(spans).toHaveLength(1);
    },
  );

  test('application/json; charset=utf-8 is JSON', async () => {
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    const { spans } = await store(jsonOf(requestMessage(span('grüße'))), { headers });
    expect(spans[0]?.name).toBe('grüße');
  });

  test.each(['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s is 405', async (method) => {
    const answer = await receiver.send('', { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('POST');
    expect(readStatus(answer).message).toBe(`expected POST, came ${method}`);
  });

  test('metrics are 404 with what to do', async () => {
    await expectRefused(404, 'set traces_endpoint', '', { path: '/v1/metrics' });
  });

  test.each(['/v1/trace', '/v1/__proto__', '/v1/traces/x', '/v1/constructor'])(
    '%s is 404',
    async (path) => {
      await expectRefused(404, `came ${path}`, healthy, { path });
    },
  );

  test('a body in chunks of one byte is a body', async () => {
    expect((await store(healthy, { headers: protobuf, chunkBytes: 1 })).spans).toHaveLength(1);
  });

  test('an empty body stores nothing, in both encodings', async () => {
    for (const send of [{}, asJson]) {
      expect(await store('', send)).toEqual({ spans: [], partial: undefined });
    }
    expect(await store('{}', asJson)).toEqual({ spans: [], partial: undefined });
  });
});

describe('protobuf', () => {
  test.each([
    ['cut off', healthy.subarray(0, -3), /protobuf, at byte \d+: expected \d+ more bytes, came/],
    ['a length of 4 GiB', Buffer.from('0affffffff0f00', 'hex'), 'expected 4294967295 more bytes'],
    ['a length of 64 bits', Buffer.from('0affffffffffffffff7f', 'hex'), 'at most 32 bits'],
    ['a varint of 11 bytes', withTail('30ffffffffffffffffffff01'), 'at most 10 bytes'],
    ['field number 0', withTail('0000'), 'came field number 0'],
    ['wire type 6', withTail('a601'), 'expected a wire type from 0 to 5, came 6'],
    ['a group without end', withTail('a301'), 'expected the end of a group'],
    [
      'a group that ends as another',
      withTail('a301ac01'),
      'expected a group to end where it began',
    ],
    ['an end without group', withTail('a401'), 'expected a group to end where it began'],
    ['200 nested groups', withTail('a301'.repeat(200)), 'fewer nested groups'],
    ['JSON sent as protobuf', Buffer.from('{"resourceSpans":[]}'), 'protobuf, at byte'],
  ])('%s is 400', async (_name, body, message) => {
    await expectRefused(400, message, body);
  });

  test.each([
    ['scopes', (many: Buffer) => field(1, many), '1200'],
    [
      'list elements',
      (many: Buffer) => field(1, field(1, field(1, field(2, field(5, many))))),
      '0a00',
    ],
  ])('a flood of empty %s is 400 before it is a stall', async (_name, wrap, empty) => {
    // That it was refused for its number says that it was not read to its end.
    const flood = wrap(Buffer.alloc(60e6, empty, 'hex'));
    await expectRefused(400, 'came more; send smaller batches', flood);
  });

  test('a group, an unknown field and known fields of another wire type are skipped', async () => {
    const tail =
      `a301${'a301a401'.repeat(50)}a401` + 'a2010568656c6c6f' + '2807' + '3a0161' + '82010161';
    const { spans, partial } = await store(withTail(tail));
    expect(spans.map(({ name }) => name)).toEqual(['healthy', 'odd']);
    expect(spans[1]).toMatchObject({ startTimeUnixNano: 1_760_000_000_000_000_000n, flags: 0 });
    expect(partial).toBeUndefined();
  });

  test('invalid UTF-8 is replaced, NUL stays', async () => {
    const { spans } = await store(withTail('2a04ff00c328'));
    expect(spans.map(({ name }) => name)).toEqual(['healthy', '\ufffd\0\ufffd(']);
  });
});

describe('JSON', () => {
  test.each([
    ['no JSON', '{"resourceSpans":[', 'expected JSON, came something else'],
    ['bare NaN', '{"resourceSpans":NaN}', 'expected JSON, came something else'],
    ['protobuf sent as JSON', healthy, 'expected JSON, came something else'],
    ['null', 'null', 'request: expected an object, came null'],
    ['a list', '[]', 'request: expected an object, came a list'],
    ['a number for a list', '{"resourceSpans":7}', 'resourceSpans: expected a list, came 7'],
    ['null in a list', '{"resourceSpans":[null]}', 'expected an object, came null'],
  ])('%s is 400', async (_name, body, message) => {
    await expectRefused(400, message, body, asJson);
  });

  /** The change is JSON text of more members of the span. */
  const withMembers = (...members: string[]): string => {
    const whole = jsonOf(span('whole')).toString();
    const odd = members.map((text) => `${jsonOf(span('odd')).toString().slice(0, -1)},${text}}`);
    return `{"resourceSpans":[{"scopeSpans":[{"spans":[${[whole, ...odd].join()}]}]}]}`;
  };

  test.each([
    ['an enum by name', '"kind":"SPAN_KIND_SERVER"', 'OTLP/JSON has no enum names'],
    ['a list for a name', '"name":[]', 'name: expected a string, came a list'],
    ['a time in words', '"startTimeUnixNano":"today"', 'expected an integer from 0 to'],
    [
      'a time of 60 digits',
      `"startTimeUnixNano":${'1'.repeat(60)}`,
      'expected an integer from 0 to',
    ],
    ['a fraction of a nanosecond', '"endTimeUnixNano":1.5', 'expected an integer from 0 to'],
    ['a negative time', '"endTimeUnixNano":"-1"', 'expected an integer from 0 to'],
    [
      'no list of attributes',
      '"attributes":{"a":1}',
      'attributes: expected a list, came an object',
    ],
    ['a count below 0', '"droppedLinksCount":-1', 'expected an integer from 0 to 4294967295'],
    ['bytes that are none', '"attributes":[{"key":"a","value":{"bytesValue":"é"}}]', 'base64'],
    [
      'an overflow',
      '"attributes":[{"key":"a","value":{"intValue":"9223372036854775808"}}]',
      'intValue: expected an integer from -9223372036854775808 to 9223372036854775807',
    ],
  ])('%s costs that span alone', async (_name, member, reason) => {
    const { spans, partial } = await store(withMembers(member), asJson);
    expect(spans.map(({ name }) => name)).toEqual(['whole']);
    expect(partial).toEqual({
      rejectedSpans: '1',
      errorMessage: expect.stringContaining(reason) as unknown,
    });
  });

  test('of members with one name the last one counts; unknown ones are ignored', async () => {
    const body = withMembers('"name":"again","name":"last","x":{"y":[1]},"trace_state":"no"');
    const { spans, partial } = await store(body, asJson);
    expect(spans.map(({ name, traceState }) => [name, traceState])).toEqual([
      ['whole', null],
      ['last', null],
    ]);
    expect(partial).toBeUndefined();
  });

  test('integers are exact as numbers and as text, doubles may be words', async () => {
    const values = ['-9223372036854775808', '9007199254740993', '"9007199254740993"', '12'];
    const list = (name: string, items: string[]): string =>
      `"attributes":[{"key":"a","value":{"arrayValue":{"values":[${items.map((item) => `{"${name}":${item}}`).join()}]}}}]`;
    const doubles = ['"NaN"', '"-Infinity"', '1e400', '"-0"', '3', '0.5'];
    const { spans } = await store(
      withMembers(list('intValue', values), list('doubleValue', doubles)),
      asJson,
    );
    expect(spans[1]?.attributes.a).toEqual([
      { int: '-9223372036854775808' },
      { int: '9007199254740993' },
      { int: '9007199254740993' },
      12,
    ]);
    expect(spans[2]?.attributes.a).toEqual([
      { double: 'NaN' },
      { double: '-Infinity' },
      { double: 'Infinity' },
      { double: '-0' },
      { double: 3 },
      0.5,
    ]);
  });

  test('text that looks like a 64-bit field stays as it is', async () => {
    const text = '{"intValue": 12345678901234567890, "timeUnixNano":12345678901234567890}';
    const { spans } = await store(withMembers(`"name":${JSON.stringify(text)}`), asJson);
    expect(spans[1]?.name).toBe(text);
  });

  test('lone surrogates and invalid UTF-8 are replaced, NUL and emoji stay', async () => {
    const members = Buffer.from(withMembers('"name":"\\ud800a\\udc00\\u0000😀?"'));
    members[members.lastIndexOf('?')] = 0xff;
    const { spans } = await store(members, asJson);
    expect(spans[1]?.name).toBe('\ufffda\ufffd\0😀\ufffd');
  });

  test('no prototype changes', async () => {
    const polluted = '{"key":"__proto__","value":{"kvlistValue":{"values":[{"key":"x"}]}}}';
    const members = `"__proto__":{"kind":3},"attributes":[${polluted},{"key":"constructor"}]`;
    const { spans } = await store(withMembers(members), asJson);
    expect(Object.keys(spans[1]?.attributes ?? {})).toEqual(['__proto__', 'constructor']);
    expect(spans[1]?.kind).toBe(0);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  test('a flood of small values is refused before it is parsed', async () => {
    for (const piece of ['[],', '[', '{"a":', '{},']) {
      const body = Buffer.alloc(60e6, piece);
      await expectRefused(400, 'braces, brackets and commas', body, asJson);
    }
  });
});

describe.each([
  ['protobuf', protobuf, protobufOf],
  ['json', json, jsonOf],
])('spans in %s', (_name, headers, encode) => {
  const hex = (text: string): Buffer => Buffer.from(text, 'hex');

  test.each([
    ['no trace id', { traceId: hex('') }, 'trace id is missing'],
    ['a trace id of zeros', { traceId: Buffer.alloc(16) }, 'trace id is all zeros'],
    ['a short trace id', { traceId: hex('0a0b') }, 'expected 32 hex digits, came "0a0b"'],
    ['a long trace id', { traceId: Buffer.alloc(99, 1) }, 'expected 32 hex digits, came "0101'],
    ['a span id of zeros', { spanId: Buffer.alloc(8) }, 'span id is all zeros'],
    ['a long span id', { spanId: Buffer.alloc(16, 1) }, 'span id: expected 16 hex digits'],
    ['a short parent id', { parentSpanId: hex('01') }, 'parent span id: expected 16 hex digits'],
    ['milliseconds', { startTimeUnixNano: '1760000000000' }, 'is it in milliseconds or seconds?'],
    ['seconds at the end', { endTimeUnixNano: '1760000000' }, 'end time: expected nanoseconds'],
  ])('%s costs that span alone', async (_what, change, reason) => {
    const request = requestMessage(span('first'), span('bad', change), span('last'));
    const { spans, partial } = await store(encode(request), { headers });
    expect(spans.map(({ name }) => name)).toEqual(['first', 'last']);
    expect(partial).toEqual({
      rejectedSpans: '1',
      errorMessage: expect.stringMatching(/^span 1: /) as unknown,
    });
    expect((partial as { errorMessage: string }).errorMessage).toContain(reason);
  });

  test.each(['0', '1', '999999999', '9223372036854775808', '18446744073709551615'])(
    'a start of %s is kept as it came: the clock was wrong, the span was real',
    async (startTimeUnixNano) => {
      const { spans } = await store(encode(requestMessage(span('odd', { startTimeUnixNano }))), {
        headers,
      });
      expect(spans[0]).toMatchObject({ startTimeUnixNano: BigInt(startTimeUnixNano) });
    },
  );

  test('an end before the start and links that point nowhere are kept as they are', async () => {
    const { spans } = await store(
      encode(
        requestMessage(
          span('odd', {
            parentSpanId: Buffer.alloc(8),
            endTimeUnixNano: '1750000000000000000',
            links: [{ traceId: hex(''), spanId: hex('') }, { traceId: hex('01') }],
          }),
        ),
      ),
      { headers },
    );
    expect(spans[0]).toMatchObject({
      parentSpanId: null,
      endTimeUnixNano: 1_750_000_000_000_000_000n,
      links: [{ traceId: '0'.repeat(32), spanId: '0'.repeat(16) }],
      droppedLinksCount: 1,
    });
  });

  test('what is too long or too deep is cut and counted, its neighbours are whole', async () => {
    let deep: Record<string, unknown> = { stringValue: 'end' };
    for (let n = 0; n < 40; n += 1) deep = { arrayValue: { values: [deep] } };
    const attributes = [
      { key: 'deep', value: deep },
      { key: 'long', value: { stringValue: 'é'.repeat(2 ** 19) + 'é' } },
      { key: 'kept', value: { stringValue: 'x' } },
    ];
    const request = requestMessage(span('cut', { attributes, droppedAttributesCount: 5 }));
    const { spans } = await store(encode(request), { headers });
    const read = spans[0]!;
    expect(read.droppedAttributesCount).toBe(7);
    const { [ORIGINAL_BYTES]: original, ...sent } = read.attributes;
    expect(Object.keys(sent)).toEqual(['deep', 'long', 'kept']);
    expect(original).toEqual({ map: { long: 2 ** 20 + 2 } });
    expect(read.attributes.long).toBe('é'.repeat(2 ** 19));
    expect(JSON.stringify(read.attributes.deep)).toBe('['.repeat(32) + ']'.repeat(32));
  });

  test('60 MiB of text in one attribute are cut without a stall', async () => {
    const millisOf = async (mebibytes: number): Promise<number> => {
      const value = { stringValue: 'x'.repeat(mebibytes * 2 ** 20) };
      const body = encode(requestMessage(span('large', { attributes: [{ key: 'a', value }] })));
      const started = performance.now();
      const { spans } = await store(body, { headers });
      expect(spans[0]?.attributes.a).toHaveLength(2 ** 20);
      return performance.now() - started;
    };
    const quarter = await millisOf(15);
    // Four times as much; what goes back over what it has read would take sixteen times as long.
    expect(await millisOf(60)).toBeLessThan(12 * Math.max(quarter, 250));
  });
});

describe('an attribute of 10,000 levels', () => {
  test('in protobuf', async () => {
    let deep: Buffer = field(1, Buffer.from('end'));
    for (let level = 0; level < 10_000; level += 1) deep = field(5, field(1, deep));
    const keyValue = Buffer.concat([field(1, Buffer.from('deep')), field(2, deep)]);
    const { spans } = await store(withTail(field(9, keyValue).toString('hex')));
    expect(spans.map(({ name }) => name)).toEqual(['healthy', 'odd']);
    expect(spans[1]?.droppedAttributesCount).toBe(1);
  });

  test('in JSON', async () => {
    const depth = 10_000;
    const value = '{"arrayValue":{"values":['.repeat(depth) + '{}' + ']}}'.repeat(depth);
    const [open = '', close = ''] = jsonOf(requestMessage(span('odd', { attributes: ['?'] })))
      .toString()
      .split('"?"');
    const { spans } = await store(`${open}{"key":"deep","value":${value}}${close}`, asJson);
    expect(spans[0]).toMatchObject({ name: 'odd', droppedAttributesCount: 1 });
  });
});

describe('another signal', () => {
  const log = field(1, field(2, field(2, Buffer.from('090000c4fa8fa06c180a0a0174', 'hex'))));

  test('a log record in protobuf is told from a span', async () => {
    const { spans, partial } = await store(log);
    expect(spans).toEqual([]);
    expect(partial).toEqual({
      rejectedSpans: '1',
      errorMessage: 'span 0: this is a log record, not a span: send logs to /v1/logs',
    });
  });

  test('spans without any id are told to be something else', async () => {
    const { partial } = await store(
      '{"resourceSpans":[{"scopeSpans":[{"spans":[{},{}]}]}]}',
      asJson,
    );
    expect(partial).toEqual({
      rejectedSpans: '2',
      errorMessage: expect.stringContaining('is this a logs or metrics request?') as unknown,
    });
  });

  test('a span among log records is refused by name', async () => {
    const answer = await receiver.send(healthy, { path: '/v1/logs' });
    expect(answer.status).toBe(200);
    expect(readPartialSuccess(answer)).toEqual({
      rejectedSpans: '1',
      errorMessage: 'log record 0: this is a span, not a log record: send traces to /v1/traces',
    });
  });

  test('JSON of another signal is 400 with the way to go', async () => {
    await expectRefused(400, 'send logs to /v1/logs', '{"resourceLogs":[]}', asJson);
    await expectRefused(400, 'metrics are not taken here', '{"resourceMetrics":[]}', asJson);
  });
});
