import { z } from 'zod';
import type { CandidatesView, LearnSummary } from '../model/learned';
import type { CandidateEvidence, LedgerEntry, Look } from '../model/pattern';
import { formatInstant } from './instant';
import { pageSchema } from './page';
import {
  flagsToWire,
  lifeSchema,
  lifeToWire,
  patternFlagsSchema,
  patternStatusSchema,
  predicateSchema,
  predicateToWire,
} from './pattern';
import { toPlainAttributes } from './plain-value';
import {
  attributesSchema,
  countSchema,
  finite,
  instantSchema,
  intervalSchema,
  intervalToWire,
  scoreSchema,
} from './scalars';

const candidateSchema = z
  .object({
    predicate: predicateSchema,
    flags: patternFlagsSchema,
    n_with: countSchema,
    n_without: countSchema,
    successes_with: countSchema,
    successes_without: countSchema,
    mean_with: z.number().nullable(),
    mean_without: z.number().nullable(),
    p_marginal: scoreSchema.nullable(),
    q_marginal: scoreSchema.nullable(),
    p_stratified: scoreSchema.nullable(),
    q_stratified: scoreSchema.nullable(),
    odds_ratio_mh: z.number().nullable(),
    informative_strata: countSchema,
    log_e: z.number().nullable().meta({ description: 'Natural logarithm of the e-value.' }),
    status: patternStatusSchema,
    reason: z.string().nullable().meta({ description: 'Why it is not more than it is.' }),
  })
  .meta({ id: 'Candidate', description: 'A hypothesis with its evidence, promoted or not.' });

export type CandidateJson = z.infer<typeof candidateSchema>;

export const auditKeys = ['task', 'agent', 'type', 'epoch'] as const;

export const candidatesSchema = z
  .object({
    executions: countSchema.meta({ description: 'Runs with an outcome.' }),
    by: z
      .array(z.enum(auditKeys))
      .meta({ description: 'Strata as asked; empty for the registered ones.' }),
    candidates: z.array(candidateSchema),
  })
  .meta({ id: 'Candidates' });

export type CandidatesJson = z.infer<typeof candidatesSchema>;

export function candidatesToWire(view: CandidatesView): CandidatesJson {
  return {
    executions: view.executions,
    by: [...view.by],
    candidates: view.candidates.map(candidateToWire),
  };
}

function candidateToWire(candidate: CandidateEvidence): CandidateJson {
  return {
    predicate: predicateToWire(candidate.predicate),
    flags: flagsToWire(candidate.flags),
    n_with: candidate.nWith,
    n_without: candidate.nWithout,
    successes_with: candidate.successesWith,
    successes_without: candidate.successesWithout,
    mean_with: finite(candidate.meanWith),
    mean_without: finite(candidate.meanWithout),
    p_marginal: finite(candidate.pMarginal),
    q_marginal: finite(candidate.qMarginal),
    p_stratified: finite(candidate.pStratified),
    q_stratified: finite(candidate.qStratified),
    odds_ratio_mh: finite(candidate.oddsRatioMh),
    informative_strata: candidate.informativeStrata,
    log_e: finite(candidate.logE),
    status: candidate.status,
    reason: candidate.reason,
  };
}

export const lookSchema = z
  .object({
    number: z.int().min(1),
    at: instantSchema,
    units: countSchema,
    alpha: scoreSchema,
    candidates: countSchema,
    tested: countSchema,
    promoted: countSchema,
    settings: attributesSchema,
  })
  .meta({ id: 'Look', description: 'One scheduled run of all tests, at its own level.' });

export type LookJson = z.infer<typeof lookSchema>;

export const looksSchema = z.object({ items: z.array(lookSchema) }).meta({ id: 'Looks' });

export function lookToWire(look: Look): LookJson {
  return {
    number: look.number,
    at: formatInstant(look.atUnixNano),
    units: look.units,
    alpha: look.alpha,
    candidates: look.candidates,
    tested: look.tested,
    promoted: look.promoted,
    settings: toPlainAttributes(look.settings),
  };
}

export const ledgerEntrySchema = z
  .object({
    look: z.int().min(1),
    test: z.enum(['look', 'confirmation', 'demotion', 'watch', 'mark']).meta({
      description:
        '`confirmation` and `demotion` are tests on runs that came after the look, `watch` on runs after a finding was marked as resolved; `mark` is no test.',
    }),
    step: z.int().min(1).nullable().meta({ description: 'Number of that test.' }),
    pattern_id: z.string(),
    predicate: z.string(),
    dimension: z.string(),
    strata: z.string(),
    p_value: scoreSchema.nullable(),
    q_value: scoreSchema.nullable(),
    estimate: z.number().nullable().meta({ description: 'Effect as tested.' }),
    finding: z.string().nullable().meta({ description: 'Pattern id of the head it stands under.' }),
    status: patternStatusSchema,
    reason: z.string().nullable(),
    life: lifeSchema.nullable(),
  })
  .meta({ id: 'LedgerEntry', description: 'One test ever run.' });

export type LedgerEntryJson = z.infer<typeof ledgerEntrySchema>;

export const ledgerPageSchema = pageSchema('LedgerPage', ledgerEntrySchema);

export function ledgerEntryToWire(entry: LedgerEntry): LedgerEntryJson {
  return {
    look: entry.look,
    test: entry.test ?? 'look',
    step: entry.step ?? null,
    pattern_id: entry.patternId,
    predicate: entry.predicate,
    dimension: entry.dimension,
    strata: entry.strata,
    p_value: finite(entry.pValue),
    q_value: finite(entry.qValue),
    estimate: finite(entry.estimate ?? null),
    finding: entry.finding ?? null,
    status: entry.status,
    reason: entry.reason,
    life: entry.life === undefined ? null : lifeToWire(entry.life),
  };
}

export const learnSummarySchema = z
  .object({
    executions: countSchema,
    units: countSchema.meta({ description: 'Runs that may be learned from and have an outcome.' }),
    left_out: z.object({
      older: countSchema.meta({ description: 'Before the latest that are kept for learning.' }),
      retries: countSchema,
      attempts_unknown: countSchema,
      sampled: countSchema.meta({ description: 'Kept because of how they went.' }),
      without_outcome: countSchema,
    }),
    dimensions: z.array(z.string()).meta({ description: 'Learned, the primary one first.' }),
    outcomes: z
      .array(
        z.object({
          dimension: z.string(),
          runs: countSchema,
          mean: scoreSchema,
          interval: intervalSchema,
          weighted: z.boolean(),
          basis: z.string(),
        }),
      )
      .meta({
        description:
          'Mean outcome of all runs that ended, weighted by the inverse of the probability that a run was kept; 95 % intervals.',
      }),
    notes: z.array(z.string()).meta({ description: 'What a reader must know of the runs.' }),
    candidates: countSchema,
    tested: countSchema,
    promoted: z.object({ observed: countSchema, confirmed: countSchema, causal: countSchema }),
    confirmed: countSchema.meta({ description: 'Earlier findings that fresh runs confirmed.' }),
    demoted: countSchema,
    reopened: countSchema.meta({ description: 'Marked as resolved, and seen again.' }),
    seconds: z.number().min(0),
    look: z
      .object({ number: z.int().min(1), alpha: scoreSchema })
      .nullable()
      .meta({ description: '`null` where none was due.' }),
    next_look_at_units: z.number(),
    refusal: z.string().nullable().meta({
      description: 'Why nothing can be learned from these runs; `null` when it can.',
    }),
    message: z.string(),
    not_yet_known: z
      .array(z.string())
      .meta({ description: 'What this look could not settle, with the runs that would.' }),
  })
  .meta({ id: 'LearnSummary' });

export type LearnSummaryJson = z.infer<typeof learnSummarySchema>;

export function learnSummaryToWire(summary: LearnSummary): LearnSummaryJson {
  const { leftOut, promoted, look } = summary;
  return {
    executions: summary.executions,
    units: summary.units,
    left_out: {
      older: leftOut.older,
      retries: leftOut.retries,
      attempts_unknown: leftOut.attemptsUnknown,
      sampled: leftOut.sampled,
      without_outcome: leftOut.withoutOutcome,
    },
    dimensions: [...summary.dimensions],
    outcomes: summary.outcomes.map(({ dimension, runs, mean, interval, weighted, basis }) => ({
      ...{ dimension, runs, mean, weighted, basis },
      interval: intervalToWire(interval),
    })),
    notes: [...summary.notes],
    candidates: summary.candidates,
    tested: summary.tested,
    promoted: {
      observed: promoted.observed,
      confirmed: promoted.confirmed,
      causal: promoted.causal,
    },
    confirmed: summary.confirmed,
    demoted: summary.demoted,
    reopened: summary.reopened,
    seconds: summary.seconds,
    look: look && { number: look.number, alpha: look.alpha },
    next_look_at_units: summary.nextLookAtUnits,
    refusal: summary.refusal,
    message: summary.message,
    not_yet_known: [...summary.notYetKnown],
  };
}
