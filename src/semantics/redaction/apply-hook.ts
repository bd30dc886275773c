import { type Attributes, emptyAttributes } from '../../model/attributes';
import type { RedactionHook, Resource, Scope, SpanRecord } from '../../model/span';

/** On a span that the hook failed on. */
export const REDACTION_FAILED = 'evolution.redaction_failed';

/**
 * What the user's hook makes of a span. A hook that throws, or returns something else than this span,
 * costs the span all that it said: its ids, times, kind and status code stay, the rest is counted as
 * dropped. What was to be hidden is not stored because hiding it failed.
 */
export function applyHook(span: SpanRecord, hook: RedactionHook): SpanRecord {
  try {
    const given: unknown = hook(span);
    if (isThisSpan(given, span)) return given;
  } catch {
    // The error may quote what it should have hidden.
  }
  return stripped(span);
}

function stripped(span: SpanRecord): SpanRecord {
  const attributes = emptyAttributes();
  attributes[REDACTION_FAILED] = true;
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    traceState: null,
    flags: span.flags,
    name: '[redaction failed]',
    kind: span.kind,
    startTimeUnixNano: span.startTimeUnixNano,
    endTimeUnixNano: span.endTimeUnixNano,
    status: { code: span.status.code, message: null },
    attributes,
    events: [],
    links: [],
    droppedAttributesCount: span.droppedAttributesCount + Object.keys(span.attributes).length,
    droppedEventsCount: span.droppedEventsCount + span.events.length,
    droppedLinksCount: span.droppedLinksCount + span.links.length,
    resource: noResource,
    scope: noScope,
  };
}

const none: Attributes = Object.freeze(Object.create(null) as Attributes);
const noResource: Resource = { attributes: none, droppedAttributesCount: 0, schemaUrl: null };
const noScope: Scope = { ...noResource, name: '', version: null };

function isThisSpan(given: unknown, span: SpanRecord): given is SpanRecord {
  if (given === span) return hasParts(span);
  if (typeof given !== 'object' || given === null) return false;
  const { traceId, spanId } = given as Partial<SpanRecord>;
  return traceId === span.traceId && spanId === span.spanId && hasParts(given as SpanRecord);
}

/** The hook is code that no compiler may have seen. */
function hasParts(span: SpanRecord): boolean {
  return (
    typeof span.name === 'string' &&
    isTextOrNull(span.status.message) &&
    isTextOrNull(span.parentSpanId) &&
    isTextOrNull(span.traceState) &&
    typeof span.startTimeUnixNano === 'bigint' &&
    (span.endTimeUnixNano === null || typeof span.endTimeUnixNano === 'bigint') &&
    typeof span.scope.name === 'string' &&
    [span, span.resource, span.scope, ...span.events, ...span.links].every(({ attributes }) =>
      isCanonical({ map: attributes }, 0),
    )
  );
}

const MAX_DEPTH = 64;

function isCanonical(value: unknown, depth: number): boolean {
  if (typeof value !== 'object') return ['string', 'number', 'boolean'].includes(typeof value);
  if (value === null) return true;
  if (depth > MAX_DEPTH) return false;
  if (Array.isArray(value)) return value.every((item) => isCanonical(item, depth + 1));
  const { map, ...rest } = value as { readonly map?: unknown };
  if (map === undefined) return ['int', 'double', 'bytes'].some((tag) => tag in rest);
  return (
    typeof map === 'object' &&
    map !== null &&
    Object.values(map).every((item) => isCanonical(item, depth + 1))
  );
}

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === 'string';
}
