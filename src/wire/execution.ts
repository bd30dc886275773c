import { z } from 'zod';
import type { Execution, ExecutionFlag } from '../model/task';
import { pageSchema } from './page';
import { toPlainAttributes } from './plain-value';
import { attributesSchema, countSchema, nanosSchema, scoreSchema, statusSchema } from './scalars';

const flags = [
  'late_spans',
  'attempts_unknown',
  'time_synthetic',
  'clock_skew',
] as const satisfies readonly ExecutionFlag[];

const agentSchema = z
  .object({
    id: z.string().nullable(),
    name: z.string().nullable(),
    version: z.string().nullable(),
    type: z.string().nullable(),
  })
  .meta({ id: 'Agent' });

const exposureSchema = z
  .object({
    experiment_id: z.string().nullable(),
    variant: z.string().nullable(),
    adaptation_id: z.string().nullable(),
    pattern_id: z.string().nullable(),
  })
  .meta({ id: 'Exposure', description: 'What a run says it was exposed to.' });

export const executionSchema = z
  .object({
    id: z.string(),
    task_id: z.string(),
    attempt: z
      .int()
      .min(1)
      .meta({ description: 'From 1; counts retries that an outcome triggered.' }),
    replication: countSchema.meta({ description: 'From 0; counts runs fixed in advance.' }),
    agent: agentSchema,
    session_id: z.string().nullable(),
    config: attributesSchema.nullable(),
    status: statusSchema,
    start_time_unix_nano: nanosSchema,
    end_time_unix_nano: nanosSchema.nullable(),
    spans: countSchema,
    llm_calls: countSchema,
    tool_calls: countSchema,
    errors: countSchema,
    input_tokens: countSchema.nullable(),
    output_tokens: countSchema.nullable(),
    cost_usd: z.number().nullable(),
    rewards: z.record(z.string(), scoreSchema).meta({ description: 'Outcome per dimension.' }),
    success: z.boolean().nullable(),
    exposures: z.array(exposureSchema),
    tags: z.array(z.string()),
    flags: z.array(z.enum(flags)),
    closed: z.boolean().meta({ description: 'What comes now is late.' }),
  })
  .meta({
    id: 'Execution',
    description: 'One run at a task.',
    examples: [
      {
        id: 'run-1',
        task_id: 'task-17',
        attempt: 1,
        replication: 0,
        agent: { id: 'support', name: null, version: '3', type: null },
        session_id: null,
        config: { window: 'tail' },
        status: 'completed',
        start_time_unix_nano: '1769846400000000000',
        end_time_unix_nano: '1769846412250000000',
        spans: 12,
        llm_calls: 4,
        tool_calls: 6,
        errors: 0,
        input_tokens: 5200,
        output_tokens: 410,
        cost_usd: 0.012,
        rewards: { reward: 1 },
        success: true,
        exposures: [
          {
            experiment_id: 'longer-window',
            variant: 'treatment',
            adaptation_id: null,
            pattern_id: null,
          },
        ],
        tags: ['beta'],
        flags: [],
        closed: true,
      },
    ],
  });

export type ExecutionJson = z.infer<typeof executionSchema>;

export const executionPageSchema = pageSchema('ExecutionPage', executionSchema);

export function executionToWire(execution: Execution): ExecutionJson {
  const { agent } = execution;
  return {
    id: execution.id,
    task_id: execution.taskId,
    attempt: execution.attempt,
    replication: execution.replication,
    agent: { id: agent.id, name: agent.name, version: agent.version, type: agent.type },
    session_id: execution.sessionId,
    config: execution.config && toPlainAttributes(execution.config),
    status: execution.status,
    start_time_unix_nano: execution.startTimeUnixNano.toString(),
    end_time_unix_nano: execution.endTimeUnixNano?.toString() ?? null,
    spans: execution.spans,
    llm_calls: execution.llmCalls,
    tool_calls: execution.toolCalls,
    errors: execution.errors,
    input_tokens: execution.inputTokens,
    output_tokens: execution.outputTokens,
    cost_usd: execution.costUsd,
    rewards: { ...execution.rewards },
    success: execution.success,
    exposures: execution.exposures.map((exposure) => ({
      experiment_id: exposure.experimentId,
      variant: exposure.variant,
      adaptation_id: exposure.adaptationId,
      pattern_id: exposure.patternId,
    })),
    tags: [...execution.tags],
    flags: [...execution.flags],
    closed: execution.closed,
  };
}
