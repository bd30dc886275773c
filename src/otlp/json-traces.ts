import type { SpanRecord } from '../model/span';
import { completeSpan } from './complete-span';
import type { DecodeBudget } from './decode-budget';
import type { DecodedRecords } from './decoded-records';
import { decodeAttributes } from './json-attributes';
import {
  asObject,
  enumField,
  idField,
  type JsonObject,
  listField,
  objectField,
  textField,
  uint32Field,
  uint64Field,
} from './json-fields';
import { decodeResource, decodeScope } from './json-resource';
import { readRecord } from './json-record';
import {
  draftEvent,
  draftLink,
  draftSpan,
  type EventDraft,
  knownKind,
  knownStatusCode,
  type LinkDraft,
  type SpanDraft,
} from './span-draft';

/** Reads an `ExportTraceServiceRequest` in OTLP/JSON. */
export function readTracesJson(
  request: JsonObject,
  budget: DecodeBudget,
  records: DecodedRecords<SpanRecord>,
): void {
  for (const item of listField(request, 'resourceSpans')) {
    budget.spend();
    const resourceSpans = asObject(item, 'resourceSpans element');
    const resource = decodeResource(resourceSpans, budget);
    for (const group of listField(resourceSpans, 'scopeSpans')) {
      budget.spend();
      const scopeSpans = asObject(group, 'scopeSpans element');
      const scope = decodeScope(scopeSpans, budget);
      for (const span of listField(scopeSpans, 'spans')) {
        readRecord(budget, records, () => {
          readSpan(span, draftSpan(resource, scope), budget, records);
        });
      }
    }
  }
}

function readSpan(
  value: unknown,
  span: SpanDraft,
  budget: DecodeBudget,
  records: DecodedRecords<SpanRecord>,
): void {
  decodeSpan(asObject(value, 'span'), span, budget);
  const fault = completeSpan(span);
  if (fault === null) records.keep(span);
  else records.refuse(fault);
}

function decodeSpan(from: JsonObject, span: SpanDraft, budget: DecodeBudget): void {
  span.traceId = idField(from, 'traceId');
  span.spanId = idField(from, 'spanId');
  span.parentSpanId = idField(from, 'parentSpanId');
  span.traceState = textField(from, 'traceState') || null;
  span.flags = uint32Field(from, 'flags');
  span.name = textField(from, 'name');
  span.kind = knownKind(enumField(from, 'kind'));
  span.startTimeUnixNano = uint64Field(from, 'startTimeUnixNano');
  span.endTimeUnixNano = uint64Field(from, 'endTimeUnixNano');
  const status = objectField(from, 'status') ?? {};
  span.status.code = knownStatusCode(enumField(status, 'code'));
  span.status.message = textField(status, 'message') || null;
  decodeAttributes(from, span, budget);
  for (const event of listField(from, 'events')) span.events.push(decodeEvent(event, budget));
  for (const link of listField(from, 'links')) span.links.push(decodeLink(link, budget));
  span.droppedAttributesCount = uint32Field(from, 'droppedAttributesCount');
  span.droppedEventsCount = uint32Field(from, 'droppedEventsCount');
  span.droppedLinksCount = uint32Field(from, 'droppedLinksCount');
}

function decodeEvent(value: unknown, budget: DecodeBudget): EventDraft {
  budget.spend();
  const from = asObject(value, 'event');
  const event = draftEvent();
  event.name = textField(from, 'name');
  event.timeUnixNano = uint64Field(from, 'timeUnixNano');
  event.droppedAttributesCount = uint32Field(from, 'droppedAttributesCount');
  decodeAttributes(from, event, budget);
  return event;
}

function decodeLink(value: unknown, budget: DecodeBudget): LinkDraft {
  budget.spend();
  const from = asObject(value, 'link');
  const link = draftLink();
  link.traceId = idField(from, 'traceId');
  link.spanId = idField(from, 'spanId');
  link.traceState = textField(from, 'traceState') || null;
  link.flags = uint32Field(from, 'flags');
  link.droppedAttributesCount = uint32Field(from, 'droppedAttributesCount');
  decodeAttributes(from, link, budget);
  return link;
}
