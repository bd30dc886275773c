import { z } from 'zod';
import type { Pattern } from '../model/pattern';
import type { SpanAddress } from '../model/span';
import { countSchema, intervalSchema, intervalToWire, spanAddressSchema } from './scalars';

export const explanationSchema = z
  .object({
    reason: z.string().meta({ description: 'One sentence with the numbers.' }),
    wording: z.enum(['associated_with', 'causes']),
    held_fixed: z.array(z.string()).meta({ description: 'What the comparison holds fixed.' }),
    left_out: z
      .array(z.object({ key: z.string(), estimate: z.number(), moves: z.boolean() }))
      .meta({ description: 'The effect with one of these not held fixed.' }),
    elsewhere: z
      .array(
        z.object({
          dimension: z.string(),
          measure: z.string(),
          estimate: z.number(),
          interval: intervalSchema,
          p_value: z.number(),
          runs: countSchema.meta({ description: 'On both sides, with this dimension.' }),
        }),
      )
      .meta({
        description:
          'The same comparison in the other dimensions; intervals of 95 %, not adjusted for what was selected.',
      }),
    needs: z.string().meta({ description: 'What would be needed next.' }),
    source_span_ids: z.array(spanAddressSchema),
    contradicting_span_ids: z.array(spanAddressSchema),
  })
  .meta({ id: 'Explanation' });

export type ExplanationJson = z.infer<typeof explanationSchema>;

export function explanationToWire({ explanation }: Pattern): ExplanationJson {
  return {
    reason: explanation.reason,
    wording: explanation.wording,
    held_fixed: [...explanation.heldFixed],
    left_out: explanation.leftOut.map(({ key, estimate, moves }) => ({ key, estimate, moves })),
    elsewhere: explanation.elsewhere.map(({ pValue, interval, ...effect }) => ({
      ...effect,
      interval: intervalToWire(interval),
      p_value: pValue,
    })),
    needs: explanation.needs,
    source_span_ids: explanation.sourceSpanIds.map(addressToWire),
    contradicting_span_ids: explanation.contradictingSpanIds.map(addressToWire),
  };
}

function addressToWire({ traceId, spanId }: SpanAddress): z.infer<typeof spanAddressSchema> {
  return { trace_id: traceId, span_id: spanId };
}
