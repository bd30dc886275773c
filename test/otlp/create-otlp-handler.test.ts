import { execFile } from 'node:child_process';
import { request } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ConfigError, StoreUnavailableError } from '../../src/errors';
import type { IngestResult, SpanSink } from '../../src/model/ports';
import { createOtlpHandler } from '../../src/otlp';
import { encodeOtlp } from '../support/otlp-proto';
import { waitFor } from '../support/wait-for';
import { jsonOf, protobufOf, requestMessage, spanMessage } from './make-request';
import {
  json,
  protobuf,
  readPartialSuccess,
  readStatus,
  type Receiver,
  startReceiver,
} from './start-receiver';

let receiver: Receiver | null = null;

async function start(change: Parameters<typeof startReceiver>[0] = {}): Promise<Receiver> {
  receiver = await startReceiver(change);
  return receiver;
}

afterEach(async () => {
  await receiver?.close();
  receiver = null;
});

/** A sink that answers one batch after the other as it is told to. */
function sinkOf(...answers: (Partial<IngestResult> | Error)[]): SpanSink {
  return {
    accept: ({ spans }) => {
      const answer = answers.shift() ?? {};
      return answer instanceof Error
        ? Promise.reject(answer)
        : Promise.resolve({ accepted: spans.length, duplicates: 0, refused: [], ...answer });
    },
  };
}

const one = requestMessage(spanMessage('one'));
const encodings = [
  { headers: protobuf, body: protobufOf(one) },
  { headers: json, body: jsonOf(one) },
];

describe('the exporter of opentelemetry-js', () => {
  async function exportTwoSpans(
    url: string,
  ): Promise<{ results: unknown; traceId: string; spanId: string }> {
    const child = join(__dirname, 'export-spans.child.mjs');
    const { stdout } = await promisify(execFile)(process.execPath, [child, url]);
    return JSON.parse(stdout) as Awaited<ReturnType<typeof exportTwoSpans>>;
  }

  test('delivers its spans without loss', async () => {
    const { url, batches } = await start();
    const { results, traceId, spanId } = await exportTwoSpans(url);
    expect(results).toEqual([{ code: 0 }]);
    const spans = batches.flatMap((batch) => batch.spans);
    expect(spans.find(({ name }) => name === 'parent')).toMatchObject({
      traceId,
      spanId,
      parentSpanId: null,
      kind: 3,
      startTimeUnixNano: 1_760_000_000_123_456_789n,
      endTimeUnixNano: 1_760_000_002_987_654_321n,
      attributes: { text: 'a', int: 7, double: 0.5, list: ['x', 'y'], flag: true },
      events: [{ name: 'said', timeUnixNano: 1_760_000_001_000_000_001n, attributes: { n: 1 } }],
      resource: { attributes: { 'service.name': 'agent' } },
      scope: { name: 'test', version: '1.2.3' },
    });
    expect(spans.find(({ name }) => name === 'child')).toMatchObject({
      parentSpanId: spanId,
      status: { code: 2, message: 'broken' },
      links: [{ traceId, spanId }],
    });
  });

  test('comes again when the store was away', async () => {
    const { url, observations } = await start({
      sink: sinkOf(new StoreUnavailableError('The database is away.'), {}),
      random: () => 0,
    });
    const { results } = await exportTwoSpans(url);
    expect(results).toEqual([{ code: 0 }]);
    expect(observations.map(({ status, accepted }) => [status, accepted])).toEqual([
      [503, 0],
      [200, 2],
    ]);
  });
});

describe('answers in the encoding of the request', () => {
  test.each(encodings)('$headers.content-type', async ({ headers, body }) => {
    const { send } = await start();
    const stored = await send(body, { headers });
    expect(stored.status).toBe(200);
    expect(stored.headers['content-type']).toBe(headers['content-type']);
    expect(stored.body.toString()).toBe(headers === json ? '{}' : '');

    const broken = await send('{', { headers });
    expect(broken.headers['content-type']).toBe(headers['content-type']);
    expect(readStatus(broken)).toMatchObject({ code: 3, message: expect.any(String) as unknown });
  });

  test.each(encodings)('partial success, $headers.content-type', async ({ headers }) => {
    const { send } = await start({
      sink: sinkOf({ accepted: 1, refused: [{ part: 'spans', index: 1, reason: 'too odd' }] }),
    });
    const request = requestMessage(
      spanMessage('no id', { spanId: Buffer.alloc(0) }),
      spanMessage('kept'),
      spanMessage('refused by the sink'),
    );
    const body = headers === json ? jsonOf(request) : protobufOf(request);
    const answer = await send(body, { headers });
    expect(answer.status).toBe(200);
    expect(readPartialSuccess(answer)).toEqual({
      rejectedSpans: '2',
      errorMessage: 'span 0: span id is missing; span 2: too odd',
    });
  });

  test('many refusals are told as a few and a number', async () => {
    const { send } = await start({ limits: { maxRecords: 6 } });
    const bad = Array.from({ length: 5 }, () =>
      spanMessage('bad', { startTimeUnixNano: '1760000000' }),
    );
    const good = [spanMessage('good'), spanMessage('over'), spanMessage('over')];
    const answer = await send(protobufOf(requestMessage(...bad, ...good)));
    const { rejectedSpans, errorMessage } = readPartialSuccess(answer) as Record<string, string>;
    expect(rejectedSpans).toBe('7');
    expect(errorMessage).toMatch(/^span 0: .*; span 1: .*; span 2: .*; and 2 more; 2 beyond/);
    expect(receiver?.batches[0]?.spans.map(({ name }) => name)).toEqual(['good']);
  });
});

describe('trouble that passes', () => {
  test.each([
    [0, '1'],
    [0.25, '2'],
    [0.999, '4'],
  ])('a store that is away: 503, come again (%d) in %s s', async (drawn, seconds) => {
    const { send } = await start({
      sink: sinkOf(new StoreUnavailableError('away'), new StoreUnavailableError('away')),
      random: () => drawn,
    });
    for (const { headers, body } of encodings) {
      const answer = await send(body, { headers });
      expect(answer.status).toBe(503);
      expect(answer.headers['retry-after']).toBe(seconds);
      expect(readStatus(answer)).toEqual({ code: 14, message: 'away' });
    }
  });

  test('too many bytes in flight: 429 until one request is answered', async () => {
    let finish = (): void => undefined;
    const gate = new Promise<void>((resolve) => (finish = resolve));
    let calls = 0;
    const { send, observations } = await start({
      limits: { maxInFlightBytes: 1_000 },
      sink: {
        accept: async ({ spans }) => {
          calls += 1;
          await gate;
          return { accepted: spans.length, duplicates: 0, refused: [] };
        },
      },
    });
    const body = protobufOf(requestMessage(spanMessage('x'.repeat(600))));
    const first = send(body);
    await waitFor('the first request', () => Promise.resolve(calls === 1));
    const second = await send(body);
    expect(second.status).toBe(429);
    expect(second.headers['retry-after']).toMatch(/^[1-4]$/);
    expect(readStatus(second).code).toBe(8);
    finish();
    expect((await first).status).toBe(200);
    expect((await send(body)).status).toBe(200);
    expect(observations.map(({ status }) => status)).toEqual([429, 200, 200]);
  });

  test('a client that hangs up leaves nothing behind', async () => {
    const limits = { maxInFlightBytes: 2 ** 20 };
    const { url, send, batches, observations } = await start({ limits });
    const call = request(`${url}/v1/traces`, { method: 'POST', headers: protobuf });
    call.on('error', () => undefined);
    await new Promise((resolve) => call.write(Buffer.alloc(2 ** 20 - 100), resolve));
    call.destroy();
    await waitFor('the end', () => Promise.resolve(observations.length === 1));
    expect(batches).toEqual([]);
    const body = protobufOf(requestMessage(spanMessage('x'.repeat(1_000))));
    expect((await send(body)).status).toBe(200);
  });
});

test('an error of the sink itself is not the client’s: 500, and it is reported', async () => {
  const { send, errors } = await start({ sink: sinkOf(new TypeError('ours')) });
  expect((await send(protobufOf(one))).status).toBe(500);
  expect(errors).toEqual([expect.objectContaining({ message: 'ours' })]);
});

test('evaluation results come from logs', async () => {
  const { send, batches } = await start();
  const attributes = [{ key: 'gen_ai.evaluation.name', value: { stringValue: 'relevance' } }];
  const log = {
    timeUnixNano: '1760000000000000000',
    traceId: Buffer.alloc(16, 1),
    spanId: Buffer.alloc(8, 2),
    attributes,
  };
  const logRecords = [
    { ...log, eventName: 'gen_ai.evaluation.result' },
    { ...log, eventName: 'something.else' },
    { ...log, eventName: 'gen_ai.evaluation.result', timeUnixNano: '1' },
  ];
  const body = encodeOtlp('ExportLogsServiceRequest', {
    resourceLogs: [{ scopeLogs: [{ logRecords }] }],
  });
  const answer = await send(body, { path: '/v1/logs' });
  expect(readPartialSuccess(answer)).toMatchObject({
    rejectedSpans: '1',
    errorMessage: expect.stringMatching(/^log record 2: time: expected/) as unknown,
  });
  expect(batches.flatMap(({ logs = [] }) => logs)).toMatchObject([
    {
      eventName: 'gen_ai.evaluation.result',
      traceId: '01'.repeat(16),
      spanId: '02'.repeat(8),
      timeUnixNano: 1_760_000_000_000_000_000n,
      attributes: { 'gen_ai.evaluation.name': 'relevance' },
    },
  ]);
});

test('each request whose body was asked for is observed once', async () => {
  let now = 0;
  const takesAQuarter: SpanSink = {
    accept: () => {
      now += 250;
      return Promise.resolve({ accepted: 1, duplicates: 1, refused: [] });
    },
  };
  const { send, observations } = await start({ sink: takesAQuarter, monotonicMillis: () => now });
  const body = protobufOf(one);
  await send(body);
  await send('?');
  await send(body, { method: 'GET' });
  expect(observations).toEqual([
    {
      signal: 'traces',
      status: 200,
      accepted: 1,
      duplicates: 1,
      refused: 0,
      reduced: 0,
      reasons: [],
      bytes: body.length,
      seconds: 0.25,
    },
    {
      signal: 'traces',
      status: 400,
      accepted: 0,
      duplicates: 0,
      refused: 0,
      reduced: 0,
      reasons: [{ reason: expect.any(String) as string, count: 1 }],
      bytes: 1,
      seconds: 0,
    },
  ]);
});

test.each([
  { maxDepth: 65 },
  { maxDepth: Infinity },
  { maxRecords: 0 },
  { maxBodyBytes: 1.5 },
  { maxValues: NaN },
])('limits that cannot be: %j', (limits) => {
  expect(() => createOtlpHandler({ sink: sinkOf(), limits })).toThrow(ConfigError);
});
