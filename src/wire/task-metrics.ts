import { z } from 'zod';
import { countSchema, scoreSchema, tokensSchema } from './scalars';
import { rateSchema } from './stats';

/** `GET /tasks/{id}/metrics`: what the executions of one task come to. */
export const taskMetricsSchema = z
  .object({
    task_id: z.string(),
    executions: countSchema,
    success_rate: rateSchema.nullable(),
    rewards: z
      .record(z.string(), z.object({ mean: scoreSchema, executions: countSchema }))
      .meta({ description: 'Per dimension, over the executions that have it.' }),
    duration_ms: z
      .object({ min: z.number(), median: z.number(), max: z.number() })
      .nullable()
      .meta({ description: 'Over finished executions with real times.' }),
    spans: countSchema,
    llm_calls: countSchema,
    tool_calls: countSchema,
    errors: countSchema,
    cost_usd: z.number().nullable().meta({ description: 'Sum over executions of known cost.' }),
    tokens: tokensSchema,
  })
  .meta({ id: 'TaskMetrics' });

export type TaskMetricsJson = z.infer<typeof taskMetricsSchema>;
