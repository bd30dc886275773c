import { z } from 'zod';
import {
  applicabilitySchema,
  applicabilityToWire,
  auditKeys,
  candidatesSchema,
  candidatesToWire,
  differencesSchema,
  differencesToWire,
  explanationSchema,
  explanationToWire,
  ledgerEntrySchema,
  ledgerEntryToWire,
  ledgerPageSchema,
  learnSummarySchema,
  learnSummaryToWire,
  looksSchema,
  markSchema,
  lookToWire,
  patternPageSchema,
  patternPageToWire,
  patternSchema,
  patternStatuses,
  patternToWire,
  parseFilter,
  patternTypes,
  tradeoffsSchema,
  tradeoffsToWire,
  whySchema,
  whyToWire,
} from '../../wire';
import { listRoute } from '../contract/list-route';
import {
  flag,
  fraction,
  pageQuery,
  patternSubjectQuery,
  realNumber,
  recordQuery,
  textList,
  toPatternFilter,
  toRecordFilter,
  wholeNumber,
} from '../contract/query-schemas';
import { defineRoute, type Route } from '../contract/route';

const text = z.string().min(1);
const idParams = z.object({ id: text });
const filter = z.string().transform(parseFilter);

const patternQuery = patternSubjectQuery.extend({
  ...pageQuery,
  type: z.enum(patternTypes).optional(),
  status: z.enum(patternStatuses).exclude(['candidate', 'unadjusted']).optional(),
  min_confidence: fraction.optional(),
  dimension: text.optional(),
  all: flag.optional().meta({ description: 'Demoted ones as well.' }),
  closed: flag
    .optional()
    .meta({ description: 'Those that were marked as resolved or not useful as well.' }),
});

export const patternRoutes: readonly Route[] = [
  defineRoute({
    id: 'listPatterns',
    method: 'get',
    path: '/patterns',
    scope: 'read',
    tag: 'Patterns',
    summary: 'What goes with success or failure, the surest first.',
    query: patternQuery,
    answers: { 200: patternPageSchema },
    async handle({ query }, { learner }) {
      const { type, status, dimension, limit, cursor } = query;
      const page = await learner.queryPatterns({
        ...toPatternFilter(query),
        ...{ type, status, dimension, limit, cursor },
        minConfidence: query.min_confidence,
        life: query.closed === true ? 'all' : 'open',
      });
      const all = query.all === true || status === 'demoted';
      const items = page.items.filter((pattern) => all || pattern.status !== 'demoted');
      return { status: 200, body: patternPageToWire({ ...page, items }) };
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
    summary: 'Whether a pattern holds for an agent, a type of task and settings.',
    params: idParams,
    query: z.strictObject({
      agent_id: text.optional(),
      task_type: text.optional(),
      settings: z
        .record(text, realNumber)
        .optional()
        .meta({ description: 'Value of a numeric setting.' }),
    }),
    answers: { 200: applicabilitySchema },
    problems: [404],
    async handle({ params, query }, { learner }) {
      const { agent_id: agentId, task_type: taskType, settings } = query;
      const judged = await learner.isApplicable(params.id, { agentId, taskType, settings });
      return { status: 200, body: applicabilityToWire(judged) };
    },
  }),
];

const candidatesQuery = z.strictObject({
  by: textList.pipe(z.array(z.enum(auditKeys))).optional(),
  min_support: wholeNumber(1, 999_999_999).optional(),
  kinds: textList.optional(),
  agent_id: text.optional(),
  dimension: text.optional(),
});

export const evidenceRoutes: readonly Route[] = [
  defineRoute({
    id: 'listCandidates',
    method: 'get',
    path: '/candidates',
    scope: 'read',
    tag: 'Evidence',
    summary: 'Every candidate with its evidence, promoted or not; promotes nothing.',
    query: candidatesQuery,
    answers: { 200: candidatesSchema },
    async handle({ query }, { learner }) {
      const view = await learner.candidates({
        by: query.by,
        minSupport: query.min_support,
        kinds: query.kinds,
        agentId: query.agent_id,
        dimension: query.dimension,
      });
      return { status: 200, body: candidatesToWire(view) };
    },
  }),
  defineRoute({
    id: 'why',
    method: 'get',
    path: '/executions/{id}/why',
    scope: 'read',
    tag: 'Evidence',
    summary: 'Where a run leaves what its successful siblings did.',
    params: idParams,
    answers: { 200: whySchema },
    problems: [404],
    async handle({ params }, { learner }) {
      return { status: 200, body: whyToWire(await learner.why(params.id)) };
    },
  }),
  defineRoute({
    id: 'listDifferences',
    method: 'get',
    path: '/differences',
    scope: 'read',
    tag: 'Evidence',
    summary: 'What is different in one selection of runs; promotes nothing.',
    query: z.strictObject({
      a: filter.optional().meta({ description: 'As `--where`; the runs that failed unless told.' }),
      b: filter.optional().meta({ description: 'All other runs, or those that succeeded.' }),
      limit: wholeNumber(1, 1000).optional(),
    }),
    answers: { 200: differencesSchema },
    async handle({ query }, { learner }) {
      return { status: 200, body: differencesToWire(await learner.differences(query)) };
    },
  }),
  defineRoute({
    id: 'listTradeoffs',
    method: 'get',
    path: '/tradeoffs',
    scope: 'read',
    tag: 'Evidence',
    summary: 'Variants and settings in several dimensions at once, and which no other beats.',
    query: recordQuery.extend({
      weights: z
        .record(text, realNumber)
        .optional()
        .meta({ description: 'Weight of a dimension in the score, e.g. `weights.reward=3`.' }),
    }),
    answers: { 200: tradeoffsSchema },
    async handle({ query: { weights, ...runs } }, { learner }) {
      const found = await learner.tradeoffs({ where: toRecordFilter(runs), weights });
      return { status: 200, body: tradeoffsToWire(found) };
    },
  }),
  defineRoute({
    id: 'learn',
    method: 'post',
    path: '/learn',
    scope: 'write',
    tag: 'Evidence',
    summary: 'Admit what is closed as one cut, and take the look that is due.',
    answers: { 200: learnSummarySchema },
    async handle(_, { learner }) {
      return { status: 200, body: learnSummaryToWire(await learner.learn()) };
    },
  }),
  defineRoute({
    id: 'listLooks',
    method: 'get',
    path: '/looks',
    scope: 'read',
    tag: 'Evidence',
    summary: 'Every look that was taken.',
    answers: { 200: looksSchema },
    async handle(_, { store }) {
      return { status: 200, body: { items: (await store.readLooks()).map(lookToWire) } };
    },
  }),
  listRoute({
    id: 'listLedger',
    path: '/ledger',
    tag: 'Evidence',
    summary: 'Every test ever run.',
    query: z.strictObject({}),
    item: ledgerEntrySchema,
    page: ledgerPageSchema,
    toWire: ledgerEntryToWire,
    read: (_, page, { store }) => store.readLedger(page),
  }),
];
