import { openStore } from '../../src/store';
import { createIngest } from '../../src/runtime/ingest';
import { seededRandom } from '../../src/stats';
import { encodeOtlp } from '../support/otlp-proto';
import type { Message } from './arbitrary-request';
import { field, jsonOf, requestMessage } from './make-request';
import { innards, sendTo, sendUntilTaken, shared } from './oddities/answers';
import { oddBodies } from './oddities/bodies';
import { oddities, type Oddity, startOf, type Trace, traceOf } from './oddities/cases';
import { head, openSocket, type RawClient, statusesIn } from './oddities/sockets';
import {
  type Door,
  openWorlds,
  readableOf,
  requestOf,
  storedText,
  type World,
} from './oddities/worlds';
import { readPartialSuccess, readStatus, startReceiver } from './start-receiver';

// Rules R25 and R40 to R55 of what is odd in data: each case goes through protobuf, JSON and, where an SDK can say it, the span
// processor into both databases. The same is stored everywhere, nothing that everybody shares changes, and no answer tells
// what is behind it.

let worlds: readonly World[];
const before = shared();

beforeAll(async () => {
  worlds = await openWorlds();
}, 60_000);
afterEach(() => expect(shared()).toEqual(before));
afterAll(() => Promise.all(worlds.map((world) => world.close())));

const neighbourId = Buffer.from('00000000000000ff', 'hex');
const neighbourOf = ({ span }: Trace): Message =>
  span(900, { name: 'neighbour', spanId: neighbourId });

describe.each([...new Set(oddities.map(({ rule }) => rule))])('%s', (rule) => {
  const numbered = oddities.map((oddity, n) => [oddity.name, oddity, traceOf(n + 1)] as const);
  test.each(numbered.filter(([, oddity]) => oddity.rule === rule))(
    '%s',
    async (_, oddity, trace) => {
      const texts = new Map<string, string>();
      const stored = await Promise.all(
        worlds.map(async (world) => {
          const played = await play(world, oddity, trace);
          return played ? { world, text: await storedText(world, trace.id.toString('hex')) } : null;
        }),
      );
      for (const { world, text } of stored.filter((one) => one !== null)) {
        const way = world.door === null && oddity.storedByProcessor ? 'processor' : 'any';
        const same = texts.get(way) ?? text;
        expect({ world: world.name, text }).toEqual({ world: world.name, text: same });
        texts.set(way, text);
      }
      expect(texts.size).toBeGreaterThan(0);
      for (const [way, text] of texts) expectStored(oddity, way, text);
    },
  );
});

/** Sends all of it; whether this world has a way for it. */
async function play(world: World, oddity: Oddity, trace: Trace): Promise<boolean> {
  const requests = oddity.requests(trace);
  if (world.door === null) {
    if (oddity.readables === null) return false;
    const readables = oddity.readables?.(trace) ?? requests.flat().map(readableOf);
    await world.end([...readables, readableOf(neighbourOf(trace))]);
    return true;
  }
  if (requests.length === 0) return false;
  if (oddity.only !== undefined && oddity.only !== world.door.encoding) return false;
  for (const spans of requests) {
    const body = world.door.encode(requestOf([...spans, neighbourOf(trace)]));
    await expectAnswer(world.door, oddity, patched(body, oddity.patch));
  }
  return true;
}

async function expectAnswer(door: Door, { refused }: Oddity, body: Buffer): Promise<void> {
  const answer = await sendUntilTaken(door, body);
  expect(answer.status).toBe(200);
  const partial = readPartialSuccess(answer);
  if (refused === undefined) {
    expect(partial).toBeUndefined();
    return;
  }
  expect(partial).toEqual({
    rejectedSpans: String(refused[0]),
    errorMessage: expect.stringMatching(refused[1]) as unknown,
  });
}

function expectStored(oddity: Oddity, way: string, text: string): void {
  const { spans } = JSON.parse(text) as { spans: readonly { name: string }[] };
  expect(spans.map(({ name }) => name)).toContain('neighbour');
  const [odd] = spans.filter(({ name }) => name !== 'neighbour');
  const expected = way === 'processor' ? oddity.storedByProcessor : oddity.stored;
  if (oddity.refused !== undefined) expect(spans).toHaveLength(1);
  else expect(odd).toMatchObject(expected ?? {});
}

function patched(body: Buffer, patch: Oddity['patch']): Buffer {
  if (patch === undefined) return body;
  const [mark, bytes] = patch;
  const copy = Buffer.from(body);
  for (let at = copy.indexOf(mark); at >= 0; at = copy.indexOf(mark, at + 1)) bytes.copy(copy, at);
  return copy;
}

const doors = (): (World & { readonly door: Door })[] =>
  worlds.filter((world): world is World & { readonly door: Door } => world.door !== null);

let traces = 1_000;
const newTrace = (): Trace => traceOf((traces += 1));

/** The same in every world. */
async function storedEverywhere(trace: Trace, among = worlds): Promise<StoredTrace> {
  const texts = await Promise.all(among.map((one) => storedText(one, trace.id.toString('hex'))));
  for (const text of texts) expect(text).toBe(texts[0]);
  return JSON.parse(texts[0]!) as StoredTrace;
}

interface StoredTrace {
  readonly spans: readonly { readonly name: string; readonly droppedAttributesCount: number }[];
  readonly executions: readonly Readonly<Record<string, unknown>>[];
  readonly links: readonly { readonly resolved: boolean }[];
  readonly rewards: readonly { readonly resolved: boolean }[];
}

describe('R41', () => {
  const agent = [
    { key: 'gen_ai.operation.name', value: { stringValue: 'invoke_agent' } },
    { key: 'task.id', value: { stringValue: 'R41' } },
  ];
  const number = (doubleValue: number): Message => ({ doubleValue });
  /** A parent, its child, a link to the child, a judgement of the parent, its tags, and a child a day later. */
  const partsOf = ({ id, span }: Trace): readonly Message[] => {
    const idOf = (n: number): Buffer => span(n)['spanId'] as Buffer;
    const linkTo = (n: number): Message[] => [{ traceId: id, spanId: idOf(n), flags: 257 }];
    const day = 86_400_000_000_000n;
    return [
      span(1, { attributes: agent }),
      span(2, {
        parentSpanId: idOf(1),
        attributes: [{ key: 'tool.name', value: { stringValue: 'x' } }],
      }),
      span(3, { parentSpanId: idOf(1), links: linkTo(2) }),
      span(4, {
        name: 'evolution.reward',
        attributes: [{ key: 'reward.value', value: number(0.5) }],
        links: linkTo(1),
      }),
      span(5, {
        name: 'evolution.tags',
        attributes: [
          { key: 'evolution.tags', value: { arrayValue: { values: [{ stringValue: 'odd' }] } } },
        ],
        links: linkTo(1),
      }),
      span(6, {
        parentSpanId: idOf(1),
        startTimeUnixNano: String(startOf + day),
        endTimeUnixNano: String(startOf + day + 1n),
      }),
    ];
  };

  test('whatever comes first (child, link, reward, tags, a span a day late), all ends as in order', async () => {
    const random = seededRandom(41);
    let inOrder: StoredTrace | null = null;
    for (let round = 0; round < 4; round += 1) {
      const trace = newTrace();
      const parts = partsOf(trace).map((part) => [round === 0 ? 0 : random(), part] as const);
      const order = [...parts].sort(([a], [b]) => a - b).map(([, part]) => part);
      await Promise.all(
        worlds.map(async ({ door, end }) => {
          for (const part of order) {
            if (door === null) await end([readableOf(part)]);
            else expect((await sendTo(door, door.encode(requestOf([part])))).status).toBe(200);
          }
        }),
      );
      const stored = await storedEverywhere(trace);
      expect(stored.executions).toMatchObject([
        { spans: 4, rewards: { reward: 0.5 }, tags: ['odd'] },
      ]);
      expect(stored.links.every(({ resolved }) => resolved)).toBe(true);
      expect(stored.rewards).toMatchObject([{ resolved: true }]);
      inOrder ??= stored;
      expect(withoutIds(stored)).toEqual(withoutIds(inOrder));
    }
  }, 60_000);
});

/** A reward that nobody gave an id has one from its trace. */
function withoutIds(stored: StoredTrace): unknown {
  return JSON.parse(
    JSON.stringify(stored, (key, value: unknown) => (key === 'id' ? undefined : value)),
  );
}

describe('R43', () => {
  test.each(['sqlite', 'postgres'] as const)(
    'a wall clock that jumps back two hours and on a day stops neither taking nor deriving: %s',
    async (dialect) => {
      let now = startOf;
      const url = `${process.env.TEST_PG_URL}?schema=oddities_clock_${process.pid}`;
      const store = await openStore(dialect === 'sqlite' ? 'sqlite::memory:' : url, {
        clock: { nowUnixNano: () => now },
      });
      const settings = {
        policy: { captureContent: true, contentKey: new Uint8Array(32) },
        prices: {},
      };
      const receiver = await startReceiver({ sink: createIngest(store, settings) });
      const hour = 3_600_000_000_000n;
      for (const jump of [0n, -2n * hour, 26n * hour, 0n]) {
        now += jump;
        for (const { door } of doors().filter((world) => world.dialect === dialect)) {
          const trace = newTrace();
          const attributes = [
            { key: 'gen_ai.operation.name', value: { stringValue: 'invoke_agent' } },
          ];
          const body = door.encode(requestOf([trace.span(1, { attributes })]));
          expect((await sendTo({ ...door, receiver }, body)).status).toBe(200);
          const [execution] = (await store.listExecutions({ traceId: trace.id.toString('hex') }))
            .items;
          expect(execution).toMatchObject({ spans: 1, status: 'completed' });
        }
      }
      await receiver.close();
      await store.close();
    },
  );
});

describe('R45', () => {
  test('a value of 10,000 lists in one another is cut, and its span and neighbour live', async () => {
    const depth = 10_000;
    const trace = newTrace();
    const neighbour = neighbourOf(trace);
    let deep: Buffer = field(1, Buffer.from('core'));
    for (let level = 0; level < depth; level += 1) deep = field(5, field(1, deep));
    const keyValue = Buffer.concat([field(1, Buffer.from('deep')), field(2, deep)]);
    const odd = Buffer.concat([encodeOtlp('Span', trace.span(1)), field(9, keyValue)]);
    const inProtobuf = [odd, encodeOtlp('Span', neighbour)].map((span) => field(2, span));
    const attributes = [{ key: 'deep', value: 'MARK' }];
    const inJson = jsonOf(requestMessage(trace.span(1, { attributes }), neighbour)).toString();
    const open = '{"arrayValue":{"values":['.repeat(depth);
    const bodies = {
      protobuf: field(1, field(2, Buffer.concat(inProtobuf))),
      json: inJson.replace('"MARK"', `${open}{"stringValue":"core"}${']}}'.repeat(depth)}`),
    };
    for (const { door } of doors()) {
      expect((await sendTo(door, bodies[door.encoding])).status).toBe(200);
    }
    const stored = await storedEverywhere(trace, doors());
    expect(stored.spans).toMatchObject([
      { name: 'span 1', droppedAttributesCount: 1 },
      { name: 'neighbour' },
    ]);
    const nested = Array.from({ length: depth }).reduce<unknown>((inner) => [inner], 'core');
    const ended = worlds.filter(({ door }) => door === null);
    for (const world of ended) {
      await world.end([
        { ...readableOf(trace.span(2)), attributes: { deep: nested } },
        readableOf(neighbour),
      ]);
    }
    expect((await storedEverywhere(trace, ended)).spans).toMatchObject([
      { name: 'span 2', droppedAttributesCount: 1 },
      { name: 'neighbour' },
    ]);
  });
});

describe('R48', () => {
  test('log records sent as traces are refused with the likely cause', async () => {
    const logRecords = [{ timeUnixNano: String(startOf), body: { stringValue: 'hello' } }];
    const request = { resourceLogs: [{ scopeLogs: [{ logRecords }] }] };
    for (const { door } of doors()) {
      const body =
        door.encoding === 'json'
          ? JSON.stringify(request)
          : encodeOtlp('ExportLogsServiceRequest', request);
      const answer = await sendTo(door, body);
      const [status, said] =
        door.encoding === 'json'
          ? [400, readStatus(answer).message]
          : [200, (readPartialSuccess(answer) as { errorMessage: string }).errorMessage];
      expect(answer.status).toBe(status);
      expect(said).toContain('send logs to /v1/logs');
    }
    const trace = newTrace();
    for (const { door } of doors()) {
      const answer = await sendTo(door, door.encode(requestOf([trace.span(1)])), {
        path: '/v1/logs',
      });
      expect(answer.body.toString()).toContain('send traces to /v1/traces');
    }
    expect((await storedEverywhere(trace)).spans).toEqual([]);
  });
});

describe.each([...new Set(oddBodies.map(({ rule }) => rule))])('%s', (rule) => {
  test.each(oddBodies.filter((odd) => odd.rule === rule).map((odd) => [odd.name, odd] as const))(
    '%s',
    async (_, odd) => {
      const trace = newTrace();
      const meant = doors().filter(({ door }) => !odd.only || odd.only === door.encoding);
      const tries = meant.map(async ({ door, evolution }) => {
        const before = await evolution.store.getTotals();
        const healthy = door.encode(requestOf([trace.span(1)]));
        const answer = await sendTo(
          door,
          odd.body(healthy, door.encoding),
          odd.send?.(door.encoding),
        );
        expect(answer.status).toBe(odd.status);
        if (odd.message) expect(readStatus(answer).message).toMatch(odd.message);
        if (odd.status !== 200) expect(await evolution.store.getTotals()).toEqual(before);
        expect((await sendTo(door, door.encode(requestOf([trace.span(2)])))).status).toBe(200);
        expect(door.receiver.errors).toEqual([]);
      });
      await Promise.all(tries);
    },
  );
});

/** Answers on one connection, and that the next client is served. */
async function saidTo(door: Door, said: string | Buffer, millis = 500): Promise<string> {
  const heard = await (await openSocket(door, said)).heard(millis);
  expect(heard).not.toMatch(innards);
  expect((await sendTo(door, door.encode(requestOf([newTrace().span(1)])))).status).toBe(200);
  expect(door.receiver.errors).toEqual([]);
  return heard;
}

describe('R52', () => {
  const close = 'Connection: close';
  test.each([
    ['a target that begins with two slashes', ['POST //v1/traces HTTP/1.1'], [404]],
    ['a target that is only slashes', ['POST // HTTP/1.1'], [404]],
    ['a target in absolute form', ['POST http://127.0.0.1/v1/nothing HTTP/1.1'], [404]],
    ['a header named __proto__', ['GET /v1/traces HTTP/1.1', '__proto__: x'], [405]],
    ['a header named constructor', ['GET /v1/traces HTTP/1.1', 'constructor: x'], [405]],
    ['no HTTP at all', ['hello'], [400]],
    ['an unknown version', ['POST /v1/traces HTTP/9.9'], [400, 505]],
    ['headers of 64 KiB', ['POST /v1/traces HTTP/1.1', `x: ${'x'.repeat(65_536)}`], [431]],
  ])('%s', async (_, lines, expected) => {
    for (const { door } of doors()) {
      const said = head(door, ...lines, 'Content-Length: 0', close);
      expect(expected).toContain(statusesIn(await saidTo(door, said, 5_000))[0]);
    }
  });

  test('two requests in one write are both answered and stored', async () => {
    for (const { door, evolution } of doors()) {
      const [one, two] = [newTrace(), newTrace()];
      const said = [one, two].map((trace, n) => {
        const body = door.encode(requestOf([trace.span(1)]));
        const more = n === 1 ? [close] : [];
        const first = 'POST /v1/traces HTTP/1.1';
        return Buffer.concat([
          Buffer.from(head(door, first, `Content-Length: ${body.length}`, ...more)),
          body,
        ]);
      });
      expect(statusesIn(await saidTo(door, Buffer.concat(said), 5_000))).toEqual([200, 200]);
      for (const { id } of [one, two]) {
        expect(await evolution.store.getTrace(id.toString('hex'))).toHaveLength(1);
      }
    }
  });
});

describe('R53', () => {
  const post = 'POST /v1/traces HTTP/1.1';
  const slow: { readonly door: Door; readonly evolution: World['evolution'] }[] = [];
  beforeAll(async () => {
    for (const { door, evolution } of doors()) {
      const limits = { maxBodyMillis: 1_500 };
      const receiver = await startReceiver({ sink: evolution.sink, limits });
      slow.push({ door: { ...door, receiver }, evolution });
    }
  });
  afterAll(() => Promise.all(slow.map(({ door }) => door.receiver.close())));
  const bodyOf = (door: Door): Buffer => door.encode(requestOf([newTrace().span(1)]));

  test('a length that says too much: 503 after the time of a body, nothing stored', async () => {
    const tries = slow.map(async ({ door, evolution }) => {
      const body = bodyOf(door);
      const { spans } = await evolution.store.getTotals();
      const said = Buffer.concat([
        Buffer.from(head(door, post, `Content-Length: ${body.length + 9}`, 'Connection: close')),
        body,
      ]);
      expect(statusesIn(await saidTo(door, said, 8_000))[0]).toBe(503);
      expect((await evolution.store.getTotals()).spans).toBe(spans + 1);
    });
    await Promise.all(tries);
  }, 40_000);

  const framed: readonly (readonly [
    string,
    (body: Buffer) => readonly [string, Buffer | string],
  ])[] = [
    ['a length that says too little', (body) => [`Content-Length: ${body.length - 5}`, body]],
    ['two lengths', () => ['Content-Length: 1\r\nContent-Length: 2', '']],
    ['a length and chunks', () => ['Content-Length: 1\r\nTransfer-Encoding: chunked', '0\r\n\r\n']],
    ['a negative length', () => ['Content-Length: -1', '']],
    ['a chunk whose size is no number', () => ['Transfer-Encoding: chunked', 'hello\r\n\r\n']],
    ['a chunk of 2^70 bytes', () => ['Transfer-Encoding: chunked', `${'f'.repeat(18)}\r\n`]],
  ];
  test.each(framed)('%s is 400, and the connection ends', async (_, make) => {
    for (const { door } of slow) {
      const [line, rest] = make(bodyOf(door));
      const said = Buffer.concat([Buffer.from(head(door, post, line)), Buffer.from(rest)]);
      const statuses = statusesIn(await saidTo(door, said, 8_000));
      expect(statuses.at(-1)).toBe(400);
    }
  });

  test('one byte at a time, and five hundred that say nothing, stop no healthy client', async () => {
    const { door } = slow[0]!;
    const idle = await Promise.all(Array.from({ length: 500 }, () => openSocket(door, 'POST /v1')));
    const drips = await Promise.all(
      Array.from({ length: 50 }, () => openSocket(door, head(door, post, 'Content-Length: 99999'))),
    );
    const dripping = setInterval(() => drips.forEach(({ socket }) => socket.write('x')), 100);
    for (let n = 0; n < 100; n += 1) {
      expect((await sendUntilTaken(door, bodyOf(door))).status).toBe(200);
    }
    const heard = await Promise.all(drips.map((client: RawClient) => client.heard(8_000)));
    clearInterval(dripping);
    for (const { socket } of idle) socket.destroy();
    expect(new Set(heard.flatMap((text) => statusesIn(text)[0]))).toEqual(new Set([503]));
  }, 60_000);
});

describe('R54', () => {
  const members = (trace: Trace, ...odd: readonly string[]): string => {
    const spans = odd.map((text, n) =>
      jsonOf(trace.span(n + 1))
        .toString()
        .replace(/}$/, `,${text}}`),
    );
    const neighbour = jsonOf(neighbourOf(trace)).toString();
    return `{"resourceSpans":[{"scopeSpans":[{"spans":[${[...spans, neighbour].join()}]}]}]}`;
  };
  const intValue = (value: string): string =>
    `"attributes":[{"key":"n","value":{"intValue":${value}}}]`;

  test.each([
    [
      'of two members with one name the last one counts',
      '"name":"first","name":"last"',
      { name: 'last' },
    ],
    [
      'names in snake case are not known',
      '"parent_span_id":"x","trace_state":"y"',
      { parentSpanId: null },
    ],
    [
      'members that nobody knows are passed over',
      '"fromTheFuture":{"deep":[1]}',
      { name: 'span 1' },
    ],
    [
      'an integer as a number is exact',
      intValue('9007199254740993'),
      { attributes: { n: { int: '9007199254740993' } } },
    ],
    [
      'an integer as text is the same',
      intValue('"9007199254740993"'),
      { attributes: { n: { int: '9007199254740993' } } },
    ],
    [
      'a time as a number is exact',
      '"endTimeUnixNano":1790000001000000001',
      { endTimeUnixNano: '1790000001000000001n' },
    ],
    [
      'a double as words',
      '"attributes":[{"key":"n","value":{"doubleValue":"-Infinity"}}]',
      { attributes: { n: { double: '-Infinity' } } },
    ],
    ['null is absent', '"attributes":null,"status":null,"events":null', { name: 'span 1' }],
    ['an enum that nobody knows is unspecified', '"kind":99', { kind: 0 }],
    ['no value is an empty one', '"attributes":[{"key":"n"}]', { attributes: { n: null } }],
  ] as const)('%s', async (_, member, expected) => {
    const trace = newTrace();
    const among = doors().filter(({ door }) => door.encoding === 'json');
    for (const { door } of among) {
      const answer = await sendTo(door, members(trace, member));
      expect([answer.status, answer.body.toString()]).toEqual([200, '{}']);
    }
    expect((await storedEverywhere(trace, among)).spans[0]).toMatchObject(expected);
  });

  test.each([
    ['an enum by name', '"kind":"SPAN_KIND_SERVER"', 'OTLP/JSON has no enum names'],
    ['an integer beyond 64 bits', intValue('"9223372036854775808"'), 'expected an integer from'],
    ['a number that is infinite', '"endTimeUnixNano":1e400', 'expected an integer from'],
    ['a list for a name', '"name":[]', 'expected a string, came a list'],
    ['a fraction of a nanosecond', '"endTimeUnixNano":1.5', 'expected an integer from'],
  ])('%s costs that span alone', async (_, member, reason) => {
    const trace = newTrace();
    const among = doors().filter(({ door }) => door.encoding === 'json');
    for (const { door } of among) {
      const answer = await sendTo(door, members(trace, member));
      expect(answer.status).toBe(200);
      expect((readPartialSuccess(answer) as { errorMessage: string }).errorMessage).toContain(
        reason,
      );
    }
    expect((await storedEverywhere(trace, among)).spans).toMatchObject([{ name: 'neighbour' }]);
  });
});

describe('R55', () => {
  const span = { trace_id: 'ab'.repeat(16), span_id: 'cd'.repeat(8), name: 'x' };
  const start_time_unix_nano = String(startOf);
  test.each([
    ['a list where one is meant', 'GET', '/tasks?limit=1&limit=2', undefined, /limit/],
    ['a parameter in brackets', 'GET', '/tasks?limit[]=1', undefined, /limit\[\]/],
    ['a negative limit', 'GET', '/tasks?limit=-1', undefined, /limit/],
    ['a limit of 1e309', 'GET', '/tasks?limit=1e309', undefined, /limit/],
    ['a limit beyond the largest page', 'GET', '/spans?limit=1000000', undefined, /limit/],
    ['a parameter named __proto__', 'GET', '/spans?__proto__=x', undefined, /__proto__/],
    ['no body', 'POST', '/rewards', '', /empty/],
    ['a list for an object', 'POST', '/rewards', [], /object/i],
    ['an unknown field', 'POST', '/rewards', { task_id: 't', value: 1, colour: 'x' }, /colour/],
    ['a field named __proto__', 'POST', '/tasks', '{"id":"x","__proto__":{"y":1}}', /__proto__/],
    ['a list for a number', 'POST', '/rewards', { task_id: 't', value: [1] }, /value/],
    ['a score of 1e309', 'POST', '/rewards', '{"task_id":"t","value":1e309}', /value/],
    ['a score that is not a number', 'POST', '/rewards', { task_id: 't', value: 'NaN' }, /value/],
    ['a negative time', 'POST', '/spans', { ...span, start_time_unix_nano: '-1' }, /time/],
    ['an object for a name', 'POST', '/spans', { ...span, start_time_unix_nano, name: {} }, /name/],
    ['a batch that is no list', 'POST', '/spans/batch', { spans: {} }, /spans/],
  ])('%s is a 400 that names it, and nothing is stored', async (_, method, path, body, names) => {
    for (const { api, evolution } of doors()) {
      const before = await evolution.store.getTotals();
      const answer = await api.fetch(
        new Request(`http://localhost/api/v1${path}`, {
          method,
          ...(body !== undefined && {
            headers: { 'content-type': 'application/json' },
            body: typeof body === 'string' ? body : JSON.stringify(body),
          }),
        }),
      );
      const text = await answer.text();
      expect(text).not.toMatch(innards);
      expect({ status: answer.status, text }).toMatchObject({ status: 400 });
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect((JSON.parse(text) as { detail: string }).detail).toMatch(names);
      expect(await evolution.store.getTotals()).toEqual(before);
    }
  });
});
