import { z } from 'zod';
import {
  auditKeys,
  candidatesSchema,
  candidatesToWire,
  differencesSchema,
  differencesToWire,
  ledgerEntrySchema,
  ledgerEntryToWire,
  ledgerPageSchema,
  learnSummarySchema,
  learnSummaryToWire,
  lookSchema,
  looksSchema,
  lookToWire,
  parseFilter,
  tradeoffsSchema,
  tradeoffsToWire,
  whySchema,
  whyToWire,
} from '../../wire';
import { listRoute, wholeListRoute } from '../contract/list-route';
import {
  realNumber,
  recordQuery,
  textList,
  toRecordFilter,
  wholeNumber,
} from '../contract/query-schemas';
import { defineRoute, type Route } from '../contract/route';

const text = z.string().min(1);
const idParams = z.object({ id: text });
const filter = z.string().transform(parseFilter);

const candidatesQuery = z.strictObject({
  by: textList
    .pipe(z.array(z.enum(auditKeys)))
    .optional()
    .meta({
      description: 'Strata: `task`, `agent`, `type`, `epoch`; the registered ones unless told.',
    }),
  min_support: wholeNumber(1, 999_999_999)
    .optional()
    .meta({ description: 'Runs with and without the feature.' }),
  kinds: textList.optional().meta({ description: '`tool`, `bigram`, `config`, …' }),
  agent_id: text.optional().meta({ description: 'Runs of one agent only.' }),
  dimension: text.optional().meta({ description: 'The outcome; the primary one unless told.' }),
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
      limit: wholeNumber(1, 1000).optional().meta({ description: 'Differences at most.' }),
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
  wholeListRoute({
    id: 'listLooks',
    path: '/looks',
    tag: 'Evidence',
    summary: 'Every look that was taken.',
    item: lookSchema,
    list: looksSchema,
    toWire: lookToWire,
    read: (_, { store }) => store.readLooks(),
  }),
  listRoute({
    id: 'listLedger',
    path: '/ledger',
    tag: 'Evidence',
    summary: 'Every test ever run, or those of one pattern.',
    query: z.strictObject({
      pattern_id: text.optional().meta({ description: 'Tests of one pattern.' }),
    }),
    item: ledgerEntrySchema,
    page: ledgerPageSchema,
    toWire: ledgerEntryToWire,
    read: ({ query }, page, { store }) =>
      store.readLedger({ ...page, patternId: query.pattern_id }),
  }),
];
