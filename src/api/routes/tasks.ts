import { z } from 'zod';
import {
  executionChangeFromWire,
  executionChangeSchema,
  executionFromWire,
  executionInputSchema,
  executionPageSchema,
  executionSchema,
  executionToWire,
  taskChangeFromWire,
  taskChangeSchema,
  taskDetailSchema,
  taskDetailToWire,
  taskFromWire,
  taskInputSchema,
  taskMetricsSchema,
  taskPageSchema,
  taskSchema,
  taskToWire,
} from '../../wire';
import { listRoute } from '../contract/list-route';
import { recordQuery, toRecordFilter } from '../contract/query-schemas';
import { defineRoute, type Route } from '../contract/route';
import { taskMetrics } from '../task-metrics';
import { missing, requireTask } from './look-up';

const idParams = z.object({ id: z.string().min(1) });

export const taskRoutes: readonly Route[] = [
  defineRoute({
    id: 'createTask',
    method: 'post',
    path: '/tasks',
    scope: 'ingest',
    tag: 'Tasks',
    summary: 'Create a task, or say more about one that its spans have made.',
    body: taskInputSchema,
    answers: { 201: taskSchema },
    problems: [409],
    async handle({ body }, { store }) {
      const task = await store.createTask(taskFromWire(body));
      return { status: 201, body: taskToWire(task), headers: location('tasks', task.id) };
    },
  }),
  listRoute({
    id: 'listTasks',
    path: '/tasks',
    tag: 'Tasks',
    summary: 'Tasks, the latest first.',
    query: recordQuery,
    item: taskSchema,
    page: taskPageSchema,
    toWire: taskToWire,
    read: ({ query }, page, { store }) => store.listTasks({ ...toRecordFilter(query), ...page }),
  }),
  defineRoute({
    id: 'getTask',
    method: 'get',
    path: '/tasks/{id}',
    scope: 'read',
    tag: 'Tasks',
    summary: 'A task with its executions.',
    params: idParams,
    answers: { 200: taskDetailSchema },
    etag: true,
    problems: [404],
    async handle({ params }, context) {
      const task = await requireTask(params.id, context);
      const executions = await context.store.listExecutions({ taskId: task.id, limit: 100 });
      return { status: 200, body: taskDetailToWire(task, executions) };
    },
  }),
  defineRoute({
    id: 'updateTask',
    method: 'patch',
    path: '/tasks/{id}',
    scope: 'write',
    tag: 'Tasks',
    summary: 'Change a task; a status that cannot follow the present one is a 409.',
    params: idParams,
    body: taskChangeSchema,
    answers: { 200: taskSchema },
    problems: [404, 409],
    async handle({ params, body }, { store }) {
      const task = await store.updateTask(params.id, taskChangeFromWire(body));
      return { status: 200, body: taskToWire(task) };
    },
  }),
  defineRoute({
    id: 'getTaskMetrics',
    method: 'get',
    path: '/tasks/{id}/metrics',
    scope: 'read',
    tag: 'Tasks',
    summary: 'What the executions of a task come to.',
    params: idParams,
    answers: { 200: taskMetricsSchema },
    etag: true,
    problems: [404],
    async handle({ params }, context) {
      const task = await requireTask(params.id, context);
      return { status: 200, body: await taskMetrics(task.id, context.store) };
    },
  }),
];

export const executionRoutes: readonly Route[] = [
  defineRoute({
    id: 'createExecution',
    method: 'post',
    path: '/executions',
    scope: 'ingest',
    tag: 'Executions',
    summary: 'Create an execution of a task that exists.',
    body: executionInputSchema,
    answers: { 201: executionSchema },
    problems: [404, 409],
    async handle({ body }, { store }) {
      const execution = await store.createExecution(executionFromWire(body));
      return {
        status: 201,
        body: executionToWire(execution),
        headers: location('executions', execution.id),
      };
    },
  }),
  listRoute({
    id: 'listExecutions',
    path: '/executions',
    tag: 'Executions',
    summary: 'Executions, the latest first.',
    query: recordQuery,
    item: executionSchema,
    page: executionPageSchema,
    toWire: executionToWire,
    read: ({ query }, page, { store }) =>
      store.listExecutions({ ...toRecordFilter(query), ...page }),
  }),
  defineRoute({
    id: 'getExecution',
    method: 'get',
    path: '/executions/{id}',
    scope: 'read',
    tag: 'Executions',
    summary: 'One execution.',
    params: idParams,
    answers: { 200: executionSchema },
    etag: true,
    problems: [404],
    async handle({ params }, { store }) {
      const execution = await store.getExecution(params.id);
      if (execution === null) throw missing('execution', params.id);
      return { status: 200, body: executionToWire(execution) };
    },
  }),
  defineRoute({
    id: 'updateExecution',
    method: 'patch',
    path: '/executions/{id}',
    scope: 'write',
    tag: 'Executions',
    summary: 'Change an execution; a status that cannot follow the present one is a 409.',
    params: idParams,
    body: executionChangeSchema,
    answers: { 200: executionSchema },
    problems: [404, 409],
    async handle({ params, body }, { store }) {
      const execution = await store.updateExecution(params.id, executionChangeFromWire(body));
      return { status: 200, body: executionToWire(execution) };
    },
  }),
];

/** Relative to the list that the resource was posted to, whatever the prefix. */
function location(list: string, id: string): Readonly<Record<string, string>> {
  return { location: `${list}/${encodeURIComponent(id)}` };
}
