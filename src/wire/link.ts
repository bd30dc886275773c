import { z } from 'zod';
import type { Link } from '../model/reward';
import { pageSchema } from './page';
import { toPlainAttributes } from './plain-value';
import { attributesSchema, spanIdSchema, traceIdSchema } from './scalars';

export const linkSchema = z
  .object({
    trace_id: traceIdSchema,
    span_id: spanIdSchema,
    linked_trace_id: traceIdSchema.nullable(),
    linked_span_id: spanIdSchema
      .nullable()
      .meta({ description: '`null` while a link by query has not met its target.' }),
    type: z.string().meta({
      description: '`reward_for_operation`, `tags_for_operation`, `related` or your own.',
    }),
    attributes: attributesSchema,
    resolved: z.boolean().meta({ description: 'The linked span is stored.' }),
  })
  .meta({
    id: 'Link',
    description: 'A typed relation between two spans.',
    examples: [
      {
        trace_id: '0af7651916cd43dd8448eb211c80319c',
        span_id: 'b7ad6b7169203331',
        linked_trace_id: '0af7651916cd43dd8448eb211c80319c',
        linked_span_id: '00f067aa0ba902b7',
        type: 'related',
        attributes: {},
        resolved: true,
      },
    ],
  });

export type LinkJson = z.infer<typeof linkSchema>;

export const linkPageSchema = pageSchema('LinkPage', linkSchema);

export function linkToWire(link: Link): LinkJson {
  return {
    trace_id: link.traceId,
    span_id: link.spanId,
    linked_trace_id: link.linkedTraceId,
    linked_span_id: link.linkedSpanId,
    type: link.type,
    attributes: toPlainAttributes(link.attributes),
    resolved: link.resolved,
  };
}
