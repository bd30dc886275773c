import { z } from 'zod';
import type { Resource, Scope, Span, SpanEvent, SpanLink, SpanSkeleton } from '../model/span';
import { formatInstant } from './instant';
import { pageSchema } from './page';
import { toPlainAttributes } from './plain-value';
import {
  attributesSchema,
  countSchema,
  instantSchema,
  nanosSchema,
  roleSchema,
  spanIdSchema,
  traceIdSchema,
} from './scalars';

const spanEventSchema = z
  .object({
    name: z.string(),
    time_unix_nano: nanosSchema,
    attributes: attributesSchema,
    dropped_attributes_count: countSchema,
  })
  .meta({ id: 'SpanEvent' });

const spanLinkSchema = z
  .object({
    trace_id: traceIdSchema,
    span_id: spanIdSchema,
    trace_state: z.string().nullable(),
    attributes: attributesSchema,
    dropped_attributes_count: countSchema,
    flags: countSchema,
  })
  .meta({ id: 'SpanLink' });

const resourceSchema = z
  .object({
    attributes: attributesSchema,
    dropped_attributes_count: countSchema,
    schema_url: z.string().nullable(),
  })
  .meta({ id: 'Resource' });

const scopeSchema = z
  .object({
    name: z.string(),
    version: z.string().nullable(),
    attributes: attributesSchema,
    dropped_attributes_count: countSchema,
    schema_url: z.string().nullable(),
  })
  .meta({ id: 'Scope' });

export const kindSchema = z.int().min(0).max(5).meta({
  id: 'SpanKind',
  description: 'As in OTLP: 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer.',
});

const spanStatusSchema = z
  .object({
    code: z.union([z.literal(0), z.literal(1), z.literal(2)]).meta({
      description: 'As in OTLP: 0 unset, 1 ok, 2 error.',
    }),
    message: z.string().nullable(),
  })
  .meta({ id: 'SpanStatus' });

/** What a waterfall is drawn from. */
export const spanSkeletonSchema = z
  .object({
    trace_id: traceIdSchema,
    span_id: spanIdSchema,
    parent_span_id: spanIdSchema.nullable(),
    name: z.string(),
    kind: kindSchema,
    start_time_unix_nano: nanosSchema,
    end_time_unix_nano: nanosSchema.nullable().meta({ description: '`null` while unfinished.' }),
    status: spanStatusSchema,
    task_id: z.string().nullable(),
    execution_id: z.string().nullable(),
    agent_id: z.string().nullable(),
    role: roleSchema,
    model: z.string().nullable(),
    tool: z.string().nullable(),
    input_tokens: countSchema.nullable(),
    output_tokens: countSchema.nullable(),
    cost_usd: z.number().nullable(),
    error_type: z.string().nullable(),
    tool_arguments_hash: z
      .string()
      .nullable()
      .meta({ description: 'Equal for equal arguments, so that loops can be seen.' }),
    tags: z.array(z.string()),
  })
  .meta({ id: 'SpanSkeleton' });

export type SpanSkeletonJson = z.infer<typeof spanSkeletonSchema>;

/** What a skeleton leaves out. */
export const spanParts = {
  attributes: attributesSchema,
  events: z.array(spanEventSchema),
  links: z.array(spanLinkSchema),
  dropped_attributes_count: countSchema,
  dropped_events_count: countSchema,
  dropped_links_count: countSchema,
  trace_state: z.string().nullable(),
  flags: countSchema.meta({ description: 'The low 8 bits are the W3C trace flags.' }),
  resource: resourceSchema,
  scope: scopeSchema,
  received_at: instantSchema,
};

export const spanSchema = spanSkeletonSchema
  .extend(spanParts)
  .meta({ id: 'Span', description: 'An OpenTelemetry span, whole, with what it means.' });

export type SpanJson = z.infer<typeof spanSchema>;

export const spanPageSchema = pageSchema('SpanPage', spanSchema);

export function spanSkeletonToWire(span: SpanSkeleton): SpanSkeletonJson {
  return {
    trace_id: span.traceId,
    span_id: span.spanId,
    parent_span_id: span.parentSpanId,
    name: span.name,
    kind: span.kind,
    start_time_unix_nano: span.startTimeUnixNano.toString(),
    end_time_unix_nano: span.endTimeUnixNano?.toString() ?? null,
    status: { code: span.status.code, message: span.status.message },
    task_id: span.taskId,
    execution_id: span.executionId,
    agent_id: span.agentId,
    role: span.role,
    model: span.model,
    tool: span.tool,
    input_tokens: span.inputTokens,
    output_tokens: span.outputTokens,
    cost_usd: span.costUsd,
    error_type: span.errorType,
    tool_arguments_hash: span.toolArgumentsHash,
    tags: [...span.tags],
  };
}

export function spanToWire(span: Span): SpanJson {
  return {
    ...spanSkeletonToWire(span),
    ...attributesOf(span),
    ...eventsOf(span),
    ...linksOf(span),
    ...originOf(span),
  };
}

// The parts of a span that a skeleton leaves out, each with how much of it was dropped.

export function attributesOf(span: Span) {
  return {
    attributes: toPlainAttributes(span.attributes),
    dropped_attributes_count: span.droppedAttributesCount,
  };
}

export function eventsOf(span: Span) {
  return {
    events: span.events.map(eventToWire),
    dropped_events_count: span.droppedEventsCount,
  };
}

export function linksOf(span: Span) {
  return { links: span.links.map(linkToWire), dropped_links_count: span.droppedLinksCount };
}

export function originOf(span: Span) {
  return {
    trace_state: span.traceState,
    flags: span.flags,
    resource: resourceToWire(span.resource),
    scope: scopeToWire(span.scope),
    received_at: formatInstant(span.receivedAtUnixNano),
  };
}

function eventToWire(event: SpanEvent): z.infer<typeof spanEventSchema> {
  return {
    name: event.name,
    time_unix_nano: event.timeUnixNano.toString(),
    attributes: toPlainAttributes(event.attributes),
    dropped_attributes_count: event.droppedAttributesCount,
  };
}

function linkToWire(link: SpanLink): z.infer<typeof spanLinkSchema> {
  return {
    trace_id: link.traceId,
    span_id: link.spanId,
    trace_state: link.traceState,
    attributes: toPlainAttributes(link.attributes),
    dropped_attributes_count: link.droppedAttributesCount,
    flags: link.flags,
  };
}

function resourceToWire(resource: Resource): z.infer<typeof resourceSchema> {
  return {
    attributes: toPlainAttributes(resource.attributes),
    dropped_attributes_count: resource.droppedAttributesCount,
    schema_url: resource.schemaUrl,
  };
}

function scopeToWire(scope: Scope): z.infer<typeof scopeSchema> {
  return {
    name: scope.name,
    version: scope.version,
    attributes: toPlainAttributes(scope.attributes),
    dropped_attributes_count: scope.droppedAttributesCount,
    schema_url: scope.schemaUrl,
  };
}
