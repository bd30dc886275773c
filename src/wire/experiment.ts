import { z } from 'zod';
import type { ExperimentAnalysis, PairedAnalysis, VariantAnalysis } from '../model/experiment';
import type { RegressionCheck } from '../model/regression-check';
import { formatInstant } from './instant';
import { countSchema, instantSchema } from './scalars';

const intervalSchema = z.tuple([z.number().nullable(), z.number().nullable()]);
const numberOrNull = z.number().nullable();

const variantSchema = z.object({
  name: z.string(),
  units: countSchema,
  mean: numberOrNull,
  interval: intervalSchema.nullable(),
  lift: z
    .object({
      estimate: z.number(),
      interval: intervalSchema,
      always_valid_interval: intervalSchema,
    })
    .nullable(),
  e_value: numberOrNull,
  p_value: numberOrNull,
  probability_best: numberOrNull,
  expected_loss: numberOrNull,
  guardrails: z.array(
    z.object({
      metric: z.string(),
      role: z.enum(['guardrail', 'signal']),
      estimate: numberOrNull,
      interval: intervalSchema.nullable(),
      harmed: z.boolean(),
      note: z.string().nullable(),
    }),
  ),
  dimensions: z.record(z.string(), z.object({ mean: z.number(), interval: intervalSchema })),
});

const pairedSchema = z.object({
  tasks: countSchema,
  estimate: z.number(),
  interval: intervalSchema,
  only_control: countSchema.nullable(),
  only_treatment: countSchema.nullable(),
  test: z.enum(['mcnemar_exact', 'paired_t']),
  p_value: z.number(),
});

export const experimentAnalysisSchema = z
  .object({
    experiment_id: z.string(),
    status: z.enum(['running', 'decided', 'invalid']),
    decision: z.enum(['ship', 'keep_control', 'continue', 'no_decision', 'invalid']),
    winner: z.string().nullable(),
    reason: z.string(),
    metric: z.string(),
    units: countSchema,
    sample_ratio: z.object({
      expected: z.record(z.string(), z.number()),
      observed: z.record(z.string(), countSchema),
      e_value: numberOrNull,
      p_value: z.number(),
      ok: z.boolean(),
    }),
    variants: z.array(variantSchema),
    paired: pairedSchema.nullable(),
    pareto: z.array(z.string()),
    signals: z.array(z.string()),
    wording: z.enum(['causes', 'associated_with']),
    excluded: z.array(z.object({ reason: z.string(), units: countSchema })),
    needed_units: countSchema.nullable(),
    series: z.array(
      z.object({
        units: countSchema,
        at: instantSchema,
        lifts: z.array(
          z.object({ name: z.string(), estimate: z.number(), interval: intervalSchema }),
        ),
      }),
    ),
    power: numberOrNull,
    started_at: z.string().nullable(),
    decided_at: z.string().nullable(),
  })
  .meta({ id: 'ExperimentAnalysis', description: 'What an experiment shows by now.' });

export type ExperimentAnalysisJson = z.infer<typeof experimentAnalysisSchema>;

export function experimentAnalysisToWire(found: ExperimentAnalysis): ExperimentAnalysisJson {
  const { sampleRatio } = found;
  return {
    experiment_id: found.experimentId,
    status: found.status,
    decision: found.decision,
    winner: found.winner,
    reason: found.reason,
    metric: found.metric,
    units: found.units,
    sample_ratio: {
      expected: { ...sampleRatio.expected },
      observed: { ...sampleRatio.observed },
      e_value: finite(sampleRatio.eValue),
      p_value: sampleRatio.pValue,
      ok: sampleRatio.ok,
    },
    variants: found.variants.map(variantToWire),
    paired: found.paired === null ? null : pairedToWire(found.paired),
    pareto: [...found.pareto],
    signals: [...found.signals],
    wording: found.wording,
    excluded: found.excluded.map(({ reason, units }) => ({ reason, units })),
    needed_units: found.neededUnits,
    series: found.series.map(({ units, atUnixNano, lifts }) => ({
      units,
      at: formatInstant(atUnixNano),
      lifts: lifts.map(({ name, estimate, interval }) => ({
        name,
        estimate,
        interval: pair(interval),
      })),
    })),
    power: found.power,
    started_at: found.startedAtUnixNano === null ? null : formatInstant(found.startedAtUnixNano),
    decided_at: found.decidedAtUnixNano === null ? null : formatInstant(found.decidedAtUnixNano),
  };
}

function variantToWire(variant: VariantAnalysis): z.infer<typeof variantSchema> {
  const { lift } = variant;
  const dimensions = Object.entries(variant.dimensions).map(
    ([name, { mean, interval }]) => [name, { mean, interval: pair(interval) }] as const,
  );
  return {
    name: variant.name,
    units: variant.units,
    mean: variant.mean,
    interval: variant.interval === null ? null : pair(variant.interval),
    lift:
      lift === null
        ? null
        : {
            estimate: lift.estimate,
            interval: pair(lift.interval),
            always_valid_interval: pair(lift.alwaysValidInterval),
          },
    e_value: variant.eValue === null ? null : finite(variant.eValue),
    p_value: variant.pValue,
    probability_best: variant.probabilityBest,
    expected_loss: variant.expectedLoss,
    guardrails: variant.guardrails.map((guardrail) => ({
      metric: guardrail.metric,
      role: guardrail.role,
      estimate: guardrail.estimate,
      interval: guardrail.interval === null ? null : pair(guardrail.interval),
      harmed: guardrail.harmed,
      note: guardrail.note,
    })),
    dimensions: Object.fromEntries(dimensions),
  };
}

function pairedToWire(paired: PairedAnalysis): z.infer<typeof pairedSchema> {
  return {
    tasks: paired.tasks,
    estimate: paired.estimate,
    interval: pair(paired.interval),
    only_control: paired.onlyControl,
    only_treatment: paired.onlyTreatment,
    test: paired.test,
    p_value: paired.pValue,
  };
}

export const regressionCheckSchema = z
  .object({
    verdict: z.enum(['regression', 'none_shown', 'excluded']),
    reason: z.string(),
    metric: z.string(),
    margin: z.number(),
    baseline_mean: numberOrNull,
    candidate_mean: numberOrNull,
    estimate: numberOrNull,
    interval: intervalSchema.nullable(),
    paired_tasks: countSchema.nullable(),
    more_tasks_needed: countSchema.nullable(),
  })
  .meta({ id: 'RegressionCheck', description: 'What the gate of a pipeline says.' });

export type RegressionCheckJson = z.infer<typeof regressionCheckSchema>;

export function regressionCheckToWire(check: RegressionCheck): RegressionCheckJson {
  return {
    verdict: check.verdict,
    reason: check.reason,
    metric: check.metric,
    margin: check.margin,
    baseline_mean: check.baselineMean,
    candidate_mean: check.candidateMean,
    estimate: check.estimate,
    interval: check.interval === null ? null : pair(check.interval),
    paired_tasks: check.pairedTasks,
    more_tasks_needed: check.moreTasksNeeded,
  };
}

/** An end that is infinite is unknown. */
function pair({
  lower,
  upper,
}: {
  readonly lower: number;
  readonly upper: number;
}): [number | null, number | null] {
  return [finite(lower), finite(upper)];
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
