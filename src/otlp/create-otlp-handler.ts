import { StoreUnavailableError } from '../errors';
import type { OtlpObservation, SpanSink } from '../model/ports';
import type { OtlpEncoding, RefusedRecord } from './decoded-records';
import { answerError, answerStored, type OtlpAnswer } from './otlp-answer';
import { createOtlpIntake, type OtlpIntake, type RequestKind } from './otlp-intake';
import { OtlpDecodeError } from './otlp-decode-error';
import { type OtlpLimits, resolveOtlpLimits } from './otlp-limits';
import { ByteBudget, type ContentCoding, readBody, type ReadBody } from './read-body';

export interface OtlpRequest {
  readonly method: string;
  /** Without a query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface OtlpHandlerOptions {
  /** Where decoded records go, or who decodes and stores a body, then within limits of its own. */
  readonly sink: SpanSink | OtlpIntake;
  readonly limits?: Partial<OtlpLimits> | undefined;
  readonly observe?: ((observation: OtlpObservation) => void) | undefined;
  /** Uniform in [0, 1): spreads the times at which refused clients come back. @defaultValue `Math.random` */
  readonly random?: (() => number) | undefined;
  /** Monotonic clock, ms. @defaultValue `performance.now` */
  readonly monotonicMillis?: (() => number) | undefined;
}

export type OtlpHandler = (request: OtlpRequest) => Promise<OtlpAnswer>;

type Signal = OtlpObservation['signal'];
type Counts = Pick<OtlpObservation, 'accepted' | 'duplicates' | 'refused'>;

interface Answered {
  readonly answer: OtlpAnswer;
  readonly counts: Counts;
}

/**
 * OTLP/HTTP for `POST /v1/traces` and `/v1/logs`. 200 means that everything not named in the partial
 * success is durable. Trouble that passes is 429 or 503 with `Retry-After`, since clients throw a batch
 * away at any other error.
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
  const budget = new ByteBudget(limits.maxInFlightBytes);
  const retryLater = (): Record<string, string> => ({
    'retry-after': String(1 + Math.floor(random() * 4)),
  });

  return async (request) => {
    const route = findRoute(request);
    if ('status' in route) return route;
    const { signal, encoding, coding } = route;
    const startedAt = monotonicMillis();
    const lease = budget.lease();
    try {
      const read = await readBody(request.body, coding, limits.maxBodyBytes, lease);
      const { answer, counts } = read.ok
        ? await store(intake, route, read.body, retryLater)
        : nothingStored(answerUnread(read, encoding, retryLater));
      const seconds = (monotonicMillis() - startedAt) / 1000;
      const bytes = read.sentBytes;
      options.observe?.({ signal, status: answer.status, ...counts, bytes, seconds });
      return answer;
    } finally {
      lease.release();
    }
  };
}

/** What a request says before its body. */
interface Route extends RequestKind {
  readonly coding: ContentCoding;
}

const signals: Readonly<Record<string, Signal>> = { '/v1/traces': 'traces', '/v1/logs': 'logs' };

/** Where the request leads, or the answer to one that leads nowhere. */
function findRoute(request: OtlpRequest): Route | OtlpAnswer {
  const { method, path } = request;
  const signal = Object.hasOwn(signals, path) ? signals[path] : undefined;
  const encoding = encodingOf(header(request, 'content-type'));
  if (signal === undefined) {
    const message =
      path === '/v1/metrics'
        ? 'metrics are not taken here: send traces to /v1/traces, or set traces_endpoint'
        : `expected /v1/traces or /v1/logs, came ${path}`;
    return answerError(404, encoding ?? 'json', message);
  }
  if (method !== 'POST') {
    const message = `expected POST, came ${method}`;
    return answerError(405, encoding ?? 'json', message, { allow: 'POST' });
  }
  if (encoding === null) {
    const came = header(request, 'content-type') || 'none';
    const message = `content type: expected application/x-protobuf or application/json, came ${came}`;
    return answerError(415, 'json', message);
  }
  const coding = header(request, 'content-encoding') || 'identity';
  if (coding !== 'identity' && coding !== 'gzip') {
    const message = `content encoding: expected gzip or none, came ${coding}`;
    return answerError(415, encoding, message);
  }
  return { signal, encoding, coding };
}

function header({ headers }: OtlpRequest, name: string): string {
  const value = headers[name];
  return (Array.isArray(value) ? value.join(',') : (value ?? '')).trim().toLowerCase();
}

function encodingOf(contentType: string): OtlpEncoding | null {
  const [type = ''] = contentType.split(';');
  if (type.trim() === 'application/x-protobuf') return 'protobuf';
  return type.trim() === 'application/json' ? 'json' : null;
}

const unreadStatus = { too_large: 413, broken: 400, busy: 429 } as const;

function answerUnread(
  { reason, detail }: Extract<ReadBody, { ok: false }>,
  encoding: OtlpEncoding,
  retryLater: () => Record<string, string>,
): OtlpAnswer {
  const headers = reason === 'busy' ? retryLater() : {};
  return answerError(unreadStatus[reason], encoding, detail, headers);
}

function nothingStored(answer: OtlpAnswer): Answered {
  return { answer, counts: { accepted: 0, duplicates: 0, refused: 0 } };
}

async function store(
  intake: OtlpIntake,
  { signal, encoding }: Route,
  body: Uint8Array,
  retryLater: () => Record<string, string>,
): Promise<Answered> {
  if (body.length === 0) return nothingStored(answerStored(encoding, signal, 0, ''));
  try {
    const { result, positions, overLimit, ...decoded } = await intake(body, { signal, encoding });
    const refused = [...decoded.refused, ...result.refused.map((one) => asSent(one, positions))];
    const rejected = refused.length + overLimit;
    const { accepted, duplicates } = result;
    const message = explain(signal, refused, overLimit, accepted);
    return {
      answer: answerStored(encoding, signal, rejected, message),
      counts: { accepted, duplicates, refused: rejected },
    };
  } catch (error) {
    if (error instanceof OtlpDecodeError) {
      return nothingStored(answerError(400, encoding, error.message));
    }
    if (!(error instanceof StoreUnavailableError)) throw error;
    return nothingStored(answerError(503, encoding, error.message, retryLater()));
  }
}

/** The sink counts in the batch that it was given, the client in the request that it sent. */
function asSent({ index, reason }: RefusedRecord, positions: readonly number[]): RefusedRecord {
  return { index: positions[index] ?? index, reason };
}

const reasonsTold = 3;

/** The first reasons with their places, and the likely cause where nothing at all could be kept. */
function explain(
  signal: Signal,
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
