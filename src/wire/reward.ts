import { z } from 'zod';
import type { Reward, RewardSource, RewardTarget } from '../model/reward';
import { pageSchema } from './page';
import { nanosSchema, scoreSchema, spanIdSchema, traceIdSchema } from './scalars';

const sources = ['human', 'llm', 'code'] as const satisfies readonly RewardSource[];

export const rewardSourceSchema = z.enum(sources).meta({ id: 'RewardSource' });

const attributeMatchSchema = z
  .object({ key: z.string(), value: z.string() })
  .meta({ id: 'AttributeMatch' });

const rewardTargetSchema = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('span'), trace_id: traceIdSchema, span_id: spanIdSchema }),
    z.object({ kind: z.literal('execution'), execution_id: z.string() }),
    z.object({ kind: z.literal('task'), task_id: z.string() }),
    z.object({ kind: z.literal('trace'), trace_id: traceIdSchema }),
    z.object({ kind: z.literal('session'), session_id: z.string() }),
    z
      .object({ kind: z.literal('query'), matches: z.array(attributeMatchSchema) })
      .meta({ description: 'All must match; the span may come later.' }),
  ])
  .meta({ id: 'RewardTarget', description: 'What is judged.' });

export const rewardSchema = z
  .object({
    id: z.string(),
    target: rewardTargetSchema,
    name: z
      .string()
      .meta({ description: 'Metric, and dimension of `value`; `reward` is the primary one.' }),
    value: scoreSchema.nullable(),
    raw_value: z.number().nullable().meta({ description: 'As sent, of any range.' }),
    dimensions: z.record(z.string(), scoreSchema),
    feedback: z.string().nullable(),
    label: z.string().nullable(),
    source: rewardSourceSchema,
    evaluator: z.string().nullable(),
    timestamp_unix_nano: nanosSchema,
    supersedes: z.string().nullable().meta({ description: 'Id of the reward that it replaces.' }),
    superseded: z.boolean(),
    resolved: z.boolean().meta({ description: 'The target is stored.' }),
  })
  .meta({
    id: 'Reward',
    description: 'A judgement of a span, an execution or a task.',
    examples: [
      {
        id: 'r-1',
        target: { kind: 'execution', execution_id: 'run-1' },
        name: 'reward',
        value: 1,
        raw_value: 1,
        dimensions: { politeness: 0.8 },
        feedback: 'Solved at once.',
        label: null,
        source: 'human',
        evaluator: null,
        timestamp_unix_nano: '1769846500000000000',
        supersedes: null,
        superseded: false,
        resolved: true,
      },
    ],
  });

export type RewardJson = z.infer<typeof rewardSchema>;
export type RewardTargetJson = z.infer<typeof rewardTargetSchema>;

export const rewardPageSchema = pageSchema('RewardPage', rewardSchema);

export function rewardToWire(reward: Reward): RewardJson {
  return {
    id: reward.id,
    target: targetToWire(reward.target),
    name: reward.name,
    value: reward.value,
    raw_value: reward.rawValue,
    dimensions: { ...reward.dimensions },
    feedback: reward.feedback,
    label: reward.label,
    source: reward.source,
    evaluator: reward.evaluator,
    timestamp_unix_nano: reward.timestampUnixNano.toString(),
    supersedes: reward.supersedes,
    superseded: reward.superseded,
    resolved: reward.resolved,
  };
}

function targetToWire(target: RewardTarget): RewardTargetJson {
  switch (target.kind) {
    case 'span':
      return { kind: 'span', trace_id: target.traceId, span_id: target.spanId };
    case 'execution':
      return { kind: 'execution', execution_id: target.executionId };
    case 'task':
      return { kind: 'task', task_id: target.taskId };
    case 'trace':
      return { kind: 'trace', trace_id: target.traceId };
    case 'session':
      return { kind: 'session', session_id: target.sessionId };
    case 'query':
      return { kind: 'query', matches: target.matches.map(({ key, value }) => ({ key, value })) };
  }
}
