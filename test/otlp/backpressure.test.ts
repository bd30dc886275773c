import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { StoreUnavailableError } from '../../src/errors';
import type { IngestBatch, SpanSink } from '../../src/model/ports';
import { createWriteHealth } from '../../src/otlp';
import { waitFor } from '../support/wait-for';
import { protobufOf, requestMessage, spanMessage } from './make-request';
import { protobuf, type Receiver, startReceiver } from './start-receiver';

let receiver: Receiver | null = null;
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await receiver?.close();
  receiver = null;
});

async function start(change: Parameters<typeof startReceiver>[0]): Promise<Receiver> {
  receiver = await startReceiver(change);
  return receiver;
}

function batchOf(spans: number): Buffer {
  return protobufOf(
    requestMessage(...Array.from({ length: spans }, (_, n) => spanMessage(`span ${n}`))),
  );
}

const gzipped = { headers: { ...protobuf, 'content-encoding': 'gzip' } };

/** A client that says so much of a body and then nothing more. */
async function stall(url: string, part: Buffer, headers: string[] = []): Promise<Socket> {
  const { port } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  socket.write(
    [
      'POST /v1/traces HTTP/1.1',
      'Host: 127.0.0.1',
      'Content-Type: application/x-protobuf',
      `Content-Length: ${part.length + 1_000}`,
      ...headers,
      '\r\n',
    ].join('\r\n'),
  );
  await new Promise((resolve) => socket.write(part, resolve));
  return socket;
}

/** Stores one slice after the other, as slowly as it is told. */
function slowSink(millisPerSpan: number): SpanSink & { readonly log: number[] } {
  const log: number[] = [];
  let last = Promise.resolve();
  return {
    log,
    accept: ({ spans }) => {
      last = last.then(() => sleep(spans.length * millisPerSpan));
      log.push(spans.length);
      return last.then(() => ({ accepted: spans.length, duplicates: 0, refused: [] }));
    },
  };
}

test('forty connections with large bodies: a small client does not stand behind them', async () => {
  const sink = slowSink(0.1);
  const limits = { maxWorkingRecords: 6_000, maxWaitMillis: 60_000, maxAnswerMillis: 60_000 };
  const { send } = await start({ sink, limits });
  const large = batchOf(5_000);
  const small = batchOf(10);
  const done: string[] = [];
  const bulk = Array.from({ length: 40 }, () => send(large).then(() => done.push('large')));
  await waitFor('work', () => Promise.resolve(sink.log.length > 2));
  const before = done.length;
  expect((await send(small)).status).toBe(200);
  expect(done.length - before).toBeLessThan(4);
  await Promise.all(bulk);
  expect(done).toHaveLength(40);
}, 120_000);

test('only so many records are decoded and stored at once, the rest waits as bytes or is 429', async () => {
  let working = 0;
  let most = 0;
  const sink: SpanSink = {
    accept: async ({ spans }) => {
      working += spans.length;
      most = Math.max(most, working);
      await sleep(400);
      working -= spans.length;
      return { accepted: spans.length, duplicates: 0, refused: [] };
    },
  };
  const limits = { maxWorkingRecords: 1_000, maxWaitingRecords: 3_000 };
  const { send } = await start({ sink, limits });
  const body = batchOf(500);
  const answers = await Promise.all(Array.from({ length: 20 }, () => send(body)));
  const statuses = answers.map(({ status }) => status).sort();
  expect(most).toBe(1_000);
  // Two work, six wait.
  expect(statuses).toEqual([...Array<number>(8).fill(200), ...Array<number>(12).fill(429)]);
  const refused = answers.find(({ status }) => status === 429)!;
  expect(refused.headers['retry-after']).toMatch(/^[1-4]$/);
  expect((await send(body)).status).toBe(200);
});

test('two connections that stall with 48 MiB each stop nobody else', async () => {
  const { url, send } = await start({});
  const bomb = gzipSync(Buffer.alloc(48 * 2 ** 20), { level: 1 });
  const encoded = ['Content-Encoding: gzip'];
  for (let n = 0; n < 2; n += 1) await stall(url, bomb, encoded);
  await sleep(500);
  for (const spans of [10, 1_000, 20_000]) {
    expect((await send(batchOf(spans))).status).toBe(200);
  }
});

test('a body that stops coming is 503, and its bytes are free again', async () => {
  const limits = { maxInFlightBytes: 4_000_000, maxBodyMillis: 1_500 };
  const { url, send, observations } = await start({ limits });
  const large = batchOf(25_000);
  await stall(url, Buffer.alloc(2_700_000));
  await sleep(500);
  expect((await send(large)).status).toBe(429);
  await waitFor('the end of it', () => Promise.resolve(observations.length > 1));
  expect(observations.map(({ status }) => status)).toEqual([429, 503]);
  expect((await send(large)).status).toBe(200);
});

test('a gzip bomb is 413, not a 429 that asks to come again, while others hold all the room', async () => {
  const { url, send } = await start({});
  const held = gzipSync(Buffer.alloc(48 * 2 ** 20), { level: 1 });
  await stall(url, held, ['Content-Encoding: gzip']);
  const bomb = gzipSync(Buffer.alloc(200 * 2 ** 20), { level: 1 });
  const answers = await Promise.all(Array.from({ length: 8 }, () => send(bomb, gzipped)));
  expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(413));
});

test('gzip bombs that wait before the door in vain are 413 too, and what is only large is 429', async () => {
  const { send, observations } = await start({
    sink: slowSink(2),
    limits: { maxWorkingRecords: 100, maxWaitMillis: 200, maxAnswerMillis: 60_000 },
  });
  // All is made before: while it is, the first request would be stored and the door open.
  const [first, second] = [batchOf(5_000), batchOf(5_001)];
  const bomb = gzipSync(Buffer.alloc(512 * 2 ** 20), { level: 1 });
  const noise = gzipSync(randomBytes(300 * 1024));
  for (const body of [first, second, bomb, noise]) {
    expect(body.length).toBeGreaterThan(256 * 1024);
  }
  const stored = send(first);
  await sleep(100);
  const answers = await Promise.all([
    send(second),
    send(noise, gzipped),
    ...Array.from({ length: 5 }, () => send(bomb, gzipped)),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([429, 429, 413, 413, 413, 413, 413]);
  expect((await stored).status).toBe(200);
  expect(observations).toHaveLength(8);
}, 60_000);

describe('more than can be stored in time', () => {
  test('work that is begun is never thrown away: the same request sent again joins it', async () => {
    const sink = slowSink(0.1);
    const health = createWriteHealth(() => performance.now());
    const limits = { maxAnswerMillis: 400, maxFailingMillis: 300 };
    const { send } = await start({ sink, limits, health });
    const body = batchOf(12_000);
    const statuses: number[] = [];
    while (statuses.at(-1) !== 200) statuses.push((await send(body)).status);
    // Told to come again, since others may be stored meanwhile, and not that the database is away.
    expect(new Set(statuses)).toEqual(new Set([429, 200]));
    expect(health.failure).toBeNull();
    expect(sink.log.reduce((sum, spans) => sum + spans, 0)).toBe(12_000);
  });

  test('another request of the same length is not taken for it', async () => {
    const batches: IngestBatch[] = [];
    const sink: SpanSink = {
      accept: async (batch) => {
        batches.push(batch);
        await sleep(50);
        return { accepted: batch.spans.length, duplicates: 0, refused: [] };
      },
    };
    const { send } = await start({ sink, limits: { maxAnswerMillis: 100 } });
    const [first, second] = ['a', 'b'].map((name) =>
      protobufOf(
        requestMessage(...Array.from({ length: 5_000 }, (_, n) => spanMessage(`${name} ${n}`))),
      ),
    );
    const sendUntilStored = async (body: Buffer): Promise<void> => {
      while ((await send(body)).status !== 200);
    };
    await Promise.all([sendUntilStored(first!), sendUntilStored(second!)]);
    const names = batches.flatMap(({ spans }) => spans.map(({ name }) => name));
    expect(new Set(names).size).toBe(10_000);
    expect(names).toHaveLength(10_000);
  });

  test('a large body waits unread before the door, and is refused when its time is over', async () => {
    // The time is over before a first slice of 500 tells the pace.
    const sink = slowSink(0.7);
    const limits = { maxWorkingRecords: 5_000, maxWaitMillis: 300, maxAnswerMillis: 60_000 };
    const { send, observations } = await start({ sink, limits });
    const body = batchOf(8_000);
    const answers = await Promise.all([1, 2, 3].map(() => send(body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 429, 429]);
    const refused = observations.filter(({ status }) => status === 429);
    expect(refused.map(({ bytes }) => bytes)).toEqual([0, 0]);
  });

  test('a large body that does not come holds the door for a second only', async () => {
    const { url, send } = await start({ limits: { maxWorkingRecords: 10_000 } });
    for (let n = 0; n < 4; n += 1) await stall(url, Buffer.alloc(3_000_000));
    await sleep(200);
    const startedAt = performance.now();
    expect((await send(batchOf(10_000))).status).toBe(200);
    // Without the rule as long as a body may take: 30 s.
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  });
});

describe('a refusal in mid-body', () => {
  const kept = { ...protobuf, connection: 'keep-alive' };

  test('arrives, and says that the connection ends', async () => {
    const { send } = await start({ limits: { maxBodyBytes: 1_000_000 } });
    const answers = await Promise.all(
      Array.from({ length: 30 }, () =>
        send(Buffer.alloc(40_000_000), { headers: kept, chunkBytes: 65_536 }),
      ),
    );
    for (const { status, headers } of answers) {
      expect([status, headers.connection]).toEqual([413, 'close']);
    }
  });

  test.each([
    ['another path', { path: '/v1/metrics', headers: kept }, 404],
    ['another type', { headers: { ...kept, 'content-type': 'text/plain' } }, 415],
  ])(
    '%s: what is small is read to its end, the connection stays',
    async (_name, change, status) => {
      const { send } = await start({});
      const answer = await send(Buffer.alloc(100_000), { ...change, chunkBytes: 10_000 });
      expect([answer.status, answer.headers.connection]).toEqual([status, 'keep-alive']);
    },
  );
});

describe('one deadline a request', () => {
  test('a lock: who has waited 2 s hears of it with the first, not one lock after the other', async () => {
    // As a store does: one transaction at a time, each giving up after its own time.
    let last: Promise<unknown> = Promise.resolve();
    let locks = 0;
    const sink: SpanSink = {
      accept: () => {
        const turn = last.then(async () => {
          await sleep(300);
          locks += 1;
          throw new StoreUnavailableError('The database is locked by another process.');
        });
        last = turn.catch(() => undefined);
        return turn;
      },
    };
    const { send } = await start({ sink, limits: { maxFailingMillis: 300 } });
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(batchOf(1))));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(503));
    expect(locks).toBeLessThan(5);
  });

  test('a hang: 503 in time; its bytes stay charged until it has really ended', async () => {
    let finish = (): void => undefined;
    const hang = new Promise<void>((resolve) => (finish = resolve));
    const sink: SpanSink = {
      accept: async ({ spans }) => {
        await hang;
        return { accepted: spans.length, duplicates: 0, refused: [] };
      },
    };
    const health = createWriteHealth(() => 0);
    const limits = { maxAnswerMillis: 300, maxFailingMillis: 100, maxInFlightBytes: 100_000 };
    const { send } = await start({ sink, limits, health });
    const body = batchOf(1_000);
    const first = await send(body);
    expect(first.status).toBe(503);
    expect(health.failure?.error.message).toContain('has not taken the request within 0.3 s');
    expect((await send(body)).status).toBe(429);
    finish();
    await waitFor('room', async () => (await send(body)).status === 200);
    expect(health.failure).toBeNull();
  });
});
