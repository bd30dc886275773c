import type { OtlpObservation } from '../model/ports';
import type { OtlpEncoding } from './decoded-records';
import { answerError, type OtlpAnswer } from './otlp-answer';
import type { RequestKind } from './otlp-intake';
import type { ContentCoding } from './read-body';

/** What a request says before its body. */
export interface RequestHead {
  readonly method: string;
  /** Without a query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface Route extends RequestKind {
  readonly coding: ContentCoding;
  /** Of the body as it is sent; unknown when it comes in chunks. */
  readonly declaredBytes: number | undefined;
}

const signals: Readonly<Record<string, OtlpObservation['signal']>> = {
  '/v1/traces': 'traces',
  '/v1/logs': 'logs',
};

/** Where the request leads, or the answer to one that leads nowhere. */
export function routeRequest(request: RequestHead): Route | OtlpAnswer {
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
  const length = header(request, 'content-length');
  const declaredBytes = /^\d{1,15}$/.test(length) ? Number(length) : undefined;
  return { signal, encoding, coding, declaredBytes };
}

function header({ headers }: RequestHead, name: string): string {
  const value = headers[name];
  return (Array.isArray(value) ? value.join(',') : (value ?? '')).trim().toLowerCase();
}

function encodingOf(contentType: string): OtlpEncoding | null {
  const [type = ''] = contentType.split(';');
  if (type.trim() === 'application/x-protobuf') return 'protobuf';
  return type.trim() === 'application/json' ? 'json' : null;
}
