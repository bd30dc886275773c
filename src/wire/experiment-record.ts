import { z } from 'zod';
import type { AssignmentAnswer, Experiment } from '../model/experiment';
import { auditEntrySchema } from './adaptation';
import { formatInstant } from './instant';
import { toPlainAttributes } from './plain-value';
import { attributesSchema, countSchema, instantSchema } from './scalars';

const sharesSchema = z.record(z.string(), z.number());

export const experimentStatuses = ['running', 'decided', 'invalid', 'stopped'] as const;

export const experimentSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    key: z.string(),
    version: countSchema,
    unit: z.enum(['task', 'session', 'user']),
    variants: z.array(z.object({ name: z.string(), config: attributesSchema })),
    traffic_split: z.array(z.number()),
    allocation: z.enum(['split', 'thompson']),
    floor: z.number(),
    success_metric: z.union([z.string(), z.object({ weights: sharesSchema })]),
    alpha: z.number(),
    minimum_effect: z.number(),
    cap: countSchema,
    guardrails: z.array(
      z.object({
        metric: z.string(),
        kind: z.enum(['mean', 'ratio_of_means', 'ratio_of_p95']),
        higher_is_better: z.boolean(),
        margin: z.number(),
        role: z.enum(['guardrail', 'signal']),
      }),
    ),
    horizon_hours: z.number(),
    duration_days: z.number(),
    roll_out_winner: z.boolean(),
    status: z.enum(experimentStatuses),
    decision: z.enum(['ship', 'keep_control', 'continue', 'no_decision', 'invalid']),
    winner: z.string().nullable(),
    reason: z.string().nullable(),
    started_at: instantSchema,
    decided_at: instantSchema.nullable(),
  })
  .meta({ id: 'Experiment', description: 'An experiment; its variants never change.' });

export type ExperimentJson = z.infer<typeof experimentSchema>;

export function experimentToWire(experiment: Experiment): ExperimentJson {
  const { rules, successMetric, decidedAtUnixNano } = experiment;
  return {
    id: experiment.id,
    name: experiment.name,
    key: experiment.key,
    version: experiment.version,
    unit: experiment.unit,
    variants: experiment.variants.map(({ name, config }) => ({
      name,
      config: toPlainAttributes(config),
    })),
    traffic_split: [...experiment.trafficSplit],
    allocation: experiment.allocation,
    floor: experiment.floor,
    success_metric:
      typeof successMetric === 'string' ? successMetric : { weights: { ...successMetric.weights } },
    alpha: rules.alpha,
    minimum_effect: rules.minimumEffect,
    cap: rules.cap,
    guardrails: rules.guardrails.map((guardrail) => ({
      metric: guardrail.metric,
      kind: guardrail.kind,
      higher_is_better: guardrail.higherIsBetter,
      margin: guardrail.margin,
      role: guardrail.role,
    })),
    horizon_hours: experiment.horizonHours,
    duration_days: experiment.durationDays,
    roll_out_winner: experiment.rollOutWinner,
    status: experiment.status,
    decision: experiment.decision,
    winner: experiment.winner,
    reason: experiment.reason,
    started_at: formatInstant(experiment.startedAtUnixNano),
    decided_at: decidedAtUnixNano === null ? null : formatInstant(decidedAtUnixNano),
  };
}

export const experimentListSchema = z
  .object({ items: z.array(experimentSchema) })
  .meta({ id: 'ExperimentList', description: 'In the order of their making.' });

export const auditListSchema = z
  .object({ items: z.array(auditEntrySchema) })
  .meta({ id: 'AuditList', description: 'Each step, oldest first.' });

export const assignmentSchema = z
  .object({
    experiment_id: z.string(),
    unit: z.string(),
    variant: z.string(),
    config: attributesSchema,
    source: z.enum(['hash', 'stored']),
    bucket: z.number().min(0).lt(1),
    propensities: sharesSchema,
    attributes: attributesSchema,
    assigned_at: instantSchema,
  })
  .meta({
    id: 'Assignment',
    description: 'The variant of a unit; put `attributes` on the span, so that the run counts.',
  });

export type AssignmentJson = z.infer<typeof assignmentSchema>;

export function assignmentToWire(answer: AssignmentAnswer): AssignmentJson {
  return {
    experiment_id: answer.experimentId,
    unit: answer.unit,
    variant: answer.variant,
    config: toPlainAttributes(answer.config),
    source: answer.source,
    bucket: answer.bucket,
    propensities: { ...answer.propensities },
    attributes: toPlainAttributes(answer.attributes),
    assigned_at: formatInstant(answer.assignedAtUnixNano),
  };
}
