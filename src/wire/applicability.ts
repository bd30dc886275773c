import { z } from 'zod';
import type { Applicability } from '../model/applicability';
import { countSchema, intervalSchema, intervalToWire, scoreSchema } from './scalars';

export const applicabilitySchema = z
  .object({
    applicable: z.boolean().nullable().meta({ description: '`null`: nobody can say.' }),
    score: scoreSchema,
    probability: scoreSchema.meta({
      description: 'That the effect there has the pattern’s sign and matters.',
    }),
    effect: z.number(),
    interval: intervalSchema,
    runs: countSchema,
    reason: z.string(),
  })
  .meta({ id: 'Applicability', description: 'Whether a pattern holds in a context.' });

export type ApplicabilityJson = z.infer<typeof applicabilitySchema>;

export function applicabilityToWire(judged: Applicability): ApplicabilityJson {
  return { ...judged, interval: intervalToWire(judged.interval) };
}
