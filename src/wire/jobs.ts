import { z } from 'zod';
import type { JobState, RetentionState } from '../model/ports-upkeep';
import { formatInstant } from './instant';
import { countSchema, instantSchema } from './scalars';

const kindsSchema = z.object({ traces: countSchema, executions: countSchema });

export const retentionSchema = z
  .object({
    max_age_days: z.number().nullable().meta({
      description:
        'The process that answers removes traces that started longer ago; `null`: it removes none by age.',
    }),
    max_size_bytes: countSchema.nullable().meta({
      description:
        'Above so much data the process that answers removes the oldest traces; `null`: it removes none by size.',
    }),
    last_run: instantSchema.nullable().meta({
      description:
        'When traces were last removed, or old ones looked for, by whichever process; `null` for never.',
    }),
    removed_traces: countSchema,
    removed_spans: countSchema,
  })
  .meta({
    id: 'Retention',
    description: 'The limits in force, and what was removed since the database was made.',
  });

const dayMillis = 86_400_000;

export function retentionToWire(state: RetentionState): z.infer<typeof retentionSchema> {
  const { maxAgeMillis, maxBytes, lastRunUnixNano } = state;
  return {
    max_age_days: maxAgeMillis === null ? null : maxAgeMillis / dayMillis,
    max_size_bytes: maxBytes,
    last_run: lastRunUnixNano === null ? null : formatInstant(lastRunUnixNano),
    removed_traces: state.removedTraces,
    removed_spans: state.removedSpans,
  };
}

export const jobsSchema = z
  .object({
    backlog: kindsSchema.meta({ description: 'Waiting to be derived.' }),
    failed: kindsSchema.meta({
      description: 'Could not be derived, and wait for something new.',
    }),
    errors: z.array(z.object({ trace_id: z.string(), reason: z.string() })),
    lease_holder: z.string().nullable().meta({ description: 'Id of the process that derives.' }),
    slices: countSchema.meta({ description: 'Of the process that answers.' }),
    failures: countSchema,
    last_slice_ms: z.number(),
    unlisted_spans: countSchema.meta({
      description:
        'Came to the process that answers, and found no room for their operation in the list.',
    }),
    last_close: z.string().nullable(),
    match_keys: z.object({
      known: countSchema,
      indexing: countSchema,
      refused_claims: countSchema,
    }),
    retention: retentionSchema,
    learning_refusal: z.string().nullable().meta({
      description:
        'Why the learner, when it looked last, could learn nothing from these runs; `null` when it could.',
    }),
  })
  .meta({ id: 'Jobs', description: 'What the store does in the background.' });

export function jobsToWire(jobs: JobState): z.infer<typeof jobsSchema> {
  const { backlog, failed, matchKeys, retention } = jobs;
  const instant = (unixNano: bigint | null): string | null =>
    unixNano === null ? null : formatInstant(unixNano);
  return {
    backlog: { traces: backlog.traces, executions: backlog.executions },
    failed: { traces: failed.traces, executions: failed.executions },
    errors: jobs.errors.map(({ traceId, reason }) => ({ trace_id: traceId, reason })),
    lease_holder: jobs.leaseHolder,
    slices: jobs.slices,
    failures: jobs.failures,
    last_slice_ms: jobs.lastSliceMillis,
    unlisted_spans: jobs.unlistedSpans,
    last_close: instant(jobs.lastCloseUnixNano),
    match_keys: {
      known: matchKeys.known,
      indexing: matchKeys.waiting,
      refused_claims: matchKeys.refusedClaims,
    },
    retention: retentionToWire(retention),
    learning_refusal: jobs.learningRefusal,
  };
}
