import { StoreUnavailableError } from '../errors';
import type { OtlpLoad, OtlpObservation, SpanSink } from '../model/ports';
import type { OtlpEncoding, RefusedRecord } from './decoded-records';
import type { Passage } from './door';
import { type Lease, MemoryBudget } from './memory-budget';
import { answerError, answerStored, type OtlpAnswer } from './otlp-answer';
import { createOtlpIntake, type OtlpIntake } from './otlp-intake';
import { OtlpDecodeError } from './otlp-decode-error';
import { type OtlpLimits, resolveOtlpLimits } from './otlp-limits';
import { discardRest, readBody, type ReadBody, refuseUnread } from './read-body';
import { type RequestHead, type Route, routeRequest } from './route-request';
import { type Arrived, createDesk, type Desk, storeInTime } from './store-in-turn';
import { BusyError } from './turns';
import { createWriteHealth, type WriteHealth } from './write-health';

export interface OtlpRequest extends RequestHead {
  readonly body: AsyncIterable<Uint8Array>;
  /** Whoever sent it, by identity: requests take turns by connection. @defaultValue the request itself */
  readonly connection?: object | undefined;
}

export interface OtlpHandlerOptions {
  /** Where decoded records go, or who decodes and stores a body, then within limits of its own. */
  readonly sink: SpanSink | OtlpIntake;
  readonly limits?: Partial<OtlpLimits> | undefined;
  readonly observe?: ((observation: OtlpObservation) => void) | undefined;
  /** Learns what becomes of writes. @defaultValue one of its own */
  readonly health?: WriteHealth | undefined;
  /** Uniform in [0, 1): spreads the times at which refused clients come back. @defaultValue `Math.random` */
  readonly random?: (() => number) | undefined;
  /** Monotonic clock, ms. @defaultValue `performance.now` */
  readonly monotonicMillis?: (() => number) | undefined;
}

export interface OtlpHandler {
  (request: OtlpRequest): Promise<OtlpAnswer>;
  /** What is under way. */
  readonly load: () => OtlpLoad;
}

type Counts = Pick<OtlpObservation, 'accepted' | 'duplicates' | 'refused' | 'reduced' | 'reasons'>;

interface Answered {
  readonly answer: OtlpAnswer;
  readonly counts: Counts;
}

/**
 * OTLP/HTTP for `POST /v1/traces` and `/v1/logs`. 200 means that everything not named in the partial
 * success is durable. Trouble that passes is 429 or 503 with `Retry-After`, since clients throw a batch
 * away at any other error. Bytes are charged from their arrival to the commit, also beyond an answer that gave up waiting.
 *
 * @throws ConfigError for limits out of range; the handler rejects only with errors of the sink that are
 * no `StoreUnavailableError`.
 * @see https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
export function createOtlpHandler(options: OtlpHandlerOptions): OtlpHandler {
  const { random = Math.random, monotonicMillis = () => performance.now() } = options;
  const limits = resolveOtlpLimits(options.limits);
  const intake =
    typeof options.sink === 'function' ? options.sink : createOtlpIntake(options.sink, limits);
  const health = options.health ?? createWriteHealth(monotonicMillis);
  const desk = createDesk(limits, intake, health, monotonicMillis);
  const retryLater: RetryLater = () => ({ 'retry-after': String(1 + Math.floor(random() * 4)) });
  const budget = new MemoryBudget(limits.maxInFlightBytes);

  const handle = async (request: OtlpRequest): Promise<OtlpAnswer> => {
    const route = routeRequest(request);
    const source = request.body[Symbol.asyncIterator]();
    if ('status' in route) return withoutRest(route, source, limits);
    const startedAt = monotonicMillis();
    const connection = request.connection ?? request;
    const lease = budget.lease(connection);
    const read = await readInTurn(desk, route, source, lease, connection);
    if (!read.ok) lease.release();
    const { answer, counts } = read.ok
      ? await answerBody(desk, route, { ...read, connection, lease }, retryLater)
      : nothingStored(answerUnread(read, route.encoding, retryLater), read.detail);
    const seconds = (monotonicMillis() - startedAt) / 1000;
    const { signal } = route;
    const bytes = read.sentBytes;
    options.observe?.({ signal, status: answer.status, ...counts, bytes, seconds });
    return read.ok ? answer : withoutRest(answer, source, limits);
  };
  const load = (): OtlpLoad => ({
    bytes: budget.held,
    waiting: desk.door.waiting + desk.turns.waiting,
  });
  return Object.assign(handle, { load });
}

type RetryLater = () => Record<string, string>;

type Read =
  | Extract<ReadBody, { ok: false }>
  | (Extract<ReadBody, { ok: true }> & { readonly passage: Passage });

async function readInTurn(
  { door, unfinished, limits }: Desk,
  { coding, declaredBytes }: Route,
  source: AsyncIterator<Uint8Array>,
  lease: Lease,
  connection: object,
): Promise<Read> {
  let passage: Passage;
  try {
    const bytes = unfinished.comesAgain(connection) ? undefined : declaredBytes;
    passage = await door.enter(connection, bytes, limits.maxWaitMillis);
  } catch (error) {
    if (!(error instanceof BusyError)) throw error;
    return refuseUnread(source, { coding, declaredBytes }, limits, error.message);
  }
  const read = await readBody(source, { coding, declaredBytes }, limits, lease);
  if (read.ok) return { ...read, passage };
  passage.end();
  return read;
}

/** A rest that is nearly there is awaited, so that the connection can be used again. */
const nearly = { maxBodyBytes: 1024 * 1024, maxBodyMillis: 250 };

async function withoutRest(
  answer: OtlpAnswer,
  source: AsyncIterator<Uint8Array>,
  limits: OtlpLimits,
): Promise<OtlpAnswer> {
  if (await discardRest(source, nearly)) return answer;
  const headers = { ...answer.headers, connection: 'close' };
  const lingering = { ...limits, maxBodyMillis: Math.min(limits.maxBodyMillis, 5_000) };
  return { ...answer, headers, rest: discardRest(source, lingering) };
}

const unreadStatus = { too_large: 413, broken: 400, busy: 429, slow: 503 } as const;

function answerUnread(
  { reason, detail }: Extract<ReadBody, { ok: false }>,
  encoding: OtlpEncoding,
  retryLater: RetryLater,
): OtlpAnswer {
  const headers = reason === 'busy' || reason === 'slow' ? retryLater() : {};
  return answerError(unreadStatus[reason], encoding, detail, headers);
}

function nothingStored(answer: OtlpAnswer, reason?: string): Answered {
  const reasons = reason === undefined ? [] : [{ reason, count: 1 }];
  return { answer, counts: { accepted: 0, duplicates: 0, refused: 0, reduced: 0, reasons } };
}

async function answerBody(
  desk: Desk,
  route: Route,
  arrived: Arrived,
  retryLater: RetryLater,
): Promise<Answered> {
  const { signal, encoding } = route;
  const { body, passage, lease } = arrived;
  const leave = (): void => {
    passage.end();
    lease.release();
  };
  if (body.length === 0) {
    leave();
    return nothingStored(answerStored(encoding, signal, 0, ''));
  }
  try {
    const stored = await storeInTime(desk, route, arrived, leave);
    return answerResult(route, stored);
  } catch (error) {
    if (error instanceof OtlpDecodeError) {
      return nothingStored(answerError(400, encoding, error.message), error.message);
    }
    if (error instanceof BusyError) {
      return nothingStored(answerError(429, encoding, error.message, retryLater()), error.message);
    }
    if (!(error instanceof StoreUnavailableError)) throw error;
    return nothingStored(answerError(503, encoding, error.message, retryLater()), error.message);
  }
}

function answerResult(
  { signal, encoding }: Route,
  { result, positions, overLimit, ...decoded }: Awaited<ReturnType<OtlpIntake>>,
): Answered {
  const refused = [...decoded.refused, ...result.refused.map((one) => asSent(one, positions))];
  const rejected = refused.length + overLimit;
  const { accepted, duplicates } = result;
  const message = explain(signal, refused, overLimit, accepted);
  return {
    answer: answerStored(encoding, signal, rejected, message),
    counts: {
      ...{ accepted, duplicates, refused: rejected, reduced: result.reduced?.length ?? 0 },
      reasons: countReasons(refused, overLimit),
    },
  };
}

/** The sink counts in the batch that it was given, the client in the request that it sent. */
function asSent({ index, reason }: RefusedRecord, positions: readonly number[]): RefusedRecord {
  return { index: positions[index] ?? index, reason };
}

function countReasons(
  refused: readonly RefusedRecord[],
  overLimit: number,
): OtlpObservation['reasons'] {
  const counts = new Map<string, number>();
  for (const { reason } of refused) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  if (overLimit > 0) counts.set('beyond the limit of one request', overLimit);
  return [...counts].map(([reason, count]) => ({ reason, count }));
}

const reasonsTold = 3;

/** The first reasons with their places, and the likely cause where nothing at all could be kept. */
function explain(
  signal: Route['signal'],
  refused: readonly RefusedRecord[],
  overLimit: number,
  accepted: number,
): string {
  const noun = signal === 'traces' ? 'span' : 'log record';
  const parts = refused
    .slice(0, reasonsTold)
    .map(({ index, reason }) => `${noun} ${index}: ${reason}`);
  const more = refused.length - parts.length;
  if (more > 0) parts.push(`and ${more} more`);
  if (overLimit > 0)
    parts.push(`${overLimit} beyond the limit of one request; send smaller batches`);
  const idless = refused.filter(({ reason }) => /id is missing$/.test(reason)).length;
  if (signal === 'traces' && accepted === 0 && idless > 0 && idless === refused.length) {
    parts.push('no span has an id: is this a logs or metrics request?');
  }
  return parts.join('; ');
}
