import { z } from 'zod';
import type { Page } from '../model/query';
import type { Execution, Task } from '../model/task';
import { executionSchema, executionToWire } from './execution';
import { formatInstant } from './instant';
import { cursorSchema, pageSchema } from './page';
import { countSchema, instantSchema, scoreSchema, statusSchema } from './scalars';

export const taskSchema = z
  .object({
    id: z.string(),
    type: z.string().nullable(),
    input: z.string().nullable().meta({ description: 'Only where content is captured.' }),
    status: statusSchema,
    agent_id: z.string().nullable(),
    session_id: z.string().nullable(),
    created_at: instantSchema,
    completed_at: instantSchema.nullable(),
    executions: countSchema,
    tags: z.array(z.string()),
    reward: z
      .object({
        mean: scoreSchema,
        executions: countSchema.meta({ description: 'Those that have a reward.' }),
      })
      .nullable()
      .meta({ description: 'Of the primary dimension, over the executions that have one.' }),
  })
  .meta({
    id: 'Task',
    description: 'What a user asked for.',
    examples: [
      {
        id: 'task-17',
        type: 'refund',
        input: null,
        status: 'completed',
        agent_id: 'support',
        session_id: null,
        created_at: '2026-01-31T08:00:00.000000000Z',
        completed_at: '2026-01-31T08:00:12.250000000Z',
        executions: 1,
        tags: ['beta'],
        reward: { mean: 1, executions: 1 },
      },
    ],
  });

export type TaskJson = z.infer<typeof taskSchema>;

export const taskPageSchema = pageSchema('TaskPage', taskSchema);

/** One task with its executions; `next_cursor` goes on at `/executions?task_id=`. */
export const taskDetailSchema = taskSchema
  .extend({ items: z.array(executionSchema), next_cursor: cursorSchema })
  .meta({ id: 'TaskDetail', description: 'A task with the first page of its executions.' });

export type TaskDetailJson = z.infer<typeof taskDetailSchema>;

export function taskToWire(task: Task): TaskJson {
  return {
    id: task.id,
    type: task.type,
    input: task.input,
    status: task.status,
    agent_id: task.agentId,
    session_id: task.sessionId,
    created_at: formatInstant(task.createdAtUnixNano),
    completed_at:
      task.completedAtUnixNano === null ? null : formatInstant(task.completedAtUnixNano),
    executions: task.executions,
    tags: [...task.tags],
    reward: task.reward && { mean: task.reward.mean, executions: task.reward.executions },
  };
}

export function taskDetailToWire(task: Task, executions: Page<Execution>): TaskDetailJson {
  return {
    ...taskToWire(task),
    items: executions.items.map(executionToWire),
    next_cursor: executions.nextCursor,
  };
}
