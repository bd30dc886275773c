import {
  isAttributeList,
  type Attributes,
  type AttributeValue,
  type TaggedValue,
} from '../model/attributes';
import type { Resource, Scope, SpanEvent, SpanLink, SpanRecord } from '../model/span';

type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

interface ScopeGroup {
  readonly scope: Scope;
  readonly spans: SpanRecord[];
}

interface ResourceGroup {
  readonly resource: Resource;
  readonly scopes: Map<string, ScopeGroup>;
}

/**
 * An `ExportTraceServiceRequest` in OTLP/JSON, spans grouped by resource and scope: decoding it gives
 * equal records, those of one resource and scope together.
 */
export function encodeTracesJson(spans: readonly SpanRecord[]): JsonObject {
  const groups = new Map<string, ResourceGroup>();
  const keyOf = contentKeys();
  for (const span of spans) {
    const { resource, scope } = span;
    const added: ResourceGroup = { resource, scopes: new Map() };
    const { scopes } = getOrAdd(groups, keyOf(resource), added);
    getOrAdd(scopes, keyOf(scope), { scope, spans: [] }).spans.push(span);
  }
  return { resourceSpans: [...groups.values()].map(encodeGroup) };
}

/** Equal content has the same key; each object is written out once. */
function contentKeys(): (value: Resource | Scope) => string {
  const known = new Map<object, string>();
  return (value) => {
    const key = known.get(value) ?? JSON.stringify(value);
    known.set(value, key);
    return key;
  };
}

function getOrAdd<T>(groups: Map<string, T>, key: string, added: T): T {
  const group = groups.get(key) ?? added;
  groups.set(key, group);
  return group;
}

function encodeGroup({ resource, scopes }: ResourceGroup): JsonObject {
  return {
    resource: {
      attributes: encodeAttributes(resource.attributes),
      droppedAttributesCount: resource.droppedAttributesCount,
    },
    scopeSpans: [...scopes.values()].map(({ scope, spans }) => ({
      scope: {
        name: scope.name,
        version: scope.version ?? '',
        attributes: encodeAttributes(scope.attributes),
        droppedAttributesCount: scope.droppedAttributesCount,
      },
      spans: spans.map(encodeSpan),
      schemaUrl: scope.schemaUrl ?? '',
    })),
    schemaUrl: resource.schemaUrl ?? '',
  };
}

function encodeSpan(span: SpanRecord): JsonObject {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId ?? '',
    traceState: span.traceState ?? '',
    flags: span.flags,
    name: span.name,
    kind: span.kind,
    startTimeUnixNano: span.startTimeUnixNano.toString(),
    endTimeUnixNano: (span.endTimeUnixNano ?? 0n).toString(),
    attributes: encodeAttributes(span.attributes),
    droppedAttributesCount: span.droppedAttributesCount,
    events: span.events.map(encodeEvent),
    droppedEventsCount: span.droppedEventsCount,
    links: span.links.map(encodeLink),
    droppedLinksCount: span.droppedLinksCount,
    status: { code: span.status.code, message: span.status.message ?? '' },
  };
}

function encodeEvent(event: SpanEvent): JsonObject {
  return {
    timeUnixNano: event.timeUnixNano.toString(),
    name: event.name,
    attributes: encodeAttributes(event.attributes),
    droppedAttributesCount: event.droppedAttributesCount,
  };
}

function encodeLink(link: SpanLink): JsonObject {
  return {
    traceId: link.traceId,
    spanId: link.spanId,
    traceState: link.traceState ?? '',
    attributes: encodeAttributes(link.attributes),
    droppedAttributesCount: link.droppedAttributesCount,
    flags: link.flags,
  };
}

function encodeAttributes(attributes: Attributes): JsonObject[] {
  return Object.keys(attributes).map((key) => ({
    key,
    value: encodeValue(attributes[key] ?? null),
  }));
}

function encodeValue(value: AttributeValue): JsonObject {
  if (value === null) return {};
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') {
    return Number.isInteger(value) ? { intValue: value.toString() } : { doubleValue: value };
  }
  if (isAttributeList(value)) return { arrayValue: { values: value.map(encodeValue) } };
  return encodeTagged(value);
}

function encodeTagged(value: TaggedValue): JsonObject {
  if ('int' in value) return { intValue: value.int };
  if ('bytes' in value) return { bytesValue: value.bytes };
  if ('map' in value) return { kvlistValue: { values: encodeAttributes(value.map) } };
  return { doubleValue: value.double };
}
