import { z } from 'zod';
import {
  applicabilitySchema,
  applicabilityToWire,
  explanationSchema,
  explanationToWire,
  markSchema,
  patternPageSchema,
  patternPageToWire,
  patternSchema,
  patternStrataSchema,
  patternStrataToWire,
  patternStatuses,
  patternToWire,
  patternTypes,
  reviewSchema,
  reviewToWire,
} from '../../wire';
import {
  flag,
  fraction,
  patternSubjectQuery,
  realNumber,
  textList,
  toPatternFilter,
  wholeNumber,
} from '../contract/query-schemas';
import { listRoute } from '../contract/list-route';
import { defineRoute, type Route } from '../contract/route';

const text = z.string().min(1);
const idParams = z.object({ id: text });

const patternQuery = patternSubjectQuery.extend({
  type: z.enum(patternTypes).optional().meta({ description: 'What it goes with.' }),
  status: z
    .enum(patternStatuses)
    .exclude(['candidate', 'unadjusted'])
    .optional()
    .meta({ description: 'How far its evidence goes.' }),
  min_confidence: fraction.optional().meta({ description: 'Least confidence, inclusive.' }),
  dimension: text.optional().meta({ description: 'The outcome that it is about.' }),
  all: flag.optional().meta({ description: 'Demoted ones as well.' }),
  closed: flag
    .optional()
    .meta({ description: 'Those that were marked as resolved or not useful as well.' }),
});

export const patternRoutes: readonly Route[] = [
  listRoute({
    id: 'listPatterns',
    path: '/patterns',
    tag: 'Patterns',
    summary: 'What goes with success or failure, the surest first.',
    query: patternQuery,
    item: patternSchema,
    page: patternPageSchema,
    toWire: patternToWire,
    toPage: patternPageToWire,
    async read({ query }, page, { learner }) {
      const { type, status, dimension } = query;
      const found = await learner.queryPatterns({
        ...toPatternFilter(query),
        ...{ type, status, dimension, ...page },
        minConfidence: query.min_confidence,
        life: query.closed === true ? 'all' : 'open',
      });
      const all = query.all === true || status === 'demoted';
      const items = found.items.filter((pattern) => all || pattern.status !== 'demoted');
      return { ...found, items };
    },
  }),
  defineRoute({
    id: 'getPattern',
    method: 'get',
    path: '/patterns/{id}',
    scope: 'read',
    tag: 'Patterns',
    summary: 'One pattern; the first characters of its id are enough.',
    params: idParams,
    answers: { 200: patternSchema },
    etag: true,
    problems: [404],
    async handle({ params }, { learner }) {
      return { status: 200, body: patternToWire(await learner.explain(params.id)) };
    },
  }),
  defineRoute({
    id: 'explainPattern',
    method: 'get',
    path: '/patterns/{id}/explanation',
    scope: 'read',
    tag: 'Patterns',
    summary: 'Why a pattern is one, from which spans, and what would be needed next.',
    params: idParams,
    answers: { 200: explanationSchema },
    etag: true,
    problems: [404],
    async handle({ params }, { learner }) {
      return { status: 200, body: explanationToWire(await learner.explain(params.id)) };
    },
  }),
  defineRoute({
    id: 'markPattern',
    method: 'post',
    path: '/patterns/{id}/mark',
    scope: 'write',
    tag: 'Patterns',
    summary: 'Say what became of a finding.',
    params: idParams,
    body: markSchema,
    answers: { 200: patternSchema },
    problems: [404],
    async handle({ params, body }, { learner }) {
      const { as, why, by = 'api' } = body;
      return { status: 200, body: patternToWire(await learner.mark(params.id, { as, why, by })) };
    },
  }),
  defineRoute({
    id: 'judgeApplicability',
    method: 'get',
    path: '/patterns/{id}/applicability',
    scope: 'read',
    tag: 'Patterns',
    summary: 'Whether a pattern holds for an agent, a type of task, settings and tags.',
    params: idParams,
    query: z.strictObject({
      agent_id: text.optional().meta({ description: 'Id of the agent.' }),
      task_type: text.optional().meta({ description: 'Type of the task.' }),
      settings: z
        .record(text, realNumber.or(text))
        .optional()
        .meta({ description: 'Value of a setting, e.g. `settings.temperature=0.2`.' }),
      tags: textList.optional().meta({ description: 'All that its runs have.' }),
    }),
    answers: { 200: applicabilitySchema },
    problems: [404],
    async handle({ params, query }, { learner }) {
      const { agent_id: agentId, task_type: taskType, settings, tags } = query;
      const context = { agentId, taskType, settings, tags };
      const judged = await learner.isApplicable(params.id, context);
      return { status: 200, body: applicabilityToWire(judged) };
    },
  }),
  defineRoute({
    id: 'reviewPatterns',
    method: 'get',
    path: '/review',
    scope: 'read',
    tag: 'Patterns',
    summary: 'What looked like a pattern and is none, and what is not known yet.',
    query: z.strictObject({
      agent_id: text.optional().meta({ description: 'Questions about one agent.' }),
      limit: wholeNumber(1, 100).optional().meta({ description: 'Of each kind, 10 unless told.' }),
    }),
    answers: { 200: reviewSchema },
    async handle({ query: { agent_id: agentId, limit } }, { learner }) {
      return { status: 200, body: reviewToWire(await learner.review({ agentId, limit })) };
    },
  }),
  defineRoute({
    id: 'listPatternStrata',
    method: 'get',
    path: '/patterns/{id}/strata',
    scope: 'read',
    tag: 'Patterns',
    summary: 'The effect in each agent and type of task, from the latest closed runs.',
    params: idParams,
    answers: { 200: patternStrataSchema },
    problems: [404],
    async handle({ params }, { learner }) {
      return { status: 200, body: patternStrataToWire(await learner.strata(params.id)) };
    },
  }),
];
