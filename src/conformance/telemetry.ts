export type Encoding = 'protobuf' | 'json';

/** One span of a test request; what is left out is sent as in any ordinary span. */
export interface TestSpan {
  /** Hex; any length, for tests of wrong ones. */
  readonly traceId: string;
  readonly spanId: string;
  readonly name?: string;
  readonly startTimeUnixNano?: bigint;
  readonly endTimeUnixNano?: bigint;
  readonly attributes?: readonly TestAttribute[];
  /** JSON only: numbers in place of strings for 64-bit integers. */
  readonly numbersForInt64?: boolean;
  /** JSON only: members that no specification knows. */
  readonly unknownMembers?: Readonly<Record<string, unknown>>;
  /** Protobuf only: raw bytes after the known fields, hex. */
  readonly tail?: string;
}

export type TestAttribute = readonly [key: string, value: TestValue];
export type TestValue =
  | { readonly string: string | Uint8Array }
  | { readonly int: bigint }
  | { readonly double: number }
  | { readonly bool: boolean }
  | { readonly bytes: Uint8Array }
  | { readonly array: readonly TestValue[] };

/** An `ExportTraceServiceRequest` of one resource and one scope. */
export function encodeTraces(spans: readonly TestSpan[], encoding: Encoding): Uint8Array {
  if (encoding === 'json') {
    const body = {
      resourceSpans: [
        {
          resource: { attributes: [jsonAttribute(serviceName)] },
          scopeSpans: [{ scope: { name: 'conformance' }, spans: spans.map(jsonSpan) }],
        },
      ],
    };
    return Buffer.from(JSON.stringify(body));
  }
  const scope = message(1, text(1, 'conformance'));
  const scopeSpans = message(2, scope, ...spans.map((span) => message(2, protobufSpan(span))));
  const resource = message(1, message(1, protobufAttribute(serviceName)));
  return message(1, resource, scopeSpans);
}

/** An `ExportLogsServiceRequest` of one record. */
export function encodeLog(body: string, encoding: Encoding): Uint8Array {
  if (encoding === 'json') {
    const logRecords = [{ timeUnixNano: String(someTime), body: { stringValue: body } }];
    return Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }));
  }
  const record = Buffer.concat([fixed64(1, someTime), message(5, text(1, body))]);
  return message(1, message(2, message(2, record)));
}

const someTime = 1_790_000_000_000_000_000n;
const serviceName: TestAttribute = ['service.name', { string: 'conformance' }];

function jsonSpan(span: TestSpan): Readonly<Record<string, unknown>> {
  const int64 = (value: bigint): string | number =>
    span.numbersForInt64 === true ? Number(value) : String(value);
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    name: span.name ?? 'conformance',
    kind: 1,
    startTimeUnixNano: int64(span.startTimeUnixNano ?? someTime),
    endTimeUnixNano: int64(span.endTimeUnixNano ?? someTime + 1_000_000n),
    attributes: (span.attributes ?? []).map((one) => jsonAttribute(one, int64)),
    ...span.unknownMembers,
  };
}

function jsonAttribute(
  [key, value]: TestAttribute,
  int64: (value: bigint) => string | number = String,
): unknown {
  return { key, value: jsonValue(value, int64) };
}

function jsonValue(value: TestValue, int64: (value: bigint) => string | number): unknown {
  if ('string' in value) return { stringValue: String(value.string) };
  if ('int' in value) return { intValue: int64(value.int) };
  if ('double' in value) {
    return { doubleValue: Number.isFinite(value.double) ? value.double : String(value.double) };
  }
  if ('bool' in value) return { boolValue: value.bool };
  if ('bytes' in value) return { bytesValue: Buffer.from(value.bytes).toString('base64') };
  return { arrayValue: { values: value.array.map((one) => jsonValue(one, int64)) } };
}

function protobufSpan(span: TestSpan): Uint8Array {
  return Buffer.concat([
    message(1, Buffer.from(span.traceId, 'hex')),
    message(2, Buffer.from(span.spanId, 'hex')),
    text(5, span.name ?? 'conformance'),
    varintField(6, 1n),
    fixed64(7, span.startTimeUnixNano ?? someTime),
    fixed64(8, span.endTimeUnixNano ?? someTime + 1_000_000n),
    ...(span.attributes ?? []).map((one) => message(9, protobufAttribute(one))),
    Buffer.from(span.tail ?? '', 'hex'),
  ]);
}

function protobufAttribute([key, value]: TestAttribute): Uint8Array {
  return Buffer.concat([text(1, key), message(2, protobufValue(value))]);
}

function protobufValue(value: TestValue): Uint8Array {
  if ('string' in value) return text(1, value.string);
  if ('bool' in value) return varintField(2, value.bool ? 1n : 0n);
  if ('int' in value) return varintField(3, BigInt.asUintN(64, value.int));
  if ('double' in value) {
    const bytes = Buffer.alloc(9);
    bytes[0] = (4 << 3) | 1;
    bytes.writeDoubleLE(value.double, 1);
    return bytes;
  }
  if ('bytes' in value) return message(7, value.bytes);
  return message(5, ...value.array.map((one) => message(1, protobufValue(one))));
}

/** A length-delimited field. */
function message(field: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([varint(BigInt((field << 3) | 2)), varint(BigInt(content.length)), content]);
}

function text(field: number, value: string | Uint8Array): Buffer {
  return message(field, typeof value === 'string' ? Buffer.from(value) : value);
}

function varintField(field: number, value: bigint): Buffer {
  return Buffer.concat([varint(BigInt(field << 3)), varint(value)]);
}

function fixed64(field: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = (field << 3) | 1;
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value), 1);
  return bytes;
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}
