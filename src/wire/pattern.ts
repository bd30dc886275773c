import { z } from 'zod';
import type {
  ArmSummary,
  Pattern,
  PatternContext,
  PatternFlags,
  PatternLife,
  Predicate,
} from '../model/pattern';
import type { Page } from '../model/query';
import { explanationSchema, explanationToWire } from './explanation';
import { formatInstant } from './instant';
import { cursorSchema } from './page';
import { toPlainValue } from './plain-value';
import {
  countSchema,
  finite,
  instantSchema,
  intervalSchema,
  intervalToWire,
  jsonSchema,
  scoreSchema,
} from './scalars';

export const patternTypes = ['success', 'anti_pattern', 'optimization'] as const;

export const patternTypeSchema = z.enum(patternTypes).meta({ id: 'PatternType' });

export const patternStatuses = [
  'candidate',
  'unadjusted',
  'imported',
  'observed',
  'confirmed',
  'causal',
  'demoted',
] as const;

export const patternStatusSchema = z.enum(patternStatuses).meta({
  id: 'PatternStatus',
  description:
    '`observed`: passed the tests of a look; `confirmed`: again on fresh runs alone; `causal`: by a randomised draw; `unadjusted`: on tasks that never repeat, so task difficulty is not ruled out.',
});

export const predicateSchema = z
  .object({
    text: z.string().meta({ description: 'Stable and machine-made, e.g. `tool:search>=3`.' }),
    terms: z.array(
      z.object({
        kind: z.string(),
        key: z.string(),
        op: z.enum(['present', 'absent', '=', '>=', 'in']),
        value: jsonSchema,
      }),
    ),
  })
  .meta({ id: 'Predicate', description: 'A condition on executions.' });

const armSchema = z
  .object({ n: countSchema, successes: countSchema, mean: z.number().nullable() })
  .meta({ id: 'Arm', description: 'The runs on one side.' });

/** The levels of one key: what a factor plot is drawn from. */
const levelSchema = z
  .object({
    value: jsonSchema,
    n: countSchema,
    mean: z.number().nullable(),
    interval: intervalSchema.nullable(),
  })
  .meta({ id: 'Level' });

const findingSchema = z
  .object({
    id: z.string(),
    head: z.string().meta({ description: 'Predicate of the pattern that stands for the finding.' }),
    also_seen_as: z.array(z.string()),
    also_seen_as_more: countSchema.meta({ description: 'Conjunctions beyond those named.' }),
    levels: z.array(levelSchema),
  })
  .meta({ id: 'Finding', description: 'Patterns that say the same thing are one finding.' });

const marks = ['acknowledged', 'resolved', 'not_useful'] as const;

/** What a person says of a finding. */
export const markSchema = z
  .strictObject({
    as: z.enum(marks),
    why: z.string().trim().min(1).max(2000),
    by: z
      .string()
      .trim()
      .min(1)
      .max(200)
      .optional()
      .meta({ description: 'Who says so; `api` unless told.' }),
  })
  .meta({
    id: 'Mark',
    description:
      '`resolved` and `not_useful` close it; a resolved one is watched on later runs and reopens by itself.',
    examples: [{ as: 'resolved', why: 'the prompt asks for the ticket first', by: 'ada' }],
  });

export const lifeSchema = z
  .object({
    state: z.enum(['open', ...marks, 'reopened']),
    why: z.string().nullable(),
    at: instantSchema.nullable(),
    by: z.string().nullable(),
  })
  .meta({ id: 'FindingLife', description: 'What people made of it.' });

const samplingSchema = z
  .object({
    basis: z.string(),
    weighted: z
      .boolean()
      .meta({ description: 'Runs count by the inverse of the probability that they were kept.' }),
  })
  .meta({ id: 'PatternSampling' });

export const patternFlagsSchema = z
  .object({
    controllable: z.boolean(),
    pre_treatment: z.boolean().meta({ description: 'Known before the run started.' }),
    outcome_proximal: z
      .boolean()
      .meta({ description: 'Possibly a consequence of the outcome: last step, totals, duration.' }),
    outcome_triggered: z.boolean().meta({ description: 'Answers to a failure within the run.' }),
    reason: z.string(),
  })
  .meta({ id: 'PatternFlags', description: 'What may be done about it.' });

const effectSchema = z.object({
  measure: z.string(),
  estimate: z.number().nullable(),
  interval: intervalSchema.nullable(),
  level: scoreSchema,
  adjusted: z
    .boolean()
    .meta({ description: 'The level allows for all that was promoted at the same look.' }),
});

const testSchema = z.object({
  name: z.string(),
  statistic: z.number().nullable(),
  df: z.number().nullable(),
  p_value: scoreSchema.nullable(),
  q_value: scoreSchema.nullable(),
  e_value: z.number().nullable(),
});

const contextSchema = z
  .object({
    agent_type: z.string().nullable(),
    task_type: z.string().nullable(),
    config_range: z
      .array(
        z.object({
          key: z.string(),
          interval: intervalSchema.nullable().meta({ description: 'Of its numbers.' }),
          levels: z.array(z.string()).meta({ description: 'Of everything else.' }),
        }),
      )
      .meta({ description: 'What the settings were in the runs that were compared.' }),
    tags: z.array(z.string()).meta({ description: 'Those that nearly all of these runs have.' }),
  })
  .meta({ id: 'PatternContext', description: 'Where a pattern was found.' });

export const patternSchema = z
  .object({
    id: z.string(),
    type: patternTypeSchema,
    status: patternStatusSchema,
    predicate: predicateSchema,
    dimension: z.string(),
    effect: effectSchema,
    support: z.object({ with: armSchema, without: armSchema }),
    test: testSchema,
    strata: z.object({ by: z.string(), used: countSchema, informative: countSchema }),
    adjusted_for: z
      .array(z.string())
      .meta({ description: 'What feature and outcome were freed of, besides the groups.' }),
    n_effective: z.number().nullable(),
    finding: findingSchema.nullable(),
    life: lifeSchema,
    sampling: samplingSchema.nullable(),
    confidence: scoreSchema,
    controllable: z
      .boolean()
      .meta({ description: 'There is a lever: it may become an adaptation.' }),
    flags: patternFlagsSchema,
    context: contextSchema,
    applicability_score: scoreSchema,
    explanation: explanationSchema,
    first_seen: instantSchema,
    last_tested: instantSchema,
  })
  .meta({
    id: 'Pattern',
    description: 'A condition on executions that goes with success or failure, and the evidence.',
  });

export type PatternJson = z.infer<typeof patternSchema>;
export type PredicateJson = z.infer<typeof predicateSchema>;

export const patternPageSchema = z
  .object({ patterns: z.array(patternSchema), next_cursor: cursorSchema })
  .meta({ id: 'PatternPage' });

export type PatternPageJson = z.infer<typeof patternPageSchema>;

export function patternPageToWire({ items, nextCursor }: Page<Pattern>): PatternPageJson {
  return { patterns: items.map(patternToWire), next_cursor: nextCursor };
}

export function patternToWire(pattern: Pattern): PatternJson {
  const { effect, strata, support, test } = pattern;
  return {
    id: pattern.id,
    type: pattern.type,
    status: pattern.status,
    predicate: predicateToWire(pattern.predicate),
    dimension: pattern.dimension,
    effect: {
      measure: effect.measure,
      estimate: finite(effect.estimate),
      interval: Object.values(effect.interval).every(Number.isFinite)
        ? intervalToWire(effect.interval)
        : null,
      level: effect.level,
      adjusted: effect.adjusted,
    },
    support: { with: armToWire(support.with), without: armToWire(support.without) },
    test: {
      name: test.name,
      statistic: finite(test.statistic),
      df: finite(test.df),
      p_value: finite(test.pValue),
      q_value: finite(test.qValue),
      e_value: finite(test.eValue),
    },
    strata: { by: strata.by, used: strata.used, informative: strata.informative },
    adjusted_for: [...pattern.adjustedFor],
    n_effective: pattern.nEffective,
    finding: findingToWire(pattern),
    life: lifeToWire(pattern.life),
    sampling: { basis: pattern.sampling.basis, weighted: pattern.sampling.weighted },
    confidence: pattern.confidence,
    controllable: pattern.controllable,
    flags: flagsToWire(pattern.flags),
    context: contextToWire(pattern.context),
    applicability_score: pattern.applicabilityScore,
    explanation: explanationToWire(pattern),
    first_seen: formatInstant(pattern.firstSeenUnixNano),
    last_tested: formatInstant(pattern.lastTestedUnixNano),
  };
}

function contextToWire(context: PatternContext): z.infer<typeof contextSchema> {
  return {
    agent_type: context.agentType,
    task_type: context.taskType,
    config_range: context.configRange.map(({ key, interval, levels }) => ({
      key,
      interval: interval === null ? null : intervalToWire(interval),
      levels: [...levels],
    })),
    tags: [...context.tags],
  };
}

export function lifeToWire({
  state,
  why,
  atUnixNano,
  by,
}: PatternLife): z.infer<typeof lifeSchema> {
  return { state, why, at: atUnixNano === null ? null : formatInstant(atUnixNano), by };
}

function findingToWire({ finding }: Pattern): z.infer<typeof findingSchema> {
  return {
    id: finding.id,
    head: finding.head,
    also_seen_as: [...finding.alsoSeenAs],
    also_seen_as_more: finding.alsoSeenAsMore,
    levels: finding.levels.map(({ value, n, mean, interval }) => ({
      value,
      n,
      mean: finite(mean),
      interval: interval === null ? null : intervalToWire(interval),
    })),
  };
}

export function predicateToWire({ text, terms }: Predicate): PredicateJson {
  return {
    text,
    terms: terms.map(({ kind, key, op, value }) => ({ kind, key, op, value: toPlainValue(value) })),
  };
}

export function flagsToWire(flags: PatternFlags): z.infer<typeof patternFlagsSchema> {
  return {
    controllable: flags.controllable,
    pre_treatment: flags.preTreatment,
    outcome_proximal: flags.outcomeProximal,
    outcome_triggered: flags.outcomeTriggered,
    reason: flags.reason,
  };
}

function armToWire({ n, successes, mean }: ArmSummary): z.infer<typeof armSchema> {
  return { n, successes, mean: finite(mean) };
}
