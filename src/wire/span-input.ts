import { z } from 'zod';
import type { Attributes, AttributeValue } from '../model/attributes';
import { newScope, newSpan } from '../model/new-span';
import type { Resource, SpanRecord, StatusCode } from '../model/span';
import { fromPlainAttributes } from './plain-value';
import { parseInstant } from './instant';
import { tagsInputSchema } from './inputs';
import { attributesSchema } from './scalars';
import { kindSchema } from './span';

const anyCaseHex = (digits: number): z.ZodPipe<z.ZodString, z.ZodTransform<string, string>> =>
  z
    .string()
    .regex(new RegExp(`^[0-9a-fA-F]{${digits}}$`), `expected ${digits} hexadecimal digits`)
    .refine((id) => /[^0]/.test(id), 'an id of zeros is no id')
    .transform((id) => id.toLowerCase());

export const traceIdInputSchema = anyCaseHex(32).meta({
  id: 'TraceIdInput',
  examples: ['0af7651916cd43dd8448eb211c80319c'],
});
export const spanIdInputSchema = anyCaseHex(16).meta({
  id: 'SpanIdInput',
  examples: ['b7ad6b7169203331'],
});

/** A time of a run; @throws InputError that says what to send where milliseconds came */
export const nanosInputSchema = z
  .union([
    z.string().regex(/^\S{1,40}$/),
    z
      .int()
      .min(0)
      .meta({ override: { type: 'integer', minimum: 1e15 } }),
  ])
  .transform((time) => parseInstant(String(time)))
  .meta({
    id: 'UnixNanoInput',
    description:
      'Nanoseconds since 1970, as an integer or a decimal string, or RFC 3339. Milliseconds are refused.',
    examples: ['1700000000000000001'],
  });

const eventInputSchema = z.strictObject({
  name: z.string(),
  time_unix_nano: nanosInputSchema,
  attributes: attributesSchema.optional(),
});

const linkInputSchema = z.strictObject({
  trace_id: traceIdInputSchema,
  span_id: spanIdInputSchema,
  attributes: attributesSchema.optional(),
});

const statusInputSchema = z.strictObject({
  code: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  message: z.string().nullable().optional(),
});

export const spanInputSchema = z
  .strictObject({
    trace_id: traceIdInputSchema,
    span_id: spanIdInputSchema,
    parent_span_id: spanIdInputSchema.nullable().optional(),
    name: z.string().min(1),
    kind: kindSchema.optional(),
    start_time_unix_nano: nanosInputSchema,
    end_time_unix_nano: nanosInputSchema
      .nullable()
      .optional()
      .meta({ description: 'Absent while unfinished; send the span again when it has ended.' }),
    status: statusInputSchema.optional(),
    attributes: attributesSchema.optional(),
    events: z.array(eventInputSchema).optional(),
    links: z.array(linkInputSchema).optional(),
    resource: z.strictObject({ attributes: attributesSchema }).optional(),
    scope: z.strictObject({ name: z.string(), version: z.string().optional() }).optional(),
    task_id: z.string().min(1).optional().meta({ description: 'Short for `task.id`.' }),
    execution_id: z.string().min(1).optional().meta({ description: 'Short for `execution.id`.' }),
    agent_id: z.string().min(1).optional().meta({ description: 'Short for `agent.id`.' }),
    tags: tagsInputSchema.optional().meta({ description: 'Short for `evolution.tags`.' }),
  })
  .meta({
    id: 'SpanInput',
    description:
      'An OpenTelemetry span. It is interpreted and redacted like one that came by OTLP: role, model, tool and tokens are read from its attributes.',
    examples: [
      {
        trace_id: '0af7651916cd43dd8448eb211c80319c',
        span_id: 'b7ad6b7169203331',
        name: 'chat gpt-5',
        start_time_unix_nano: '1769846400000000000',
        end_time_unix_nano: '1769846401200000000',
        task_id: 'task-17',
        attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.usage.input_tokens': 812 },
      },
    ],
  });

export type SpanInputJson = z.input<typeof spanInputSchema>;
export type SpanInput = z.output<typeof spanInputSchema>;

export function spanFromWire(input: SpanInput): SpanRecord {
  return newSpan({
    traceId: input.trace_id,
    spanId: input.span_id,
    parentSpanId: input.parent_span_id ?? null,
    name: input.name,
    kind: (input.kind ?? 1) as SpanRecord['kind'],
    startTimeUnixNano: input.start_time_unix_nano,
    endTimeUnixNano: input.end_time_unix_nano ?? null,
    status: {
      code: (input.status?.code ?? 0) satisfies StatusCode,
      message: input.status?.message ?? null,
    },
    attributes: attributesOf(input),
    events: (input.events ?? []).map((event) => ({
      name: event.name,
      timeUnixNano: event.time_unix_nano,
      attributes: fromPlainAttributes(event.attributes ?? {}),
      droppedAttributesCount: 0,
    })),
    links: (input.links ?? []).map((link) => ({
      traceId: link.trace_id,
      spanId: link.span_id,
      traceState: null,
      attributes: fromPlainAttributes(link.attributes ?? {}),
      droppedAttributesCount: 0,
      flags: 0,
    })),
    resource: resourceOf(input),
    scope: newScope(input.scope?.name ?? '', input.scope?.version ?? null),
  });
}

function attributesOf(input: SpanInput): Attributes {
  const short: Record<string, AttributeValue | undefined> = {
    'task.id': input.task_id,
    'execution.id': input.execution_id,
    'agent.id': input.agent_id,
    'evolution.tags': input.tags,
  };
  const attributes = Object.assign(
    Object.create(null) as Record<string, AttributeValue>,
    fromPlainAttributes(input.attributes ?? {}),
  );
  for (const [key, value] of Object.entries(short))
    if (value !== undefined) attributes[key] = value;
  return attributes;
}

function resourceOf({ resource }: SpanInput): Resource {
  return {
    attributes: fromPlainAttributes(resource?.attributes ?? {}),
    droppedAttributesCount: 0,
    schemaUrl: null,
  };
}
