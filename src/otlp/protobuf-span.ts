import { readAttribute } from './protobuf-attributes';
import type { ProtobufReader } from './protobuf-reader';
import { draftEvent, draftLink, knownKind, knownStatusCode, type SpanDraft } from './span-draft';

const IS_LOG_RECORD = 'this is a log record, not a span: send logs to /v1/logs';

/** Fills the span; gives a reason when what comes is no span at all. */
export function readSpan(reader: ProtobufReader, span: SpanDraft): string | null {
  const outerEnd = reader.enter();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    switch (tag) {
      case 0x0a:
        span.traceId = reader.id();
        break;
      case 0x12:
        span.spanId = reader.id();
        break;
      case 0x1a:
        span.traceState = reader.text() || null;
        break;
      case 0x22:
        span.parentSpanId = reader.id();
        break;
      case 0x2a:
        span.name = reader.name();
        break;
      case 0x30:
        span.kind = knownKind(reader.int32());
        break;
      case 0x39:
        span.startTimeUnixNano = reader.fixed64();
        break;
      case 0x41:
        span.endTimeUnixNano = reader.fixed64();
        break;
      case 0x4a:
        readAttribute(reader, span);
        break;
      // A log record has its time and severity where a span has its ids.
      case 0x09:
      case 0x10:
        reader.abandon(outerEnd);
        return IS_LOG_RECORD;
      default:
        readRareField(reader, span, tag);
    }
  }
  reader.leave(outerEnd);
  return null;
}

function readRareField(reader: ProtobufReader, span: SpanDraft, tag: number): void {
  switch (tag) {
    case 0x50:
      span.droppedAttributesCount = reader.uint32();
      break;
    case 0x5a:
      readEvent(reader, span);
      break;
    case 0x60:
      span.droppedEventsCount = reader.uint32();
      break;
    case 0x6a:
      readLink(reader, span);
      break;
    case 0x70:
      span.droppedLinksCount = reader.uint32();
      break;
    case 0x7a:
      readStatus(reader, span);
      break;
    case 0x85:
      span.flags = reader.fixed32();
      break;
    default:
      reader.skip(tag);
  }
}

function readEvent(reader: ProtobufReader, span: SpanDraft): void {
  reader.budget.spend();
  const outerEnd = reader.enter();
  const event = draftEvent();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x09) event.timeUnixNano = reader.fixed64();
    else if (tag === 0x12) event.name = reader.name();
    else if (tag === 0x1a) readAttribute(reader, event);
    else if (tag === 0x20) event.droppedAttributesCount = reader.uint32();
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
  span.events.push(event);
}

function readLink(reader: ProtobufReader, span: SpanDraft): void {
  reader.budget.spend();
  const outerEnd = reader.enter();
  const link = draftLink();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) link.traceId = reader.id();
    else if (tag === 0x12) link.spanId = reader.id();
    else if (tag === 0x1a) link.traceState = reader.text() || null;
    else if (tag === 0x22) readAttribute(reader, link);
    else if (tag === 0x28) link.droppedAttributesCount = reader.uint32();
    else if (tag === 0x35) link.flags = reader.fixed32();
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
  span.links.push(link);
}

function readStatus(reader: ProtobufReader, span: SpanDraft): void {
  const outerEnd = reader.enter();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x12) span.status.message = reader.text() || null;
    else if (tag === 0x18) span.status.code = knownStatusCode(reader.int32());
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
}
