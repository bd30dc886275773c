import type { Attributes, AttributeValue } from '../../src/model/attributes';
import type { Resource, Scope, SpanRecord } from '../../src/model/span';

/** OTLP/JSON as opentelemetry-proto maps it, written for these tests alone; runs of one origin share it. */
export function encodeOtlpJson(spans: readonly SpanRecord[]): unknown {
  const groups: { resource: Resource; scope: Scope; spans: SpanRecord[] }[] = [];
  for (const span of spans) {
    const { resource, scope } = span;
    const last = groups.at(-1);
    if (last?.resource === resource && last.scope === scope) last.spans.push(span);
    else groups.push({ resource, scope, spans: [span] });
  }
  return {
    resourceSpans: groups.map((group) => ({
      resource: origin(group.resource),
      schemaUrl: group.resource.schemaUrl ?? undefined,
      scopeSpans: [
        {
          scope: {
            ...origin(group.scope),
            name: group.scope.name,
            version: group.scope.version ?? undefined,
          },
          schemaUrl: group.scope.schemaUrl ?? undefined,
          spans: group.spans.map(encodeSpan),
        },
      ],
    })),
  };
}

const origin = ({ attributes, droppedAttributesCount }: Resource | Scope) => ({
  attributes: encodeAttributes(attributes),
  droppedAttributesCount,
});

function encodeSpan({ resource: _r, scope: _s, ...span }: SpanRecord): unknown {
  return {
    ...span,
    parentSpanId: span.parentSpanId ?? undefined,
    traceState: span.traceState ?? undefined,
    startTimeUnixNano: span.startTimeUnixNano.toString(),
    endTimeUnixNano: span.endTimeUnixNano?.toString(),
    status: { code: span.status.code, message: span.status.message ?? undefined },
    attributes: encodeAttributes(span.attributes),
    events: span.events.map((event) => ({
      ...event,
      timeUnixNano: event.timeUnixNano.toString(),
      attributes: encodeAttributes(event.attributes),
    })),
    links: span.links.map((link) => ({
      ...link,
      traceState: link.traceState ?? undefined,
      attributes: encodeAttributes(link.attributes),
    })),
  };
}

function encodeAttributes(attributes: Attributes): unknown[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: encodeValue(value) }));
}

function encodeValue(value: AttributeValue): unknown {
  if (value === null) return {};
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') {
    return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  }
  if (isList(value)) return { arrayValue: { values: value.map(encodeValue) } };
  if ('int' in value) return { intValue: value.int };
  if ('double' in value) return { doubleValue: value.double };
  if ('bytes' in value) return { bytesValue: value.bytes };
  return { kvlistValue: { values: encodeAttributes(value.map) } };
}

function isList(value: AttributeValue): value is readonly AttributeValue[] {
  return Array.isArray(value);
}
