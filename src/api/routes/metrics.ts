import { z } from 'zod';
import {
  agentVersionsSchema,
  agentVersionsToWire,
  bucketSchema,
  groupKeys,
  seriesSchema,
} from '../../wire';
import { instant, textList } from '../contract/query-schemas';
import { defineRoute, type Route } from '../contract/route';
import { metricSeries } from '../metric-series';

const text = z.string().min(1);

export const metricRoutes: readonly Route[] = [
  defineRoute({
    id: 'listVersions',
    method: 'get',
    path: '/versions',
    scope: 'read',
    tag: 'Overview',
    summary: 'When each version of an agent ran first: the latest 200 of the time asked for.',
    query: z.strictObject({
      agent_id: text.optional().meta({ description: 'Id of the agent.' }),
      start_time: instant.optional().meta({ description: 'Inclusive.' }),
      end_time: instant.optional().meta({ description: 'Exclusive.' }),
    }),
    answers: { 200: agentVersionsSchema },
    async handle({ query }, { store }) {
      const versions = await store.readVersions({
        agentId: query.agent_id,
        sinceUnixNano: query.start_time,
        untilUnixNano: query.end_time,
      });
      return { status: 200, body: agentVersionsToWire(versions) };
    },
  }),
  defineRoute({
    id: 'getMetrics',
    method: 'get',
    path: '/metrics',
    scope: 'read',
    tag: 'Overview',
    summary: 'How agents did over time, by hour or day.',
    query: z.strictObject({
      bucket: bucketSchema.optional().meta({ description: '`day` unless told, in UTC.' }),
      group_by: textList
        .pipe(z.array(z.enum(groupKeys)))
        .optional()
        .meta({ description: 'A series for each combination; one of all executions unless told.' }),
      agent_id: text.optional().meta({ description: 'Id of the agent.' }),
      task_type: text.optional().meta({ description: 'Type of the task.' }),
      model: text.optional().meta({ description: 'Of the first LLM call.' }),
      start_time: instant.optional().meta({ description: 'Inclusive.' }),
      end_time: instant.optional().meta({ description: 'Exclusive.' }),
    }),
    answers: { 200: seriesSchema },
    async handle({ query }, { store }) {
      const body = await metricSeries(store, {
        bucket: query.bucket ?? 'day',
        groupBy: query.group_by ?? [],
        agentId: query.agent_id,
        taskType: query.task_type,
        model: query.model,
        sinceUnixNano: query.start_time,
        untilUnixNano: query.end_time,
      });
      return { status: 200, body };
    },
  }),
];
