import { newScope, newSpan } from '../model/new-span';
import type { Resource, Scope, SpanRecord } from '../model/span';
import type { ImportedRun, ImportFormatReader, ImportRecord, ImportRefusal } from './imported-run';
import { refusedRun } from './imported-run';
import type { JsonObject } from './json-value';
import { asObject, asText, member } from './json-value';
import { langfuseAttributes, readMetadata } from './langfuse-attributes';
import { langfuseId } from './langfuse-id';
import { langfuseScores } from './langfuse-scores';
import { parseTimeUnixNano } from './parse-time';
import { toAttributes } from './to-attributes';

/** The trace export of Langfuse: `{ trace, observations }`, one trace a file, a line or an element. */
export const langfuse: ImportFormatReader = {
  records: ['', '[]'],
  marks: ['.observations', '.trace.id', '[].observations'],
  open: () => readExport,
};

function readExport({ value, where }: ImportRecord): ImportedRun {
  const trace = asObject(member(value, 'trace'));
  const observations = member(value, 'observations');
  const traceKey = asText(trace?.id);
  if (trace === null || traceKey === null || !Array.isArray(observations)) {
    return refusedRun(where, 'expected an export with trace and observations');
  }
  const origins = new Origins();
  const spans: SpanRecord[] = [];
  const refused: ImportRefusal[] = [];
  observations.forEach((observation: unknown, index) => {
    const span = readObservation(asObject(observation) ?? {}, trace, origins);
    if (typeof span !== 'string') spans.push(span);
    else refused.push({ where: `${where}, observation ${index}`, reason: span });
  });
  return { spans, rewards: langfuseScores(trace), refused };
}

/** The span, or why there is none. */
function readObservation(
  observation: JsonObject,
  trace: JsonObject,
  origins: Origins,
): SpanRecord | string {
  const id = asText(observation.id);
  const start = parseTimeUnixNano(observation.startTime);
  if (id === null) return 'expected an observation with an id';
  if (start === null) return 'expected startTime in RFC 3339';
  const metadata = readMetadata(observation.metadata);
  const parent = asText(observation.parentObservationId);
  const traceKey = asText(observation.traceId) ?? String(trace.id);
  const end = parseTimeUnixNano(observation.endTime);
  return newSpan({
    traceId: langfuseId(traceKey, 32),
    spanId: langfuseId(id, 16),
    parentSpanId: parent === null ? null : langfuseId(parent, 16),
    name: asText(observation.name) ?? '',
    kind: observation.type === 'GENERATION' ? 3 : 1,
    startTimeUnixNano: start,
    endTimeUnixNano: end !== null && end < start ? start : end,
    status:
      observation.level === 'ERROR'
        ? { code: 2, message: asText(observation.statusMessage) }
        : { code: 0, message: null },
    attributes: langfuseAttributes(observation, metadata, trace),
    resource: origins.resource(metadata.resourceAttributes),
    scope: origins.scope(metadata.scope),
  });
}

/** Equal resources and scopes of a trace are one object, so that they are stored once. */
class Origins {
  readonly #resources = new Map<string, Resource>();
  readonly #scopes = new Map<string, Scope>();

  resource(value: unknown): Resource {
    const key = JSON.stringify(value ?? null);
    const known = this.#resources.get(key);
    if (known !== undefined) return known;
    const attributes = toAttributes(asObject(value) ?? {});
    const resource = { attributes, droppedAttributesCount: 0, schemaUrl: null };
    this.#resources.set(key, resource);
    return resource;
  }

  scope(value: unknown): Scope {
    const key = JSON.stringify(value ?? null);
    const known = this.#scopes.get(key);
    if (known !== undefined) return known;
    const scope = {
      ...newScope(asText(member(value, 'name')) ?? '', asText(member(value, 'version'))),
      attributes: toAttributes(asObject(member(value, 'attributes')) ?? {}),
    };
    this.#scopes.set(key, scope);
    return scope;
  }
}
