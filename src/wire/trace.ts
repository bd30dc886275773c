import { z } from 'zod';
import type { TraceSummary } from '../model/query';
import type { Span, SpanSkeleton } from '../model/span';
import { pageSchema } from './page';
import { countSchema, nanosSchema, traceIdSchema } from './scalars';
import {
  attributesOf,
  eventsOf,
  linksOf,
  originOf,
  spanParts,
  spanSkeletonSchema,
  spanSkeletonToWire,
} from './span';

export const traceSummarySchema = z
  .object({
    trace_id: traceIdSchema,
    root_name: z.string().nullable(),
    start_time_unix_nano: nanosSchema,
    end_time_unix_nano: nanosSchema.nullable(),
    spans: countSchema,
    errors: countSchema,
    task_id: z.string().nullable(),
    execution_id: z.string().nullable(),
    agent_id: z.string().nullable(),
  })
  .meta({ id: 'TraceSummary' });

export type TraceSummaryJson = z.infer<typeof traceSummarySchema>;

export const tracePageSchema = pageSchema('TracePage', traceSummarySchema);

/** A skeleton, with the parts that were asked for. */
export const traceSpanSchema = spanSkeletonSchema
  .extend(z.object(spanParts).partial().shape)
  .meta({ id: 'TraceSpan' });

export type TraceSpanJson = z.infer<typeof traceSpanSchema>;

export const traceParts = ['attributes', 'events', 'links', 'resource'] as const;

/** `resource` brings scope, trace state, flags and the time of arrival as well. */
export type TracePart = (typeof traceParts)[number];

export const traceSchema = z
  .object({ trace_id: traceIdSchema, items: z.array(traceSpanSchema) })
  .meta({ id: 'Trace', description: 'All spans of a trace by (start, span id).' });

export type TraceJson = z.infer<typeof traceSchema>;

export function traceSummaryToWire(trace: TraceSummary): TraceSummaryJson {
  return {
    trace_id: trace.traceId,
    root_name: trace.rootName,
    start_time_unix_nano: trace.startTimeUnixNano.toString(),
    end_time_unix_nano: trace.endTimeUnixNano?.toString() ?? null,
    spans: trace.spans,
    errors: trace.errors,
    task_id: trace.taskId,
    execution_id: trace.executionId,
    agent_id: trace.agentId,
  };
}

export function traceToWire(
  traceId: string,
  spans: readonly Span[],
  parts: readonly TracePart[],
): TraceJson {
  return { trace_id: traceId, items: spans.map((span) => traceSpanToWire(span, parts)) };
}

export function traceSkeletonToWire(traceId: string, spans: readonly SpanSkeleton[]): TraceJson {
  return { trace_id: traceId, items: spans.map(spanSkeletonToWire) };
}

function traceSpanToWire(span: Span, parts: readonly TracePart[]): TraceSpanJson {
  return {
    ...spanSkeletonToWire(span),
    ...(parts.includes('attributes') ? attributesOf(span) : undefined),
    ...(parts.includes('events') ? eventsOf(span) : undefined),
    ...(parts.includes('links') ? linksOf(span) : undefined),
    ...(parts.includes('resource') ? originOf(span) : undefined),
  };
}
