import { gzipSync } from 'node:zlib';
import { field } from '../make-request';
import type { Send } from '../start-receiver';
import type { Encoding } from './worlds';

/** What a body, or its headers, may be as a whole; `healthy` is one that is taken. */
export interface OddBody {
  readonly rule: string;
  readonly name: string;
  readonly body: (healthy: Buffer, encoding: Encoding) => Buffer | string;
  readonly send?: (encoding: Encoding) => Send;
  readonly only?: Encoding;
  readonly status: number;
  readonly message?: RegExp;
}

const gzipped = { headers: { 'content-encoding': 'gzip' } };
const packed = (
  name: string,
  body: OddBody['body'],
  status: number,
  message?: RegExp,
): OddBody => ({
  ...{ rule: 'R50', name, body, status, send: () => gzipped },
  ...(message !== undefined && { message }),
});

const mebibyte = gzipSync(Buffer.alloc(2 ** 20));

function withBadChecksum(body: Buffer): Buffer {
  const whole = gzipSync(body);
  whole[whole.length - 6]! ^= 0xff;
  return whole;
}

const compressed: readonly OddBody[] = [
  packed('gzip', (healthy) => gzipSync(healthy), 200),
  packed(
    'a bomb of 512 MiB',
    () => Buffer.concat(Array<Buffer>(512).fill(mebibyte)),
    413,
    /at most 67108864 bytes/,
  ),
  packed('gzip in gzip', (healthy) => gzipSync(gzipSync(healthy)), 400),
  packed('a wrong checksum', withBadChecksum, 400, /incorrect data check/),
  packed('gzip that is cut off', (healthy) => gzipSync(healthy).subarray(0, -9), 400, /unexpected/),
  packed('bytes after the end', (healthy) => Buffer.concat([gzipSync(healthy), healthy]), 400),
  packed('no gzip at all', (healthy) => healthy, 400),
  ...['br', 'deflate', 'zstd', 'gzip, br'].map((coding): OddBody => ({
    rule: 'R50',
    name: `content encoding ${coding}`,
    body: (healthy) => healthy,
    send: () => ({ headers: { 'content-encoding': coding } }),
    status: 415,
  })),
];

const bytes = (hex: string) => (): Buffer => Buffer.from(hex, 'hex');
const broken = (
  only: Encoding,
  name: string,
  body: OddBody['body'],
  status = 400,
  message?: RegExp,
): OddBody => ({ rule: 'R51', name, only, body, status, ...(message && { message }) });

const undecodable: readonly OddBody[] = [
  { rule: 'R51', name: 'nothing', body: () => '', status: 200 },
  { rule: 'R51', name: 'a body cut off', body: (healthy) => healthy.subarray(0, -3), status: 400 },
  broken('protobuf', 'a length of 4 GiB', bytes('0affffffff0f00')),
  broken('protobuf', 'a length of 64 bits', bytes('0affffffffffffffff7f')),
  broken('protobuf', 'a varint of 11 bytes', bytes('08ffffffffffffffffffff01')),
  broken('protobuf', 'field number 0', bytes('0000')),
  broken('protobuf', 'a wire type that is none', bytes('0e01')),
  broken('protobuf', 'a group without end', bytes('a301')),
  broken('protobuf', 'an end without a group', bytes('a401')),
  broken('protobuf', 'a group', (healthy) => Buffer.concat([healthy, bytes('a301a401')()]), 200),
  broken(
    'protobuf',
    'fields that nobody knows',
    (healthy) => Buffer.concat([healthy, bytes('b83e05ba3e0161bd3e01020304')()]),
    200,
  ),
  broken(
    'protobuf',
    'a known field of another wire type',
    (healthy) => Buffer.concat([healthy, bytes('0807')()]),
    200,
  ),
  broken('protobuf', 'JSON', () => '{"resourceSpans":[]}'),
  broken('json', 'protobuf', () => field(1, Buffer.from('x'))),
  broken('json', 'null', () => 'null', 400, /expected an object, came null/),
  broken('json', 'a list', () => '[]', 400, /expected an object, came a list/),
  broken(
    'json',
    'a number for a list',
    () => '{"resourceSpans":7}',
    400,
    /expected a list, came 7/,
  ),
  broken('json', 'bare NaN', () => '{"resourceSpans":NaN}'),
  broken('json', '100,000 brackets', () => '['.repeat(100_000)),
  broken('json', 'members that nobody knows', () => '{"x":{"y":[1]},"__proto__":{"z":1}}', 200),
  broken('json', 'a byte order mark', (healthy) => `\ufeff${healthy.toString()}`, 200),
];

const headed = (
  name: string,
  send: (encoding: Encoding) => Send,
  status: number,
  message?: RegExp,
): OddBody => ({
  ...{ rule: 'R52', name, send, status, body: (healthy: Buffer) => healthy },
  ...(message !== undefined && { message }),
});
const typeOf = { protobuf: 'application/x-protobuf', json: 'application/json' };

const headers: readonly OddBody[] = [
  headed('another type', () => ({ headers: { 'content-type': 'text/plain' } }), 415),
  headed('no type', () => ({ headers: { 'content-type': '' } }), 415, /came none/),
  headed(
    'a type with a charset',
    (encoding) => ({ headers: { 'content-type': `${typeOf[encoding]}; charset=utf-8` } }),
    200,
  ),
  headed(
    'a type in capitals',
    (encoding) => ({ headers: { 'content-type': typeOf[encoding].toUpperCase() } }),
    200,
  ),
  ...['PUT', 'PATCH'].map((method) => headed(`method ${method}`, () => ({ method }), 405)),
  ...['GET', 'DELETE', 'OPTIONS'].map((method) => ({
    ...headed(`method ${method}`, () => ({ method }), 405),
    body: () => '',
  })),
  headed('metrics', () => ({ path: '/v1/metrics' }), 404, /metrics are not taken here/),
  headed('a path of another depth', () => ({ path: '/v1/traces/x' }), 404),
  headed('a path named like a prototype', () => ({ path: '/v1/__proto__' }), 404),
];

export const oddBodies: readonly OddBody[] = [...compressed, ...undecodable, ...headers];
