import type { Encoding } from './telemetry';

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

export interface PartialSuccess {
  readonly rejected: number;
  readonly message: string;
}

/** The partial success of an export response; `null` where none is set. @throws Error for what is no response */
export function readPartialSuccess(body: Uint8Array, encoding: Encoding): PartialSuccess | null {
  if (encoding === 'json') {
    const response = readJson(body);
    const partial = response['partialSuccess'] as Readonly<Record<string, unknown>> | undefined;
    if (partial === undefined || partial === null) return null;
    const rejected = partial['rejectedSpans'] ?? partial['rejectedLogRecords'] ?? 0;
    const message = partial['errorMessage'];
    return { rejected: Number(rejected), message: typeof message === 'string' ? message : '' };
  }
  const partial = readFields(body).get(1);
  if (!(partial instanceof Uint8Array)) return null;
  const fields = readFields(partial);
  return { rejected: Number(fields.get(1) ?? 0n), message: asText(fields.get(2)) };
}

/** The message of a `google.rpc.Status`. @throws Error for what is none */
export function readStatusMessage(body: Uint8Array, encoding: Encoding): string {
  if (encoding === 'json') {
    const { message } = readJson(body);
    if (typeof message !== 'string') throw new Error('the body has no "message"');
    return message;
  }
  return asText(readFields(body).get(2));
}

function readJson(body: Uint8Array): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(Buffer.from(body).toString());
  if (typeof value !== 'object' || value === null) throw new Error('the body is no JSON object');
  return value as Readonly<Record<string, unknown>>;
}

function asText(value: Uint8Array | bigint | undefined): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString() : '';
}

/** The last value of each field. */
function readFields(body: Uint8Array): ReadonlyMap<number, Uint8Array | bigint> {
  const fields = new Map<number, Uint8Array | bigint>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = body[at++];
      if (byte === undefined) throw new Error('the body is no protobuf message');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < body.length) {
    const tag = Number(varint());
    if ((tag & 7) === 0) fields.set(tag >> 3, varint());
    else if ((tag & 7) === 2) {
      const end = Number(varint()) + at;
      if (end > body.length) throw new Error('the body is no protobuf message');
      fields.set(tag >> 3, body.subarray(at, end));
      at = end;
    } else throw new Error('the body is no protobuf message');
  }
  return fields;
}
