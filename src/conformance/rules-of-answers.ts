import { gzipSync } from 'node:zlib';
import { type Answer, readPartialSuccess, readStatusMessage } from './answer';
import {
  type Bench,
  expectStatus,
  type Finding,
  http,
  otlp,
  plainProtobuf,
  type Rule,
  uncompressed,
} from './rule';
import { encodeLog, encodeTraces } from './telemetry';

const spanId = '00f067aa0ba902b7';

function oneSpan({ newTraceId, variant }: Bench): Uint8Array {
  return encodeTraces([{ traceId: newTraceId(), spanId }], variant.encoding);
}

/** What the answer to a request must be, whatever the request holds. */
export const rulesOfAnswers: readonly Rule[] = [
  {
    id: 'full-success',
    level: 'MUST',
    text: 'an accepted request is 200 with an empty export response',
    reference: `${otlp}#full-success-1`,
    check: async (bench) => {
      const answer = await bench.send({ body: oneSpan(bench) });
      return expectStatus(answer, 200) ?? expectFull(answer, bench);
    },
  },
  {
    id: 'full-success-logs',
    level: 'MUST',
    text: 'the same for logs on /v1/logs',
    reference: `${otlp}#otlphttp-request`,
    check: async (bench) => {
      const body = encodeLog('hello', bench.variant.encoding);
      const answer = await bench.send({ path: '/v1/logs', body });
      return expectStatus(answer, 200) ?? expectFull(answer, bench);
    },
  },
  {
    id: 'content-type-of-answer',
    level: 'MUST',
    text: 'the answer has the content type of the request',
    reference: `${otlp}#otlphttp-response`,
    check: async (bench) => expectSameType(await bench.send({ body: oneSpan(bench) }), bench),
  },
  {
    id: 'empty-request',
    level: 'SHOULD',
    text: 'a request without telemetry is a success',
    reference: `${otlp}#full-success-1`,
    check: async (bench) =>
      expectStatus(await bench.send({ body: encodeTraces([], bench.variant.encoding) }), 200),
  },
  {
    id: 'charset',
    level: 'MUST',
    text: 'a content type may have parameters',
    reference: `${http}section-8.3.1`,
    variants: [{ encoding: 'json', gzip: false }],
    check: async (bench) => {
      const headers = { 'content-type': 'application/json; charset=utf-8' };
      return expectStatus(await bench.send({ headers, body: oneSpan(bench) }), 200);
    },
  },
  {
    id: 'bad-data',
    level: 'MUST',
    text: 'what cannot be decoded is 400, so that the client does not send it again',
    reference: `${otlp}#bad-data`,
    check: async (bench) => expectStatus(await bench.send({ body: undecodable(bench) }), 400),
  },
  {
    id: 'status-body',
    level: 'MUST',
    text: 'the body of a failure is a google.rpc.Status in the encoding of the request',
    reference: `${otlp}#failures-1`,
    check: async (bench) => {
      const answer = await bench.send({ body: undecodable(bench) });
      return expectSameType(answer, bench) ?? expectReadable(answer, bench);
    },
  },
  {
    id: 'truncated',
    level: 'MUST',
    text: 'a body that ends in its midst is 400',
    reference: `${otlp}#bad-data`,
    check: async (bench) => {
      const body = oneSpan(bench);
      return expectStatus(await bench.send({ body: body.subarray(0, body.length - 3) }), 400);
    },
  },
  {
    id: 'length-that-lies',
    level: 'MUST',
    text: 'a field that says it is 4 GiB long is 400',
    reference: `${otlp}#bad-data`,
    variants: plainProtobuf,
    check: async ({ send }) =>
      expectStatus(await send({ body: Buffer.from('0affffffff0f00', 'hex') }), 400),
  },
  {
    id: 'unknown-content-type',
    level: 'SHOULD',
    text: 'another content type is 415',
    reference: `${http}section-15.5.16`,
    variants: uncompressed,
    check: async (bench) => {
      const headers = { 'content-type': 'text/plain' };
      return expectStatus(await bench.send({ headers, body: oneSpan(bench) }), 415);
    },
  },
  {
    id: 'unknown-encoding',
    level: 'SHOULD',
    text: 'a content encoding that is not known is 415 (or 400)',
    reference: `${http}section-8.4`,
    variants: uncompressed,
    check: async (bench) => {
      const headers = { 'content-encoding': 'br' };
      return expectStatus(await bench.send({ headers, body: oneSpan(bench) }), 415, 400);
    },
  },
  {
    id: 'broken-gzip',
    level: 'MUST',
    text: 'gzip that is cut off, or none at all, is 400',
    reference: `${otlp}#bad-data`,
    variants: uncompressed,
    check: async (bench) => {
      const headers = { 'content-encoding': 'gzip' };
      const packed = gzipSync(oneSpan(bench));
      const cut = await bench.send({ headers, raw: true, body: packed.subarray(0, -9) });
      const none = await bench.send({ headers, raw: true, body: oneSpan(bench) });
      return expectStatus(cut, 400) ?? expectStatus(none, 400);
    },
  },
  {
    id: 'method',
    level: 'SHOULD',
    text: 'another method is 405',
    reference: `${http}section-15.5.6`,
    variants: plainProtobuf,
    check: async (bench) =>
      expectStatus(await bench.send({ method: 'PUT', body: oneSpan(bench) }), 405),
  },
  {
    id: 'chunked',
    level: 'MUST',
    text: 'a body in chunks, without a length, is a body',
    reference: 'https://www.rfc-editor.org/rfc/rfc9112#section-7.1',
    check: async (bench) =>
      expectStatus(await bench.send({ chunked: true, body: oneSpan(bench) }), 200),
  },
  {
    id: 'gzip-bomb',
    level: 'robustness',
    text: 'half a megabyte that unpacks into 512 MiB is 413 or 400, and the server lives',
    reference: `${otlp}#otlphttp-request`,
    variants: [{ encoding: 'protobuf', gzip: true }],
    check: async (bench) => {
      const headers = { 'content-encoding': 'gzip' };
      const megabyte = gzipSync(Buffer.alloc(1024 * 1024), { level: 9 });
      // Members of one file one after the other are one file.
      const bomb = Buffer.concat(Array<Buffer>(512).fill(megabyte));
      const answer = await bench.send({ headers, raw: true, body: bomb });
      const after = await bench.send({ body: oneSpan(bench) });
      return expectStatus(answer, 413, 400) ?? expectStatus(after, 200);
    },
  },
];

/** Fields of a wrong wire type are unknown ones; these are no message at all. */
function undecodable({ variant }: Bench): Uint8Array {
  return variant.encoding === 'json'
    ? Buffer.from('{"resourceSpans":')
    : Buffer.from('0a05', 'hex');
}

function expectFull({ body }: Answer, { variant }: Bench): Finding {
  const partial = readPartialSuccess(body, variant.encoding);
  return partial === null || (partial.rejected === 0 && partial.message === '')
    ? null
    : `partial success: ${partial.rejected} rejected, ${partial.message}`;
}

function expectSameType({ contentType }: Answer, { variant }: Bench): Finding {
  const expected = variant.encoding === 'json' ? 'application/json' : 'application/x-protobuf';
  return contentType === expected ? null : `expected ${expected}, came ${contentType || 'none'}`;
}

function expectReadable({ body }: Answer, { variant }: Bench): Finding {
  const message = readStatusMessage(body, variant.encoding);
  return message === '' ? 'the status has no message' : null;
}
