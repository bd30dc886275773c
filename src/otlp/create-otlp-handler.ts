import { StoreUnavailableError } from '../errors';
import type { IngestResult, SpanSink } from '../model/ports';
import { decodeLogs } from './decode-logs';
import { decodeTraces } from './decode-traces';
import type { OtlpEncoding, RefusedRecord } from './decoded-records';
import { answerError, answerStored, type OtlpAnswer } from './otlp-answer';
import { OtlpDecodeError } from './otlp-decode-error';
import { type OtlpLimits, resolveOtlpLimits } from './otlp-limits';
import { type BodyEncoding, ByteBudget, leaseOf, readBody } from './read-body';

export interface OtlpRequest {
  readonly method: string;
  /** Without a query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: AsyncIterable<Uint8Array>;
}

/** One answered request, for metrics. */
export interface OtlpObservation {
  readonly signal: 'traces' | 'logs';
  readonly status: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly refused: number;
  /** Of the body as it was sent. */
  readonly bytes: number;
  readonly seconds: number;
}

export interface OtlpHandlerOptions {
  readonly sink: SpanSink;
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
  const budget = new ByteBudget(limits.maxInFlightBytes);
  const retryLater = (): Record<string, string> => ({
    'retry-after': String(1 + Math.floor(random() * 4)),
  });

  return async (request) => {
    const encoding = encodingOf(header(request, 'content-type'));
    const signal = signals[request.path];
    const misfit = findMisfit(request, signal, encoding);
    if (misfit !== null || signal === undefined || encoding === null) {
      return misfit ?? answerError(404, encoding ?? 'json', `there is no ${request.path} here`);
    }
    const startedAt = monotonicMillis();
    let bytes = 0;
    const lease = leaseOf(budget);
    try {
      const read = await readBody(
        request.body,
        header(request, 'content-encoding') === 'gzip' ? 'gzip' : 'identity',
        limits.maxBodyBytes,
        lease,
        (count) => {
          bytes += count;
        },
      );
      const { answer, counts } = read.ok
        ? await store(options.sink, signal, encoding, read.body, limits, retryLater)
        : nothingStored(answerUnread(read, encoding, retryLater));
      const seconds = (monotonicMillis() - startedAt) / 1000;
      options.observe?.({ signal, status: answer.status, ...counts, bytes, seconds });
      return answer;
    } finally {
      lease.release();
    }
  };
}

const signals: Readonly<Record<string, Signal>> = { '/v1/traces': 'traces', '/v1/logs': 'logs' };
const bodyEncodings: readonly (BodyEncoding | '')[] = ['', 'identity', 'gzip'];

function header({ headers }: OtlpRequest, name: string): string {
  const value = headers[name];
  return (Array.isArray(value) ? value.join(',') : (value ?? '')).trim().toLowerCase();
}

function encodingOf(contentType: string): OtlpEncoding | null {
  const [type = ''] = contentType.split(';');
  if (type.trim() === 'application/x-protobuf') return 'protobuf';
  return type.trim() === 'application/json' ? 'json' : null;
}

/** What is wrong with the request before its body is looked at; `null` for nothing. */
function findMisfit(
  request: OtlpRequest,
  signal: Signal | undefined,
  encoding: OtlpEncoding | null,
): OtlpAnswer | null {
  const answerIn = encoding ?? 'json';
  if (request.path === '/v1/metrics') {
    const message = 'metrics are not taken here: send traces to /v1/traces, or set traces_endpoint';
    return answerError(404, answerIn, message);
  }
  if (signal === undefined) return answerError(404, answerIn, `there is no ${request.path} here`);
  if (request.method !== 'POST') {
    return answerError(405, answerIn, `expected POST, came ${request.method}`, { allow: 'POST' });
  }
  if (encoding === null) {
    const came = header(request, 'content-type') || 'none';
    const message = `content type: expected application/x-protobuf or application/json, came ${came}`;
    return answerError(415, 'json', message);
  }
  const coding = header(request, 'content-encoding');
  if (!bodyEncodings.includes(coding as BodyEncoding)) {
    const message = `content encoding: expected gzip or none, came ${coding}`;
    return answerError(415, encoding, message);
  }
  return null;
}

function answerUnread(
  read: { readonly reason: 'too_large' | 'busy' | 'broken'; readonly detail: string },
  encoding: OtlpEncoding,
  retryLater: () => Record<string, string>,
): OtlpAnswer {
  if (read.reason === 'too_large') return answerError(413, encoding, read.detail);
  if (read.reason === 'broken') return answerError(400, encoding, read.detail);
  return answerError(429, encoding, read.detail, retryLater());
}

function nothingStored(answer: OtlpAnswer): Answered {
  return { answer, counts: { accepted: 0, duplicates: 0, refused: 0 } };
}

async function store(
  sink: SpanSink,
  signal: Signal,
  encoding: OtlpEncoding,
  body: Uint8Array,
  limits: OtlpLimits,
  retryLater: () => Record<string, string>,
): Promise<Answered> {
  if (body.length === 0) return nothingStored(answerStored(encoding, signal, 0, ''));
  try {
    const decoded = decode(signal, body, encoding, limits);
    const result = await acceptSome(sink, decoded);
    const refused = [...decoded.refused, ...result.refused];
    const rejected = refused.length + decoded.overLimit;
    const message = explain(signal, refused, decoded.overLimit, result.accepted);
    const { accepted, duplicates } = result;
    return {
      answer: answerStored(encoding, signal, rejected, message),
      counts: { accepted, duplicates, refused: rejected },
    };
  } catch (error) {
    if (error instanceof OtlpDecodeError)
      return nothingStored(answerError(400, encoding, error.message));
    if (!(error instanceof StoreUnavailableError)) throw error;
    return nothingStored(answerError(503, encoding, error.message, retryLater()));
  }
}

interface Decoded {
  readonly batch: Parameters<SpanSink['accept']>[0];
  readonly refused: readonly RefusedRecord[];
  readonly overLimit: number;
}

function decode(
  signal: Signal,
  body: Uint8Array,
  encoding: OtlpEncoding,
  limits: OtlpLimits,
): Decoded {
  if (signal === 'traces') {
    const { spans, ...rest } = decodeTraces(body, encoding, limits);
    return { batch: { spans }, ...rest };
  }
  const { logs, ...rest } = decodeLogs(body, encoding, limits);
  return { batch: { spans: [], logs }, ...rest };
}

async function acceptSome(sink: SpanSink, { batch }: Decoded): Promise<IngestResult> {
  const records = batch.spans.length + (batch.logs?.length ?? 0);
  return records === 0 ? { accepted: 0, duplicates: 0, refused: [] } : sink.accept(batch);
}

const reasonsTold = 3;

/** The first reasons with their places, and the likely cause where nothing at all could be kept. */
function explain(
  signal: Signal,
  refused: readonly Pick<RefusedRecord, 'index' | 'reason'>[],
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
