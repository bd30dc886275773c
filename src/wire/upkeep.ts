import { z } from 'zod';
import type { Reclaimed, Reinterpreted, Removal } from '../model/ports-upkeep';
import { countSchema } from './scalars';

/** What `prune` did. */
export interface PruneReport {
  readonly dryRun: boolean;
  readonly removed: readonly (Removal & {
    readonly by: 'age' | 'size' | 'task' | 'session' | 'user';
  })[];
  readonly reclaimed: Reclaimed | null;
}

const sizeSchema = z.object({ total_bytes: countSchema, used_bytes: countSchema });

export const pruneSchema = z
  .object({
    dry_run: z.boolean(),
    removed: z.array(
      z.object({
        by: z.enum(['age', 'size', 'task', 'session', 'user']),
        traces: countSchema,
        spans: countSchema,
        executions: countSchema,
      }),
    ),
    reclaimed: z
      .object({
        how: z.enum(['pages', 'rewritten', 'kept']),
        before: sizeSchema,
        after: sizeSchema,
      })
      .nullable(),
  })
  .meta({ id: 'PruneReport', description: 'What was removed, and what the database takes since.' });

export type PruneJson = z.infer<typeof pruneSchema>;

export function pruneToWire({ dryRun, removed, reclaimed }: PruneReport): PruneJson {
  const sizeOf = ({ total, used }: Reclaimed['before']): z.infer<typeof sizeSchema> => ({
    total_bytes: total,
    used_bytes: used,
  });
  return {
    dry_run: dryRun,
    removed: removed.map(({ by, traces, spans, executions }) => ({
      by,
      traces,
      spans,
      executions,
    })),
    reclaimed: reclaimed && {
      how: reclaimed.how,
      before: sizeOf(reclaimed.before),
      after: sizeOf(reclaimed.after),
    },
  };
}

export const reinterpretedSchema = z
  .object({
    meaning_version: countSchema,
    spans: countSchema,
    changed: countSchema,
    resumed: z.boolean(),
    finished: z.boolean(),
  })
  .meta({ id: 'Reinterpreted', description: 'What reading stored spans again came to.' });

export function reinterpretedToWire({
  version,
  spans,
  changed,
  resumed,
  finished,
}: Reinterpreted): z.infer<typeof reinterpretedSchema> {
  return { meaning_version: version, spans, changed, resumed, finished };
}
