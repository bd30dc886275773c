import type { Attributes } from '../../src/model/attributes';
import type { Resource, Scope, SpanRecord } from '../../src/model/span';

export const testResource: Resource = {
  attributes: attributes({ 'service.name': 'test-agent' }),
  droppedAttributesCount: 0,
  schemaUrl: null,
};

export const testScope: Scope = {
  name: 'test',
  version: '1.0.0',
  attributes: attributes({}),
  droppedAttributesCount: 0,
  schemaUrl: null,
};

/** A valid span; say only what the test is about. */
export function makeSpan(change: Partial<SpanRecord> = {}): SpanRecord {
  return {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    parentSpanId: null,
    traceState: null,
    flags: 1,
    name: 'span',
    kind: 1,
    startTimeUnixNano: 1_700_000_000_000_000_000n,
    endTimeUnixNano: 1_700_000_001_000_000_000n,
    status: { code: 0, message: null },
    attributes: attributes({}),
    events: [],
    links: [],
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    resource: testResource,
    scope: testScope,
    ...change,
  };
}

export function attributes(values: Attributes): Attributes {
  return Object.assign(Object.create(null), values) as Attributes;
}

/** Ids from small numbers, so that tests stay readable. */
export const traceId = (n: number): string => n.toString(16).padStart(32, '0');
export const spanId = (n: number): string => n.toString(16).padStart(16, '0');
