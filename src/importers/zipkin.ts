import type { Attributes } from '../model/attributes';
import { newSpan } from '../model/new-span';
import type { Resource, SpanEvent, SpanLink, SpanRecord } from '../model/span';
import { hashHex, hexId } from './ids';
import type { ImportFormatReader, ImportRecord } from './imported-run';
import { refusedRun } from './imported-run';
import { asArray, asNumber, asObject, asText, member } from './json-value';
import { microsToNano } from './parse-time';
import { kinds, restoreOtelTags } from './restore-otel-tags';
import { toAttributes } from './to-attributes';

/**
 * Zipkin v2 JSON: a list of spans (`/api/v2/trace/ID`) or a list of such lists (`/api/v2/traces`).
 * Zipkin knows only text, and no resources: what the exporter made of them stays as it is.
 */
export const zipkin: ImportFormatReader = {
  records: ['[][]', '[]'],
  marks: ['[].traceId', '[][].traceId'],
  open: () => (record) => {
    const span = readSpan(record);
    return typeof span === 'string'
      ? refusedRun(record.where, span)
      : { spans: [span], rewards: [], refused: [] };
  },
};

/** The span, or why there is none. */
function readSpan({ value }: ImportRecord): SpanRecord | string {
  const traceId = hexId(member(value, 'traceId'), 32);
  const id = hexId(member(value, 'id'), 16);
  if (traceId === null || id === null) return 'expected traceId and id in hex';
  const start = microsToNano(member(value, 'timestamp'));
  if (start === null) return 'expected timestamp in microseconds';
  const duration = microsToNano(member(value, 'duration'));
  const tags = asObject(member(value, 'tags')) ?? {};
  const { kind, ...restored } = restoreOtelTags(toAttributes(withoutLinks(tags)));
  const named = kinds.get((asText(member(value, 'kind')) ?? '').toLowerCase());
  // The two sides of a call may share one id; here each span has its own.
  const shared = member(value, 'shared') === true;
  return newSpan({
    traceId,
    spanId: shared ? hashHex(16, 'shared', traceId, id) : id,
    parentSpanId: shared ? id : hexId(member(value, 'parentId'), 16),
    ...restored,
    attributes: Object.assign(restored.attributes, peer(member(value, 'remoteEndpoint'))),
    name: asText(member(value, 'name')) ?? '',
    kind: named ?? kind ?? 1,
    startTimeUnixNano: start,
    // Without a duration Zipkin's span is unfinished.
    endTimeUnixNano: duration === null ? null : start + duration,
    events: asArray(member(value, 'annotations')).map((entry) => readAnnotation(entry, start)),
    links: readLinks(tags),
    resource: resourceOf(asText(member(member(value, 'localEndpoint'), 'serviceName'))),
  });
}

function peer(endpoint: unknown): Attributes {
  return toAttributes({
    'peer.service': asText(member(endpoint, 'serviceName')),
    'network.peer.address': asText(member(endpoint, 'ipv4')) ?? asText(member(endpoint, 'ipv6')),
    'network.peer.port': asNumber(member(endpoint, 'port')),
  });
}

function resourceOf(serviceName: string | null): Resource {
  return {
    attributes: toAttributes({ 'service.name': serviceName }),
    droppedAttributesCount: 0,
    schemaUrl: null,
  };
}

/** The Collector writes `name|{attributes}|dropped`, the SDK only the name. */
function readAnnotation(annotation: unknown, start: bigint): SpanEvent {
  const text = asText(member(annotation, 'value')) ?? '';
  const parts = /^([^|]*)\|(\{.*\})\|(\d+)$/s.exec(text);
  const attributes = parts === null ? null : parseObject(parts[2] ?? '');
  return {
    name: attributes === null ? text : (parts?.[1] ?? ''),
    timeUnixNano: microsToNano(member(annotation, 'timestamp')) ?? start,
    attributes: toAttributes(attributes ?? {}),
    droppedAttributesCount: attributes === null ? 0 : Number(parts?.[3]),
  };
}

const linkTag = /^otlp\.link\.\d+$/;

function withoutLinks(tags: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !linkTag.test(key)));
}

/** `trace|span|state|{attributes}|dropped`, one tag a link, numbered from 0. */
function readLinks(tags: Readonly<Record<string, unknown>>): SpanLink[] {
  const links: SpanLink[] = [];
  for (let index = 0; Object.hasOwn(tags, `otlp.link.${index}`); index += 1) {
    const text = asText(tags[`otlp.link.${index}`]) ?? '';
    const parts = /^(\w+)\|(\w+)\|([^|]*)\|(.*)\|(\d+)$/s.exec(text);
    const traceId = hexId(parts?.[1], 32);
    const spanId = hexId(parts?.[2], 16);
    if (parts === null || traceId === null || spanId === null) continue;
    links.push({
      traceId,
      spanId,
      traceState: asText(parts[3]),
      attributes: toAttributes(parseObject(parts[4] ?? '') ?? {}),
      droppedAttributesCount: Number(parts[5]),
      flags: 0,
    });
  }
  return links;
}

/** `null` where the text is no JSON object. */
function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return null;
  }
}
