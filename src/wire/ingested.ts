import { z } from 'zod';
import { countSchema, spanIdSchema, traceIdSchema } from './scalars';

/** What became of a batch, item by item: a bad one refuses itself only. */
export const ingestedSchema = z
  .object({
    stored: countSchema.meta({ description: 'Those that were there already included.' }),
    duplicates: countSchema,
    refused: countSchema,
    items: z.array(
      z.object({
        index: countSchema.meta({ description: 'Place in the batch, from 0.' }),
        outcome: z.enum(['stored', 'refused']),
        trace_id: traceIdSchema.nullable(),
        span_id: spanIdSchema.nullable(),
        reason: z.string().nullable().meta({ description: 'Why it was refused.' }),
        hint: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'Ingested', description: 'What became of each span of a batch.' });

export type IngestedJson = z.infer<typeof ingestedSchema>;
