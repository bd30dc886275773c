import type { OtlpEncoding } from './decoded-records';

export interface OtlpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /**
   * Of a request that was refused before its body had come: settles when the rest of it has been thrown away, or is not
   * waited for any longer. Hanging up earlier would destroy the answer on its way.
   */
  readonly rest?: Promise<unknown>;
}

/** google.rpc.Code by HTTP status. */
const rpcCodes: Readonly<Record<number, number>> = {
  400: 3, // INVALID_ARGUMENT
  404: 5, // NOT_FOUND
  405: 12, // UNIMPLEMENTED
  413: 8, // RESOURCE_EXHAUSTED
  415: 3,
  429: 8,
  503: 14, // UNAVAILABLE
};

const contentTypes: Readonly<Record<OtlpEncoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

/** 200 for what was taken; `rejected` and `message` as partial success where there is something to say. */
export function answerStored(
  encoding: OtlpEncoding,
  signal: 'traces' | 'logs',
  rejected: number,
  message: string,
): OtlpAnswer {
  if (rejected === 0 && message === '')
    return answer(200, encoding, encoding === 'json' ? '{}' : '');
  if (encoding === 'json') {
    const field = signal === 'traces' ? 'rejectedSpans' : 'rejectedLogRecords';
    const partialSuccess = { [field]: String(rejected), errorMessage: message };
    return answer(200, encoding, JSON.stringify({ partialSuccess }));
  }
  const partial = Buffer.concat([varintField(1, rejected), textField(2, message)]);
  return answer(200, encoding, bytesField(1, partial));
}

/** An error with `google.rpc.Status` in the request's encoding. */
export function answerError(
  status: number,
  encoding: OtlpEncoding,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): OtlpAnswer {
  const code = rpcCodes[status] ?? 2;
  const body =
    encoding === 'json'
      ? JSON.stringify({ code, message })
      : Buffer.concat([varintField(1, code), textField(2, message)]);
  return answer(status, encoding, body, headers);
}

function answer(
  status: number,
  encoding: OtlpEncoding,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): OtlpAnswer {
  return {
    status,
    headers: { 'content-type': contentTypes[encoding], ...headers },
    body: typeof body === 'string' ? Buffer.from(body) : body,
  };
}

/** A field of value 0 is the default and is left out. */
function varintField(field: number, value: number): Uint8Array {
  return value === 0 ? new Uint8Array() : Uint8Array.from([field << 3, ...varint(value)]);
}

function textField(field: number, text: string): Uint8Array {
  return text === '' ? new Uint8Array() : bytesField(field, Buffer.from(text));
}

function bytesField(field: number, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.from([(field << 3) | 2, ...varint(bytes.length)]), bytes]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}
