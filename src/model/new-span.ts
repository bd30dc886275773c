import type { Scope, SpanRecord } from './span';

type Required = 'traceId' | 'spanId' | 'name' | 'startTimeUnixNano' | 'endTimeUnixNano';

/** A span record with what most sources do not say left at its neutral value. */
export function newSpan(
  span: Pick<SpanRecord, Required | 'attributes' | 'resource' | 'scope'> & Partial<SpanRecord>,
): SpanRecord {
  return {
    parentSpanId: null,
    traceState: null,
    flags: 1,
    kind: 1,
    status: { code: 0, message: null },
    events: [],
    links: [],
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    ...span,
  };
}

export function newScope(name: string, version: string | null = null): Scope {
  return {
    name,
    version,
    attributes: Object.create(null) as Scope['attributes'],
    droppedAttributesCount: 0,
    schemaUrl: null,
  };
}
