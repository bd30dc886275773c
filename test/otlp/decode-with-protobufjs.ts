import { Reader } from 'protobufjs';
import type { AttributeValue, Attributes } from '../../src/model/attributes';
import type { SpanRecord } from '../../src/model/span';
import { otlpType } from '../support/otlp-proto';

interface Decoded {
  readonly spans: readonly SpanRecord[];
  /** Positions of the spans that cannot be kept. */
  readonly refused: readonly number[];
}

// Messages as protobufjs makes them; an absent field reads as its default.
type Long = { toString(): string };
type KeyValue = { key: string; value: AnyValue | null };
type AnyValue = {
  value?: string;
  stringValue: string;
  boolValue: boolean;
  intValue: Long;
  doubleValue: number;
  bytesValue: Uint8Array;
  arrayValue: { values: AnyValue[] };
  kvlistValue: { values: KeyValue[] };
};
type Owner = { attributes: KeyValue[]; droppedAttributesCount: number };
type Named = Owner & { name: string };
type SpanMessage = Named & {
  traceId: Uint8Array;
  spanId: Uint8Array;
  parentSpanId: Uint8Array;
  traceState: string;
  kind: number;
  flags: number;
  startTimeUnixNano: Long;
  endTimeUnixNano: Long;
  events: (Named & { timeUnixNano: Long })[];
  links: (Owner & {
    traceId: Uint8Array;
    spanId: Uint8Array;
    traceState: string;
    flags: number;
  })[];
  droppedEventsCount: number;
  droppedLinksCount: number;
  status: { code: number; message: string } | null;
  $unknowns?: Uint8Array[];
};
type Request = {
  resourceSpans: {
    resource: Owner | null;
    schemaUrl: string;
    scopeSpans: {
      scope: (Named & { version: string }) | null;
      schemaUrl: string;
      spans: SpanMessage[];
    }[];
  }[];
};

/** The oracle: protobufjs reads the bytes, and the rules of the receiver are written down once more. */
export function decodeWithProtobufjs(body: Buffer): Decoded {
  const reader = Reader.create(body);
  reader.discardUnknown = false;
  const request = otlpType('ExportTraceServiceRequest').decode(reader) as unknown as Request;
  const spans: SpanRecord[] = [];
  const refused: number[] = [];
  let index = 0;
  for (const { resource: from, schemaUrl, scopeSpans } of request.resourceSpans) {
    const resource = { ...owner(from), schemaUrl: schemaUrl || null };
    for (const group of scopeSpans) {
      const scope = {
        ...owner(group.scope),
        name: group.scope?.name ?? '',
        version: group.scope?.version || null,
        schemaUrl: group.schemaUrl || null,
      };
      for (const message of group.spans) {
        const span = { ...toSpan(message), resource, scope };
        if (isKept(span, message)) spans.push(span);
        else refused.push(index);
        index += 1;
      }
    }
  }
  return { spans, refused };
}

function isKept(span: SpanRecord, { $unknowns = [] }: SpanMessage): boolean {
  // Time and severity of a log record, which a span does not have.
  const logFields = $unknowns.filter((raw) => [0x09, 0x10].includes(Reader.create(raw).tag()));
  const isTime = (time: bigint): boolean => time < 10n ** 9n || time >= 10n ** 15n;
  return (
    logFields.length === 0 &&
    isId(span.traceId, 16) &&
    isId(span.spanId, 8) &&
    (span.parentSpanId === null || isId(span.parentSpanId, 8)) &&
    isTime(span.startTimeUnixNano) &&
    (span.endTimeUnixNano === null || isTime(span.endTimeUnixNano))
  );
}

function isId(hex: string, size: number): boolean {
  return hex.length === 2 * size && !/^0+$/.test(hex);
}

function toSpan(from: SpanMessage): Omit<SpanRecord, 'resource' | 'scope'> {
  const parent = hexOf(from.parentSpanId);
  const links = from.links.map((link) => ({
    ...owner(link),
    traceId: hexOf(link.traceId) || '0'.repeat(32),
    spanId: hexOf(link.spanId) || '0'.repeat(16),
    traceState: link.traceState || null,
    flags: link.flags,
  }));
  const whole = links.filter((link) => link.traceId.length === 32 && link.spanId.length === 16);
  const code = from.status?.code ?? 0;
  return {
    ...owner(from),
    traceId: hexOf(from.traceId),
    spanId: hexOf(from.spanId),
    parentSpanId: parent === '' || parent === '0'.repeat(16) ? null : parent,
    traceState: from.traceState || null,
    flags: from.flags,
    name: from.name,
    kind: ([1, 2, 3, 4, 5] as const).find((kind) => kind === from.kind) ?? 0,
    startTimeUnixNano: BigInt(from.startTimeUnixNano.toString()),
    endTimeUnixNano: BigInt(from.endTimeUnixNano.toString()) || null,
    status: {
      code: code === 1 || code === 2 ? code : 0,
      message: from.status?.message || null,
    },
    events: from.events.map((event) => ({
      ...owner(event),
      name: event.name,
      timeUnixNano: BigInt(event.timeUnixNano.toString()),
    })),
    links: whole,
    droppedEventsCount: from.droppedEventsCount,
    droppedLinksCount: from.droppedLinksCount + links.length - whole.length,
  };
}

function owner(from: Owner | null): { attributes: Attributes; droppedAttributesCount: number } {
  return {
    attributes: toAttributes(from?.attributes ?? []),
    droppedAttributesCount: from?.droppedAttributesCount ?? 0,
  };
}

function toAttributes(pairs: readonly KeyValue[]): Attributes {
  const attributes = Object.create(null) as Record<string, AttributeValue>;
  for (const { key, value } of pairs) attributes[key] = toValue(value);
  return attributes;
}

function toValue(from: AnyValue | null): AttributeValue {
  switch (from?.value) {
    case 'stringValue':
      return from.stringValue;
    case 'boolValue':
      return from.boolValue;
    case 'intValue': {
      const int = from.intValue.toString();
      return Number.isSafeInteger(Number(int)) ? Number(int) : { int };
    }
    case 'doubleValue': {
      const double = from.doubleValue;
      if (Object.is(double, -0)) return { double: '-0' };
      if (Number.isInteger(double)) return { double };
      return Number.isFinite(double) ? double : { double: String(double) as 'NaN' };
    }
    case 'bytesValue':
      return { bytes: Buffer.from(from.bytesValue).toString('base64') };
    case 'arrayValue':
      return from.arrayValue.values.map(toValue);
    case 'kvlistValue':
      return { map: toAttributes(from.kvlistValue.values) };
    default:
      return null;
  }
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
