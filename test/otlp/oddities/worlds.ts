import type { HrTime } from '@opentelemetry/api';
import { createEvolution, createEvolutionAPI, type Evolution } from '../../../src/index';
import type { EvolutionApi } from '../../../src/api';
import type { ReadableSpan } from '../../../src/otel/readable-span';
import { SpanQueueProcessor } from '../../../src/otel/span-queue-processor';
import type { Message } from '../arbitrary-request';
import { jsonOf, protobufOf } from '../make-request';
import { json, protobuf, type Receiver, startReceiver } from '../start-receiver';

export type Dialect = 'sqlite' | 'postgres';
export type Encoding = 'protobuf' | 'json';

/** A database, and one way into it. */
export interface World {
  readonly name: string;
  readonly dialect: Dialect;
  readonly evolution: Evolution;
  /** `null` where spans come from the SDK. */
  readonly door: Door | null;
  readonly api: EvolutionApi;
  /** Through the span processor; resolves when they are stored. */
  readonly end: (spans: readonly ReadableSpan[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface Door {
  readonly encoding: Encoding;
  readonly headers: Readonly<Record<string, string>>;
  readonly receiver: Receiver;
  readonly encode: (request: Message) => Buffer;
}

const encoders = {
  protobuf: { headers: protobuf, encode: protobufOf },
  json: { headers: json, encode: jsonOf },
};

/** Both databases, each by protobuf, by JSON and by the span processor. */
export async function openWorlds(): Promise<readonly World[]> {
  const worlds: World[] = [];
  for (const dialect of ['sqlite', 'postgres'] as const) {
    for (const way of ['protobuf', 'json', 'processor'] as const) {
      const schema = `oddities_${way}_${process.pid}`;
      const databaseUrl =
        dialect === 'sqlite' ? 'sqlite::memory:' : `${process.env.TEST_PG_URL}?schema=${schema}`;
      worlds.push(await openWorld(dialect, way, databaseUrl));
    }
  }
  return worlds;
}

async function openWorld(
  dialect: Dialect,
  way: Encoding | 'processor',
  databaseUrl: string,
): Promise<World> {
  const evolution = await createEvolution({ databaseUrl, captureContent: true });
  const processor = new SpanQueueProcessor(evolution.sink);
  const receiver = way === 'processor' ? null : await startReceiver({ sink: evolution.sink });
  return {
    name: `${dialect} by ${way}`,
    dialect,
    evolution,
    door: way === 'processor' ? null : { encoding: way, receiver: receiver!, ...encoders[way] },
    api: await createEvolutionAPI(evolution, { authorize: () => ['admin'] }),
    async end(spans) {
      for (const span of spans) processor.onEnd(span);
      await processor.forceFlush();
    },
    async close() {
      await processor.shutdown();
      await receiver?.close();
      await evolution.close();
    },
  };
}

/** What is stored of a trace, as text: the same in every world, whatever the id of the trace and the time of arrival. */
export async function storedText(
  { evolution: { store } }: World,
  traceId: string,
): Promise<string> {
  const spans = await store.getTrace(traceId);
  const executions = (await store.listExecutions({ traceId })).items;
  const links = (await store.queryLinks({ traceId })).items;
  const rewards = (await store.queryRewards({ limit: 1_000 })).items.filter(({ target }) =>
    printed(target).includes(traceId),
  );
  const known = spans.map(({ receivedAtUnixNano: _, ...span }) => span);
  // Pages are in the order of arrival.
  const arrived = [links, rewards].map((page) => [...page].sort(byText));
  return printed({ spans: known, executions, links: arrived[0], rewards: arrived[1] }).replaceAll(
    traceId,
    'TRACE',
  );
}

function byText(a: unknown, b: unknown): number {
  const [one, two] = [printed(a), printed(b)];
  return one < two ? -1 : one > two ? 1 : 0;
}

/** Integers stay exact, and minus zero is told from zero. */
function printed(value: unknown): string {
  return JSON.stringify(
    value,
    (_, item: unknown) =>
      typeof item === 'bigint' ? `${item}n` : Object.is(item, -0) ? '-0' : item,
    1,
  );
}

const resource = { attributes: { 'service.name': 'oddities' } };
const scope = { name: 'oddities', version: '1.0' };

/** One request of these spans. */
export function requestOf(spans: readonly Message[]): Message {
  const attributes = [{ key: 'service.name', value: { stringValue: 'oddities' } }];
  return { resourceSpans: [{ resource: { attributes }, scopeSpans: [{ scope, spans }] }] };
}

/** The span as the SDK would hand it over. */
export function readableOf(message: Message): ReadableSpan {
  const id = (name: string): string => Buffer.from(message[name] as Buffer).toString('hex');
  const list = (name: string): Message[] => (message[name] as Message[] | undefined) ?? [];
  const context = { traceId: id('traceId'), spanId: id('spanId'), traceFlags: 1 };
  const end = BigInt((message['endTimeUnixNano'] as string | undefined) ?? 0);
  const status = (message['status'] as Message | undefined) ?? {};
  return {
    name: message['name'] as string,
    kind: (message['kind'] as number) - 1,
    spanContext: () => context,
    ...(message['parentSpanId'] !== undefined && {
      parentSpanContext: { ...context, spanId: id('parentSpanId') },
    }),
    startTime: hrTime(BigInt(message['startTimeUnixNano'] as string)),
    endTime: hrTime(end),
    ended: end !== 0n,
    status: {
      code: (status['code'] as number | undefined) ?? 0,
      ...(status['message'] !== undefined && { message: status['message'] as string }),
    },
    attributes: ownObject(list('attributes')),
    events: list('events').map((event) => ({
      time: hrTime(BigInt(event['timeUnixNano'] as string)),
      name: event['name'] as string,
      attributes: ownObject((event['attributes'] as Message[] | undefined) ?? []),
    })),
    links: list('links').map((link) => ({
      context: {
        traceId: Buffer.from(link['traceId'] as Buffer).toString('hex'),
        spanId: Buffer.from(link['spanId'] as Buffer).toString('hex'),
        traceFlags: 1,
      },
      attributes: ownObject((link['attributes'] as Message[] | undefined) ?? []),
    })),
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function hrTime(unixNano: bigint): HrTime {
  return [Number(unixNano / 1_000_000_000n), Number(unixNano % 1_000_000_000n)];
}

/** `__proto__` as an own key, as a parser would leave it. */
function ownObject(pairs: readonly Message[]): object {
  const object = {};
  for (const { key, value } of pairs) {
    Object.defineProperty(object, key as string, {
      value: plain(value as Message | undefined),
      ...{ enumerable: true, configurable: true, writable: true },
    });
  }
  return object;
}

function plain(value: Message = {}): unknown {
  const [kind] = Object.keys(value);
  const content = kind === undefined ? null : value[kind];
  switch (kind) {
    case 'intValue':
      return BigInt(content as string);
    case 'arrayValue':
      return (content as { values: Message[] }).values.map(plain);
    case 'kvlistValue':
      return ownObject((content as { values: Message[] }).values);
    default:
      return content;
  }
}
