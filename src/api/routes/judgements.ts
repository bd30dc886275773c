import { z } from 'zod';
import { InputError } from '../../errors';
import type { RewardQuery } from '../../model/query';
import type { RewardTarget } from '../../model/reward';
import {
  linkFromWire,
  linkInputSchema,
  linkPageSchema,
  linkSchema,
  linkToWire,
  rewardFromWire,
  type RewardBody,
  rewardInputSchema,
  rewardPageSchema,
  rewardSchema,
  rewardTargetFromWire,
  rewardToWire,
  spanPageSchema,
  spanSchema,
  spanToWire,
  tagInputSchema,
} from '../../wire';
import { listRoute, wholeListRoute } from '../contract/list-route';
import { recordQuery, textList } from '../contract/query-schemas';
import { defineRoute, type Route, type RouteContext } from '../contract/route';
import { missing, parseSpanId } from './look-up';

const text = z.string().min(1);
const idParams = z.object({ id: text });

const rewardQuery = recordQuery
  .pick({ task_id: true, execution_id: true, trace_id: true, start_time: true, end_time: true })
  .extend({
    span_id: text.optional().meta({ description: 'Id of the judged span.' }),
    name: text.optional().meta({ description: 'The metric.' }),
    source: z.enum(['human', 'llm', 'code']).optional().meta({ description: 'Who judged.' }),
  });

export const rewardRoutes: readonly Route[] = [
  defineRoute({
    id: 'createReward',
    method: 'post',
    path: '/rewards',
    scope: 'ingest',
    tag: 'Rewards',
    summary: 'Judge a span, an execution, a task, a trace or a session, which may come later.',
    body: rewardInputSchema,
    answers: { 201: rewardSchema },
    problems: [404],
    async handle({ body }, context) {
      const target = await rewardTarget(body, context);
      const claim = rewardFromWire(body, target, context.clock.nowUnixNano());
      const reward = await context.store.recordReward(claim);
      const headers = { location: `rewards/${encodeURIComponent(reward.id)}` };
      return { status: 201, body: rewardToWire(reward), headers };
    },
  }),
  listRoute({
    id: 'listRewards',
    path: '/rewards',
    tag: 'Rewards',
    summary: 'Judgements, the latest first.',
    query: rewardQuery,
    item: rewardSchema,
    page: rewardPageSchema,
    toWire: rewardToWire,
    read: ({ query }, page, { store }) => store.queryRewards({ ...toRewardQuery(query), ...page }),
  }),
  defineRoute({
    id: 'getReward',
    method: 'get',
    path: '/rewards/{id}',
    scope: 'read',
    tag: 'Rewards',
    summary: 'One judgement.',
    params: idParams,
    answers: { 200: rewardSchema },
    etag: true,
    problems: [404],
    async handle({ params }, { store }) {
      const [reward] = (await store.queryRewards({ id: params.id, limit: 1 })).items;
      if (reward === undefined) throw missing('reward', params.id);
      return { status: 200, body: rewardToWire(reward) };
    },
  }),
];

export const linkRoutes: readonly Route[] = [
  defineRoute({
    id: 'createLink',
    method: 'post',
    path: '/links',
    scope: 'ingest',
    tag: 'Links',
    summary: 'Link two spans, either of which may come later.',
    body: linkInputSchema,
    answers: { 201: linkSchema },
    async handle({ body }, { store }) {
      const { from, link } = linkFromWire(body);
      return { status: 201, body: linkToWire(await store.createLink(from, link)) };
    },
  }),
  listRoute({
    id: 'listLinks',
    path: '/links',
    tag: 'Links',
    summary: 'Links by arrival.',
    query: recordQuery.pick({ trace_id: true }),
    item: linkSchema,
    page: linkPageSchema,
    toWire: linkToWire,
    read: ({ query }, page, { store }) =>
      store.queryLinks({ traceId: query.trace_id?.toLowerCase(), ...page }),
  }),
  wholeListRoute({
    id: 'listLinkedSpans',
    path: '/spans/{id}/linked',
    tag: 'Links',
    summary: 'Spans that a span links to, or that link to it.',
    params: idParams,
    query: z.strictObject({
      direction: z
        .enum(['outgoing', 'incoming'])
        .optional()
        .meta({ description: '`outgoing` unless told.' }),
      type: text.optional().meta({ description: '`link.type` of the link.' }),
    }),
    item: spanSchema,
    list: z.object({ items: z.array(spanSchema) }).meta({ id: 'Spans' }),
    toWire: spanToWire,
    problems: [404],
    async read({ params, query }, { store }) {
      const span = await store.getSpan(parseSpanId(params.id));
      if (span === null) throw missing('span', params.id);
      return store.queryLinkedSpans(span, query);
    },
  }),
];

export const tagRoutes: readonly Route[] = [
  defineRoute({
    id: 'tagSpan',
    method: 'post',
    path: '/tags',
    scope: 'ingest',
    tag: 'Tags',
    summary: 'Tag a span, which may come later.',
    body: tagInputSchema,
    answers: {
      201: z
        .object({ trace_id: z.string(), span_id: z.string(), tags: z.array(z.string()) })
        .meta({ id: 'Tagged' }),
    },
    async handle({ body }, { store }) {
      await store.tagSpan({ traceId: body.trace_id, spanId: body.span_id }, body.tags);
      return { status: 201, body };
    },
  }),
  listRoute({
    id: 'listTaggedSpans',
    path: '/tags',
    tag: 'Tags',
    summary: 'Spans that carry tags.',
    query: z.strictObject({
      tags: textList.meta({ description: 'Tags, joined by commas or one at a time.' }),
      tag_match: recordQuery.shape.tag_match,
    }),
    item: spanSchema,
    page: spanPageSchema,
    toWire: spanToWire,
    read: ({ query }, page, { store }) =>
      store.queryByTags(query.tags, { match: query.tag_match, ...page }),
  }),
];

/** A bare span id is looked up: it must be there, and be unique. */
async function rewardTarget(body: RewardBody, { store }: RouteContext): Promise<RewardTarget> {
  const target = rewardTargetFromWire(body);
  if ('kind' in target) return target;
  const span = await store.getSpan(target);
  if (span !== null) return { kind: 'span', traceId: span.traceId, spanId: span.spanId };
  throw new InputError(`There is no span ${target.spanId} yet.`, {
    code: 'not_found',
    hint: 'Send its trace_id as well: then the reward waits for the span.',
  });
}

function toRewardQuery(query: z.output<typeof rewardQuery>): RewardQuery {
  return {
    taskId: query.task_id,
    executionId: query.execution_id,
    traceId: query.trace_id?.toLowerCase(),
    spanId: query.span_id?.toLowerCase(),
    name: query.name,
    source: query.source,
    sinceUnixNano: query.start_time,
    untilUnixNano: query.end_time,
  };
}
