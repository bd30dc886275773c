import { z } from 'zod';
import type { ExecutionChange, NewExecution, NewTask, TaskChange } from '../model/ports';
import { attributesSchema, countSchema, statusSchema } from './scalars';
import { fromPlainAttributes } from './plain-value';

// What enters as JSON. Unknown keys are refused: a misspelt one would be lost without a word.

const idSchema = z.string().min(1).max(512);
export const tagsInputSchema = z.array(z.string().min(1).max(512)).max(256);

export const taskInputSchema = z
  .strictObject({
    id: idSchema.optional().meta({ description: 'A new one unless you have one of your own.' }),
    type: z.string().min(1).optional(),
    input: z
      .string()
      .optional()
      .meta({ description: 'Dropped unless the server captures content.' }),
    status: statusSchema.optional(),
    agent_id: idSchema.optional(),
    session_id: idSchema.optional(),
    tags: tagsInputSchema.optional(),
  })
  .meta({
    id: 'TaskInput',
    examples: [{ id: 'task-17', type: 'refund', agent_id: 'support', tags: ['beta'] }],
  });

export const taskChangeSchema = z
  .strictObject({
    type: z.string().min(1).optional(),
    input: z.string().optional(),
    status: statusSchema.optional(),
    tags: tagsInputSchema.optional().meta({ description: 'Added to those it has.' }),
  })
  .meta({ id: 'TaskChange', examples: [{ status: 'completed' }] });

export const executionInputSchema = z
  .strictObject({
    id: idSchema.optional(),
    task_id: idSchema,
    attempt: z.int().min(1).optional(),
    replication: countSchema.optional(),
    agent: z
      .strictObject({
        id: idSchema.optional(),
        name: z.string().optional(),
        version: z.string().optional(),
        type: z.string().optional(),
      })
      .optional(),
    config: attributesSchema.optional(),
    status: statusSchema.optional(),
    tags: tagsInputSchema.optional(),
  })
  .meta({
    id: 'ExecutionInput',
    examples: [{ id: 'run-1', task_id: 'task-17', agent: { id: 'support', version: '3' } }],
  });

export const executionChangeSchema = z
  .strictObject({ status: statusSchema.optional(), tags: tagsInputSchema.optional() })
  .meta({ id: 'ExecutionChange', examples: [{ status: 'failed' }] });

export type TaskInputJson = z.infer<typeof taskInputSchema>;
export type TaskChangeJson = z.infer<typeof taskChangeSchema>;
export type ExecutionInputJson = z.infer<typeof executionInputSchema>;
export type ExecutionChangeJson = z.infer<typeof executionChangeSchema>;

export function taskFromWire(task: TaskInputJson): NewTask {
  const { agent_id: agentId, session_id: sessionId, ...rest } = task;
  return { ...rest, agentId, sessionId };
}

export function taskChangeFromWire(change: TaskChangeJson): TaskChange {
  return change;
}

export function executionFromWire(execution: ExecutionInputJson): NewExecution {
  const { task_id: taskId, agent, config, ...rest } = execution;
  return {
    ...rest,
    taskId,
    ...(agent === undefined ? undefined : { agent: withoutUndefined(agent) }),
    ...(config === undefined ? undefined : { config: fromPlainAttributes(config) }),
  };
}

export function executionChangeFromWire(change: ExecutionChangeJson): ExecutionChange {
  return change;
}

function withoutUndefined<T extends object>(
  value: T,
): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
