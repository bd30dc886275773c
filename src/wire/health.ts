import { z } from 'zod';
import type { MigrationStatus } from '../model/ports';
import type { DatabaseSize, JobState } from '../model/ports-upkeep';
import type { RefusedInput } from '../model/service-desk';
import { formatInstant } from './instant';
import { retentionSchema, retentionToWire } from './jobs';
import { countSchema, instantSchema, traceIdSchema } from './scalars';

const amountSchema = z.object({ traces: countSchema, executions: countSchema });

export const healthSchema = z
  .object({
    node: z.string().meta({ description: 'Version of the process that answers.' }),
    database: z.object({
      dialect: z.enum(['sqlite', 'postgres']),
      schema: z.object({ current: countSchema, latest: countSchema }),
      total_bytes: countSchema,
      used_bytes: countSchema.meta({
        description: 'Without what is free for new rows; on Postgres an estimate.',
      }),
    }),
    derivation: z.object({
      backlog: amountSchema.meta({ description: 'Stored, and not yet part of runs and tasks.' }),
      failed: amountSchema.meta({
        description: 'Could not be derived; they wait for something new.',
      }),
      errors: z.array(z.object({ trace_id: traceIdSchema, reason: z.string() })),
      lease_holder: z
        .string()
        .nullable()
        .meta({ description: 'Id of the process that derives; `null` while none does.' }),
      last_close: instantSchema.nullable(),
    }),
    retention: retentionSchema,
    refused: z
      .array(
        z.object({
          source: z.enum(['traces', 'logs', 'api']),
          reason: z.string(),
          count: countSchema,
          last: instantSchema,
        }),
      )
      .meta({ description: 'Input that this process did not take since it began, latest first.' }),
  })
  .meta({ id: 'Health', description: 'The database, and what is done in the background.' });

export type HealthJson = z.infer<typeof healthSchema>;

export interface HealthParts {
  readonly node: string;
  readonly dialect: HealthJson['database']['dialect'];
  readonly schema: MigrationStatus;
  readonly size: DatabaseSize;
  readonly jobs: JobState;
  readonly refused: readonly RefusedInput[];
}

export function healthToWire({
  node,
  dialect,
  schema,
  size,
  jobs,
  refused,
}: HealthParts): HealthJson {
  const { backlog, failed, errors, leaseHolder, lastCloseUnixNano, retention } = jobs;
  return {
    node,
    database: {
      dialect,
      schema: { current: schema.current, latest: schema.latest },
      total_bytes: size.total,
      used_bytes: size.used,
    },
    derivation: {
      backlog: { ...backlog },
      failed: { ...failed },
      errors: errors.map(({ traceId, reason }) => ({ trace_id: traceId, reason })),
      lease_holder: leaseHolder,
      last_close: lastCloseUnixNano === null ? null : formatInstant(lastCloseUnixNano),
    },
    retention: retentionToWire(retention),
    refused: refused.map(({ source, reason, count, lastUnixNano }) => ({
      ...{ source, reason, count },
      last: formatInstant(lastUnixNano),
    })),
  };
}

export const externalLinksSchema = z
  .object({
    items: z.array(
      z.object({
        name: z.string(),
        url_template: z.string().meta({
          description: 'With {traceId} {spanId} {service} {startMicros} {startMillis}.',
        }),
      }),
    ),
  })
  .meta({ id: 'ExternalLinks', description: 'Ways to a trace in other tools, as configured.' });

export type ExternalLinksJson = z.infer<typeof externalLinksSchema>;
