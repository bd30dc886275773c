import { encodeOtlp } from '../support/otlp-proto';
import { type Message, toJson } from './arbitrary-request';

/** A span that nothing is wrong with, but what the test changes. */
export function spanMessage(name: string, change: Message = {}): Message {
  return {
    traceId: Buffer.from('0af7651916cd43dd8448eb211c80319c', 'hex'),
    spanId: Buffer.from('b7ad6b7169203331', 'hex'),
    name,
    startTimeUnixNano: '1760000000000000000',
    endTimeUnixNano: '1760000001000000000',
    ...change,
  };
}

export function requestMessage(...spans: Message[]): Message {
  return { resourceSpans: [{ scopeSpans: [{ spans }] }] };
}

export function protobufOf(request: Message): Buffer {
  return Buffer.from(encodeOtlp('ExportTraceServiceRequest', request));
}

export function jsonOf(request: Message): Buffer {
  return Buffer.from(toJson(request));
}

/** A length-delimited field; `content` is raw. */
export function field(number: number, content: Uint8Array): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(content.length), content]);
}

/** A request of a whole span and of one whose message is followed by `tail`. */
export function withTail(tail: string): Buffer {
  const spans = ['healthy', 'odd'].map((name) => encodeOtlp('Span', spanMessage(name)));
  const odd = Buffer.concat([spans[1]!, Buffer.from(tail, 'hex')]);
  return field(1, field(2, Buffer.concat([field(2, spans[0]!), field(2, odd)])));
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
}
