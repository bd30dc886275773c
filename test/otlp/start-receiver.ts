import { request } from 'node:http';
import { createMetrics, createServer } from '../../src/api';
import { systemClock } from '../../src/runtime/system-clock';
import type { IngestBatch, OtlpObservation, SpanSink } from '../../src/model/ports';
import { createOtlpHandler, type OtlpHandlerOptions } from '../../src/otlp';
import { otlpType } from '../support/otlp-proto';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface Send {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent in pieces of so many bytes without a length. */
  readonly chunkBytes?: number;
}

export interface Receiver {
  readonly url: string;
  /** What the sink was given. */
  readonly batches: readonly IngestBatch[];
  readonly observations: readonly OtlpObservation[];
  /** Errors that the server reported as its own. */
  readonly errors: readonly unknown[];
  readonly send: (body: Uint8Array | string, options?: Send) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

/** Our HTTP server with the OTLP handler, on a port of its own; its sink keeps everything, unless given. */
export async function startReceiver(change: Partial<OtlpHandlerOptions> = {}): Promise<Receiver> {
  const batches: IngestBatch[] = [];
  const observations: OtlpObservation[] = [];
  const errors: unknown[] = [];
  const sink: SpanSink = {
    accept: (batch) => {
      batches.push(batch);
      const accepted = batch.spans.length + (batch.logs?.length ?? 0);
      return Promise.resolve({ accepted, duplicates: 0, refused: [] });
    },
  };
  const observe = (observation: OtlpObservation): void => void observations.push(observation);
  const server = await createServer({
    otlp: createOtlpHandler({ sink, observe, ...change }),
    metrics: createMetrics(() => Promise.resolve({})),
    clock: systemClock,
    checkReady: () => Promise.resolve(),
    onError: (error) => errors.push(error),
    host: '127.0.0.1',
    port: 0,
    token: null,
  });
  return {
    url: server.url,
    batches,
    observations,
    errors,
    send: (body, options) => send(server.url, Buffer.from(body), options),
    close: () => server.close(),
  };
}

function send(
  url: string,
  body: Buffer,
  { path = '/v1/traces', method = 'POST', headers = protobuf, chunkBytes }: Send = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(url + path, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const { statusCode: status = 0, headers: answered } = response;
        resolve({ status, headers: answered, body: Buffer.concat(chunks) });
      });
    });
    // A server that refuses a body hangs up on the rest of it: the answer has come before.
    call.on('error', reject);
    for (let at = 0; chunkBytes !== undefined && at < body.length; at += chunkBytes) {
      call.write(body.subarray(at, at + chunkBytes));
    }
    call.end(chunkBytes === undefined ? body : undefined);
  });
}

export const protobuf = { 'content-type': 'application/x-protobuf' };
export const json = { 'content-type': 'application/json' };

/** `google.rpc.Status`, in the encoding that the answer names. */
export function readStatus({ headers, body }: Answer): { code: number; message: string } {
  if (headers['content-type'] === json['content-type']) {
    return JSON.parse(body.toString()) as { code: number; message: string };
  }
  expect(headers['content-type']).toBe(protobuf['content-type']);
  return decode('Status_google_rpc', body) as { code: number; message: string };
}

/** The partial success of an `ExportTraceServiceResponse`, or `undefined`. */
export function readPartialSuccess({ headers, body }: Answer): unknown {
  const response =
    headers['content-type'] === json['content-type']
      ? (JSON.parse(body.toString()) as Record<string, unknown>)
      : decode('ExportTraceServiceResponse', body);
  return response.partialSuccess;
}

function decode(name: string, body: Buffer): Record<string, unknown> {
  const type = otlpType(name);
  return type.toObject(type.decode(body), { longs: String });
}
