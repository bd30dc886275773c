import type { Attributes, AttributeValue } from '../model/attributes';
import { newSpan } from '../model/new-span';
import type { Resource, SpanEvent, SpanLink, SpanRecord } from '../model/span';
import { hexId } from './ids';
import type { ImportedRun, ImportFormatReader, ImportRecord, ImportRefusal } from './imported-run';
import { refusedRun } from './imported-run';
import { asArray, asNumber, asObject, asText, member } from './json-value';
import { microsToNano } from './parse-time';
import { restoreOtelTags } from './restore-otel-tags';
import { toAttributes, toAttributeValue, toDouble } from './to-attributes';

/** The JSON of Jaeger's UI ("Download results", `/api/traces`): `{ data: [trace] }`. */
export const jaeger: ImportFormatReader = {
  records: ['.data[]'],
  marks: ['.data[].traceID', '.data[].spans', '.data[].processes'],
  open: () => readTrace,
};

function readTrace({ value, where }: ImportRecord): ImportedRun {
  const spans = member(value, 'spans');
  if (!Array.isArray(spans)) return refusedRun(where, 'expected a trace with spans and processes');
  const resources = new Map<string, Resource>();
  for (const [id, process] of Object.entries(asObject(member(value, 'processes')) ?? {})) {
    resources.set(id, readProcess(process));
  }
  const read: SpanRecord[] = [];
  const refused: ImportRefusal[] = [];
  spans.forEach((span: unknown, index) => {
    const result = readSpan(span, resources);
    if (typeof result !== 'string') read.push(result);
    else refused.push({ where: `${where}, span ${index}`, reason: result });
  });
  return { spans: read, rewards: [], refused };
}

/** The span, or why there is none. */
function readSpan(span: unknown, resources: ReadonlyMap<string, Resource>): SpanRecord | string {
  const traceId = hexId(member(span, 'traceID'), 32);
  const spanId = hexId(member(span, 'spanID'), 16);
  if (traceId === null || spanId === null) return 'expected traceID and spanID in hex';
  const start = microsToNano(member(span, 'startTime'));
  const duration = microsToNano(member(span, 'duration'));
  if (start === null || duration === null) {
    return 'expected startTime and duration in microseconds';
  }
  const { kind, ...tags } = restoreOtelTags(readTags(member(span, 'tags')));
  const process = member(span, 'process');
  const named = resources.get(asText(member(span, 'processID')) ?? '');
  return newSpan({
    traceId,
    spanId,
    ...readReferences(span, traceId),
    ...tags,
    flags: asNumber(member(span, 'flags')) ?? 1,
    name: asText(member(span, 'operationName')) ?? '',
    kind: kind ?? 0,
    startTimeUnixNano: start,
    endTimeUnixNano: start + duration,
    events: asArray(member(span, 'logs')).map((log) => readLog(log, start)),
    resource: named ?? readProcess(process),
  });
}

/** The first CHILD_OF inside the trace is the parent, every other reference a link. */
function readReferences(
  span: unknown,
  traceId: string,
): Pick<SpanRecord, 'parentSpanId' | 'links'> {
  let parentSpanId = hexId(member(span, 'parentSpanID'), 16);
  const links: SpanLink[] = [];
  for (const reference of asArray(member(span, 'references'))) {
    const linked = hexId(member(reference, 'traceID'), 32);
    const spanId = hexId(member(reference, 'spanID'), 16);
    if (linked === null || spanId === null) continue;
    const childOf = member(reference, 'refType') === 'CHILD_OF' && linked === traceId;
    if (childOf && (parentSpanId === null || parentSpanId === spanId)) parentSpanId = spanId;
    else {
      const attributes = toAttributes({});
      links.push({
        traceId: linked,
        spanId,
        traceState: null,
        attributes,
        droppedAttributesCount: 0,
        flags: 0,
      });
    }
  }
  return { parentSpanId, links };
}

function readLog(log: unknown, start: bigint): SpanEvent {
  const { event, ...fields } = readTags(member(log, 'fields'));
  return {
    name: typeof event === 'string' ? event : '',
    timeUnixNano: microsToNano(member(log, 'timestamp')) ?? start,
    attributes: Object.assign(Object.create(null) as Attributes, fields),
    droppedAttributesCount: 0,
  };
}

function readProcess(process: unknown): Resource {
  const service = toAttributes({ 'service.name': asText(member(process, 'serviceName')) });
  return {
    attributes: Object.assign(service, readTags(member(process, 'tags'))),
    droppedAttributesCount: 0,
    schemaUrl: null,
  };
}

function readTags(tags: unknown): Attributes {
  const attributes = Object.create(null) as Record<string, AttributeValue>;
  for (const tag of asArray(tags)) {
    const key = asText(member(tag, 'key'));
    const value = member(tag, 'value');
    if (key !== null && value !== undefined) attributes[key] = readTag(member(tag, 'type'), value);
  }
  return attributes;
}

/** Jaeger writes an int64 that JavaScript cannot hold as text, bytes as base64. */
function readTag(type: unknown, value: unknown): AttributeValue {
  if (type === 'float64' && typeof value === 'number') return toDouble(value);
  if (typeof value === 'string') {
    if (type === 'binary') return { bytes: value };
    if (type === 'int64' && /^-?\d{1,19}$/.test(value)) {
      return Number.isSafeInteger(Number(value)) ? Number(value) : { int: value };
    }
  }
  return toAttributeValue(value);
}
