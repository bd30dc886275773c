import { z } from 'zod';
import type { Difference, Differences } from '../model/differences';
import { predicateSchema, predicateToWire } from './pattern';
import { countSchema, intervalSchema, intervalToWire, scoreSchema } from './scalars';

const sideSchema = z.object({
  runs: countSchema,
  truncated: z.boolean().meta({ description: 'Only the latest of the matching runs were read.' }),
});

const differenceSchema = z
  .object({
    predicate: predicateSchema,
    also_seen_as: z.array(z.string()).meta({ description: 'Features that the same runs have.' }),
    measure: z.enum(['share', 'mean']).meta({
      description: '`share`: of runs with the feature; `mean`: of a number, in its own unit.',
    }),
    in_a: z.number(),
    in_b: z.number(),
    difference: z.number().meta({ description: 'A minus B within strata.' }),
    interval: intervalSchema,
    p_value: scoreSchema,
    q_value: scoreSchema.meta({ description: 'Benjamini–Hochberg within this call.' }),
    comparable: countSchema.meta({ description: 'Runs of strata that hold both sides.' }),
  })
  .meta({ id: 'Difference' });

export const differencesSchema = z
  .object({
    a: sideSchema,
    b: sideSchema,
    within: z.array(z.string()).meta({ description: 'What the comparison holds fixed.' }),
    features: countSchema,
    differences: z.array(differenceSchema),
    sentence: z.string(),
  })
  .meta({
    id: 'Differences',
    description: 'What is different in some runs: an exploration, which promotes nothing.',
  });

export type DifferencesJson = z.infer<typeof differencesSchema>;

export function differencesToWire(found: Differences): DifferencesJson {
  return {
    a: { ...found.a },
    b: { ...found.b },
    within: [...found.within],
    features: found.features,
    differences: found.differences.map(differenceToWire),
    sentence: found.sentence,
  };
}

function differenceToWire(difference: Difference): z.infer<typeof differenceSchema> {
  return {
    predicate: predicateToWire(difference.predicate),
    also_seen_as: [...difference.alsoSeenAs],
    measure: difference.measure,
    in_a: difference.inA,
    in_b: difference.inB,
    difference: difference.difference,
    interval: intervalToWire(difference.interval),
    p_value: difference.pValue,
    q_value: difference.qValue,
    comparable: difference.comparable,
  };
}
