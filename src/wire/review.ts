import { z } from 'zod';
import type { ContextCell } from '../model/applicability';
import type { MarginalFinding, OpenQuestion, Review } from '../model/learned';
import { predicateSchema, predicateToWire } from './pattern';
import { countSchema, finite, intervalSchema, scoreSchema } from './scalars';

const reviewedSchema = z.object({
  predicate: predicateSchema,
  dimension: z.string(),
  strata: z.string().meta({ description: 'What runs were compared within.' }),
  n_with: countSchema,
  n_without: countSchema,
  p_marginal: scoreSchema.nullable(),
  p_stratified: scoreSchema.nullable(),
  sentence: z.string(),
});

export const reviewSchema = z
  .object({
    marginal_findings: z.array(reviewedSchema).meta({
      description: 'Plain over all runs, and gone within the strata: what looked like a pattern.',
    }),
    not_yet_known: z.array(
      reviewedSchema.extend({
        runs_needed: z.number().meta({
          description: 'Further runs to find an effect of the size seen, with probability .8.',
        }),
      }),
    ),
  })
  .meta({ id: 'Review', description: 'What is no pattern, and what is not known yet.' });

export type ReviewJson = z.infer<typeof reviewSchema>;

export function reviewToWire({ marginalFindings, notYetKnown }: Review): ReviewJson {
  return {
    marginal_findings: marginalFindings.map(reviewedToWire),
    not_yet_known: notYetKnown.map((open) => ({
      ...reviewedToWire(open),
      runs_needed: open.runsNeeded,
    })),
  };
}

function reviewedToWire({ dimension, evidence, strata, sentence }: MarginalFinding | OpenQuestion) {
  return {
    predicate: predicateToWire(evidence.predicate),
    dimension,
    strata,
    n_with: evidence.nWith,
    n_without: evidence.nWithout,
    p_marginal: finite(evidence.pMarginal),
    p_stratified: finite(evidence.pStratified),
    sentence,
  };
}

export const patternStrataSchema = z
  .object({
    items: z.array(
      z.object({
        agent_id: z.string().nullable(),
        task_type: z.string().nullable(),
        effect: z.number().meta({ description: 'Difference of the outcome, with minus without.' }),
        interval: intervalSchema.meta({ description: 'At 95 %, of this stratum alone.' }),
        runs: countSchema,
      }),
    ),
  })
  .meta({
    id: 'PatternStrata',
    description: 'The effect in each agent × type of task that has runs on both sides.',
  });

export type PatternStrataJson = z.infer<typeof patternStrataSchema>;

const z95 = 1.959963984540054;

export function patternStrataToWire(cells: readonly ContextCell[]): PatternStrataJson {
  return {
    items: cells.map(({ agentId, taskType, effect, standardError, runs }) => ({
      agent_id: agentId,
      task_type: taskType,
      effect,
      interval: [effect - z95 * standardError, effect + z95 * standardError],
      runs,
    })),
  };
}
