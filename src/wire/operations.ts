import { z } from 'zod';
import type { Check } from '../model/ports-upkeep';
import type { ImportReport } from '../model/import-report';
import type { MigrationStatus } from '../model/ports';
import { countSchema } from './scalars';

// What the command line says of its own work.

export const importReportSchema = z
  .object({
    files: z.array(
      z.object({
        file: z.string(),
        format: z.string().nullable(),
        tasks: countSchema,
        executions: countSchema,
        spans: countSchema,
        rewards: countSchema,
        refused: z.array(z.object({ reason: z.string(), count: countSchema, where: z.string() })),
      }),
    ),
    totals: z.object({
      tasks: countSchema,
      executions: countSchema,
      spans: countSchema,
      rewards: countSchema,
      refused: countSchema,
    }),
  })
  .meta({ id: 'ImportReport' });

export type ImportReportJson = z.infer<typeof importReportSchema>;

export function importReportToWire({ files, totals }: ImportReport): ImportReportJson {
  return {
    files: files.map((file) => ({
      file: file.file,
      format: file.format,
      tasks: file.tasks,
      executions: file.executions,
      spans: file.spans,
      rewards: file.rewards,
      refused: file.refused.map(({ reason, count, where }) => ({ reason, count, where })),
    })),
    totals: {
      tasks: totals.tasks,
      executions: totals.executions,
      spans: totals.spans,
      rewards: totals.rewards,
      refused: totals.refused,
    },
  };
}

export const diagnosisSchema = z
  .object({
    ok: z.boolean(),
    checks: z.array(
      z.object({
        name: z.string(),
        ok: z.boolean(),
        detail: z.string(),
        hint: z.string().nullable().meta({ description: 'What mends it.' }),
      }),
    ),
  })
  .meta({ id: 'Diagnosis', description: 'What `doctor` found.' });

export type DiagnosisJson = z.infer<typeof diagnosisSchema>;

export function diagnosisToWire(checks: readonly Check[]): DiagnosisJson {
  return {
    ok: checks.every(({ ok }) => ok),
    checks: checks.map(({ name, ok, detail, hint }) => ({ name, ok, detail, hint })),
  };
}

export const migrationStatusSchema = z
  .object({ current: countSchema, latest: countSchema, pending: z.array(z.string()) })
  .meta({ id: 'MigrationStatus' });

export type MigrationStatusJson = z.infer<typeof migrationStatusSchema>;

export function migrationStatusToWire(status: MigrationStatus): MigrationStatusJson {
  return { current: status.current, latest: status.latest, pending: [...status.pending] };
}
