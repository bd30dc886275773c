import { emptyAttributes, type MutableAttributes } from '../model/attributes';
import type {
  Resource,
  Scope,
  SpanEvent,
  SpanKind,
  SpanLink,
  SpanRecord,
  StatusCode,
} from '../model/span';

/** Both decoders fill these objects field by field; they are the records themselves, not copies. */
export interface SpanDraft extends Open<Omit<SpanRecord, 'status' | 'events' | 'links'>> {
  attributes: MutableAttributes;
  readonly status: Open<SpanRecord['status']>;
  readonly events: EventDraft[];
  links: LinkDraft[];
}

export interface EventDraft extends Open<SpanEvent> {
  attributes: MutableAttributes;
}

export interface LinkDraft extends Open<SpanLink> {
  attributes: MutableAttributes;
}

export interface ResourceDraft extends Open<Resource> {
  attributes: MutableAttributes;
}

export interface ScopeDraft extends Open<Scope> {
  attributes: MutableAttributes;
}

type Open<T> = { -readonly [K in keyof T]: T[K] };

export function draftSpan(resource: Resource, scope: Scope): SpanDraft {
  return {
    traceId: '',
    spanId: '',
    parentSpanId: null,
    traceState: null,
    flags: 0,
    name: '',
    kind: 0,
    startTimeUnixNano: 0n,
    endTimeUnixNano: null,
    status: { code: 0, message: null },
    attributes: emptyAttributes(),
    events: [],
    links: [],
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    resource,
    scope,
  };
}

export function draftEvent(): EventDraft {
  return { name: '', timeUnixNano: 0n, attributes: emptyAttributes(), droppedAttributesCount: 0 };
}

export function draftLink(): LinkDraft {
  return {
    traceId: '',
    spanId: '',
    traceState: null,
    attributes: emptyAttributes(),
    droppedAttributesCount: 0,
    flags: 0,
  };
}

export function draftResource(): ResourceDraft {
  return { attributes: emptyAttributes(), droppedAttributesCount: 0, schemaUrl: null };
}

export function draftScope(): ScopeDraft {
  return {
    name: '',
    version: null,
    attributes: emptyAttributes(),
    droppedAttributesCount: 0,
    schemaUrl: null,
  };
}

/** An enum value that this version does not know is the unspecified one. */
export function knownKind(kind: number): SpanKind {
  return kind >= 1 && kind <= 5 ? (kind as SpanKind) : 0;
}

export function knownStatusCode(code: number): StatusCode {
  return code === 1 || code === 2 ? code : 0;
}
