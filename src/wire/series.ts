import { z } from 'zod';
import { countSchema, instantSchema, scoreSchema, tokensSchema } from './scalars';
import { rateSchema } from './stats';

export const groupKeys = ['agent_id', 'task_type', 'model'] as const;

export const bucketSchema = z
  .enum(['hour', 'day'])
  .meta({ id: 'Bucket', description: 'Width of a bucket.' });

export const seriesPointSchema = z
  .object({
    start: instantSchema.meta({ description: 'Of the bucket, inclusive, in UTC.' }),
    executions: countSchema.meta({ description: 'That started in the bucket.' }),
    failed: countSchema,
    judged: countSchema.meta({ description: 'Of which success or failure is known.' }),
    success_rate: rateSchema.nullable(),
    mean_reward: scoreSchema.nullable(),
    mean_latency_ms: z
      .number()
      .nullable()
      .meta({ description: 'Over finished executions with real times.' }),
    latency_ms: z.object({ p50: z.number(), p95: z.number() }).nullable().meta({
      description:
        'Exact; `null` also where more than 200,000 runs would be sorted: narrow the range.',
    }),
    cost_usd: z.number().nullable().meta({ description: '`null` where none is known.' }),
    tokens: tokensSchema,
    errors: countSchema,
  })
  .meta({ id: 'SeriesPoint', description: 'What the executions of one bucket did.' });

/** `GET /metrics`: one series per group that was asked for, buckets without executions left out. */
export const seriesSchema = z
  .object({
    bucket: bucketSchema,
    since: instantSchema
      .nullable()
      .meta({ description: 'As asked, widened to whole buckets; `null`: from the first on.' }),
    until: instantSchema.nullable().meta({ description: 'Exclusive; `null`: to the latest.' }),
    series: z.array(
      z.object({
        group: z
          .object({
            agent_id: z.string().nullable(),
            task_type: z.string().nullable(),
            model: z.string().nullable(),
          })
          .partial()
          .meta({ description: 'Only the keys that were grouped by.' }),
        points: z.array(seriesPointSchema),
      }),
    ),
  })
  .meta({ id: 'MetricSeries' });

export type SeriesJson = z.infer<typeof seriesSchema>;
export type SeriesPointJson = z.infer<typeof seriesPointSchema>;
