import { z } from 'zod';
import type { Interval } from '../model/interval';
import type { SpanRole } from '../model/span';
import type { Status } from '../model/status';
import type { Json } from './plain-value';

// What every document is made of. A schema with an `id` is a component of /openapi.json.

export const jsonSchema: z.ZodType<Json, Json> = z
  .lazy(() =>
    z.union([
      z.string(),
      z.number(),
      z.boolean(),
      z.null(),
      z.array(jsonSchema),
      z.record(z.string(), jsonSchema),
    ]),
  )
  .meta({ id: 'Json', description: 'Any JSON value.' });

export const attributesSchema = z.record(z.string(), jsonSchema).meta({
  id: 'Attributes',
  description:
    'Attributes by key. Integers beyond 2^53 - 1, NaN and infinities are strings, bytes are base64.',
  examples: [{ 'gen_ai.operation.name': 'chat', 'gen_ai.usage.input_tokens': 812 }],
});

export const traceIdSchema = z
  .string()
  .regex(/^[0-9a-f]{32}$/)
  .meta({
    id: 'TraceId',
    description: '32 lower-case hexadecimal digits.',
    examples: ['0af7651916cd43dd8448eb211c80319c'],
  });

export const spanIdSchema = z
  .string()
  .regex(/^[0-9a-f]{16}$/)
  .meta({
    id: 'SpanId',
    description: '16 lower-case hexadecimal digits.',
    examples: ['b7ad6b7169203331'],
  });

export const spanAddressSchema = z
  .object({ trace_id: traceIdSchema, span_id: spanIdSchema })
  .meta({ id: 'SpanAddress' });

export const nanosSchema = z
  .string()
  .regex(/^\d{1,20}$/)
  .meta({
    id: 'UnixNano',
    description: 'Nanoseconds since 1970, as a decimal string: a number would lose digits.',
    examples: ['1700000000000000001'],
  });

export const instantSchema = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/)
  .meta({
    id: 'Instant',
    description: 'RFC 3339 in UTC with nanoseconds.',
    examples: ['2026-01-31T08:00:00.000000001Z'],
  });

export const countSchema = z.int().min(0);
export const scoreSchema = z.number().min(0).max(1);

export const intervalSchema = z.tuple([z.number(), z.number()]).meta({
  id: 'Interval',
  description: 'Lower and upper bound.',
  examples: [[0.31, 0.52]],
});

export const statuses = [
  'queued',
  'running',
  'completed',
  'failed',
  'timed_out',
  'cancelled',
] as const satisfies readonly Status[];

export const statusSchema = z
  .enum(statuses)
  .meta({ id: 'Status', description: 'Of a task and of an execution.' });

export const roles = [
  'agent',
  'llm',
  'tool',
  'retrieval',
  'embedding',
  'evaluator',
  'chain',
  'other',
] as const satisfies readonly SpanRole[];

export const roleSchema = z
  .enum(roles)
  .meta({ id: 'SpanRole', description: 'What a span is of the agent’s work.' });

export const tokensSchema = z
  .object({ input: countSchema.nullable(), output: countSchema.nullable() })
  .meta({ id: 'Tokens' });

export function intervalToWire({ lower, upper }: Interval): [number, number] {
  return [lower, upper];
}

/** JSON has no NaN and no infinities: what is not finite is unknown. */
export function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
