import { z } from 'zod';
import type { ExperimentInput, GuardrailInput } from '../model/experiment';
import { fromPlainAttributes } from './plain-value';
import { attributesSchema } from './scalars';

const actorSchema = z
  .string()
  .min(1)
  .max(200)
  .meta({ description: 'Who acts, for the audit; `api` unless told.' });
const reasonSchema = z.string().min(1).max(2_000);

/** A step of an adaptation that needs no reason. */
export const stepInputSchema = z
  .strictObject({ actor: actorSchema.optional() })
  .meta({ id: 'StepInput', examples: [{ actor: 'ada' }] });

export const reasonedStepInputSchema = stepInputSchema
  .extend({ reason: reasonSchema })
  .meta({ id: 'ReasonedStepInput', examples: [{ actor: 'ada', reason: 'an incident' }] });

export const switchInputSchema = reasonedStepInputSchema
  .extend({ enabled: z.boolean() })
  .meta({ id: 'SwitchInput', examples: [{ enabled: false, actor: 'ada', reason: 'an incident' }] });

export const unitInputSchema = z.strictObject({ unit: z.string().min(1).max(512) }).meta({
  id: 'UnitInput',
  description: 'Id of the task, session or user.',
  examples: [{ unit: 'task-17' }],
});

const guardrailInputSchema = z.union([
  z.string().min(1),
  z.strictObject({
    metric: z.string().min(1),
    kind: z.enum(['mean', 'ratio_of_means', 'ratio_of_p95']).optional(),
    higher_is_better: z.boolean().optional(),
    margin: z.number().positive().optional(),
  }),
]);

export const experimentInputSchema = z
  .strictObject({
    name: z.string().min(1),
    variants: z.array(
      z.strictObject({ name: z.string().min(1), config: attributesSchema.optional() }),
    ),
    traffic_split: z.array(z.number()),
    success_metric: z.union([
      z.string().min(1),
      z.strictObject({ weights: z.record(z.string(), z.number()) }),
    ]),
    duration_days: z.number().optional(),
    guardrails: z.array(guardrailInputSchema).optional(),
    signals: z.array(guardrailInputSchema).optional(),
    unit: z.enum(['task', 'session', 'user']).optional(),
    key: z.string().min(1).optional(),
    alpha: z.number().optional(),
    minimum_effect: z.number().optional(),
    cap: z.int().optional(),
    horizon_hours: z.number().optional(),
    roll_out_winner: z.boolean().optional(),
    allocation: z.enum(['split', 'thompson']).optional(),
    floor: z.number().optional(),
    actor: actorSchema.optional(),
  })
  .meta({
    id: 'ExperimentInput',
    description: 'The first variant is the control; shares sum to 1.',
    examples: [
      {
        name: 'window',
        variants: [
          { name: 'head', config: { window: 'head' } },
          { name: 'tail', config: { window: 'tail' } },
        ],
        traffic_split: [0.5, 0.5],
        success_metric: 'success',
        guardrails: ['cost'],
      },
    ],
  });

export type ExperimentInputJson = z.output<typeof experimentInputSchema>;

export function experimentFromWire(input: ExperimentInputJson): ExperimentInput {
  return {
    name: input.name,
    variants: input.variants.map(({ name, config }) => ({
      name,
      config: config === undefined ? undefined : fromPlainAttributes(config),
    })),
    trafficSplit: input.traffic_split,
    successMetric: input.success_metric,
    durationDays: input.duration_days,
    guardrails: input.guardrails?.map(guardrailFromWire),
    signals: input.signals?.map(guardrailFromWire),
    unit: input.unit,
    key: input.key,
    alpha: input.alpha,
    minimumEffect: input.minimum_effect,
    cap: input.cap,
    horizonHours: input.horizon_hours,
    rollOutWinner: input.roll_out_winner,
    allocation: input.allocation,
    floor: input.floor,
  };
}

function guardrailFromWire(given: z.output<typeof guardrailInputSchema>): GuardrailInput {
  if (typeof given === 'string') return given;
  const { metric, kind, higher_is_better: higherIsBetter, margin } = given;
  return {
    metric,
    ...(kind !== undefined && { kind }),
    ...(higherIsBetter !== undefined && { higherIsBetter }),
    ...(margin !== undefined && { margin }),
  };
}
