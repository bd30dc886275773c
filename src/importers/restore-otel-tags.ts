import type { Attributes, AttributeValue } from '../model/attributes';
import { newScope } from '../model/new-span';
import type { Scope, SpanKind, SpanRecord } from '../model/span';

export interface RestoredTags {
  readonly kind: SpanKind | null;
  readonly status: SpanRecord['status'];
  readonly traceState: string | null;
  readonly scope: Scope;
  /** What was no field of the span. */
  readonly attributes: Attributes;
}

/**
 * Takes back into fields what OpenTelemetry writes as tags for backends without such fields: the
 * names of the "Transformation to non-OTLP formats" and of the Collector's older translators.
 */
export function restoreOtelTags(tags: Attributes): RestoredTags {
  const attributes = Object.create(null) as Record<string, AttributeValue>;
  for (const key of Object.keys(tags)) {
    if (!fieldTags.has(key)) attributes[key] = tags[key] as AttributeValue;
  }
  const scopeName = tags['otel.scope.name'] ?? tags['otel.library.name'];
  const scopeVersion = tags['otel.scope.version'] ?? tags['otel.library.version'];
  return {
    kind: kinds.get(text(tags['span.kind'])?.toLowerCase() ?? '') ?? null,
    status: readStatus(tags),
    traceState: text(tags['w3c.tracestate']),
    scope: newScope(text(scopeName) ?? '', text(scopeVersion)),
    attributes,
  };
}

export const kinds: ReadonlyMap<string, SpanKind> = new Map([
  ['internal', 1],
  ['server', 2],
  ['client', 3],
  ['producer', 4],
  ['consumer', 5],
]);

const fieldTags: ReadonlySet<string> = new Set([
  'span.kind',
  'w3c.tracestate',
  'error',
  'otel.status_code',
  'otel.status_description',
  'otel.scope.name',
  'otel.scope.version',
  'otel.library.name',
  'otel.library.version',
  'internal.span.format',
  'otlp.service.name.source',
]);

/** `error` is `true`, `false`, or in Zipkin any text, then the message. */
function readStatus(tags: Attributes): SpanRecord['status'] {
  const { error } = tags;
  const flag = error === true || error === 'true';
  const plain = error === undefined || error === false || error === 'false' || flag;
  const message = text(tags['otel.status_description']) ?? (plain ? null : text(error));
  const code = text(tags['otel.status_code'])?.replace(/^STATUS_CODE_/, '');
  if (code === 'OK') return { code: 1, message: null };
  if (code === 'ERROR' || (code === undefined && (flag || !plain))) return { code: 2, message };
  return { code: 0, message: null };
}

function text(value: AttributeValue | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
