import { z } from 'zod';
import {
  assignmentSchema,
  assignmentToWire,
  auditEntrySchema,
  auditEntryToWire,
  auditListSchema,
  experimentAnalysisSchema,
  experimentAnalysisToWire,
  experimentFromWire,
  experimentInputSchema,
  experimentListSchema,
  experimentSchema,
  experimentStatuses,
  experimentToWire,
  reasonedStepInputSchema,
  unitInputSchema,
} from '../../wire';
import { wholeListRoute } from '../contract/list-route';
import { defineRoute, type Route } from '../contract/route';

const idParams = z.object({ id: z.string().min(1) });
const tag = 'Experiments';
const nobody = 'api';

export const experimentRoutes: readonly Route[] = [
  defineRoute({
    id: 'createExperiment',
    method: 'post',
    path: '/experiments',
    scope: 'write',
    tag,
    summary: 'Start an experiment.',
    body: experimentInputSchema,
    answers: { 201: experimentSchema },
    async handle({ body }, { experiments }) {
      const created = await experiments.create(experimentFromWire(body), body.actor ?? nobody);
      return { status: 201, body: experimentToWire(created) };
    },
  }),
  wholeListRoute({
    id: 'listExperiments',
    path: '/experiments',
    tag,
    summary: 'All experiments, oldest first.',
    query: z.strictObject({
      status: z.enum(experimentStatuses).optional().meta({ description: 'How far it is.' }),
    }),
    item: experimentSchema,
    list: experimentListSchema,
    toWire: experimentToWire,
    read: ({ query }, { experiments }) => experiments.list(query),
  }),
  defineRoute({
    id: 'getExperiment',
    method: 'get',
    path: '/experiments/{id}',
    scope: 'read',
    tag,
    summary: 'One experiment with its rules and what was decided.',
    params: idParams,
    answers: { 200: experimentSchema },
    etag: true,
    problems: [404],
    async handle({ params }, { experiments }) {
      return { status: 200, body: experimentToWire(await experiments.get(params.id)) };
    },
  }),
  defineRoute({
    id: 'assignVariant',
    method: 'post',
    path: '/experiments/{id}/assignments',
    // An agent that reports its runs asks for its variant with the same key.
    scope: 'ingest',
    tag,
    summary: 'The variant of a unit; the same unit gets the same answer.',
    params: idParams,
    body: unitInputSchema,
    answers: { 200: assignmentSchema },
    problems: [404],
    async handle({ params, body }, { experiments }) {
      const answer = await experiments.assignStored(params.id, body.unit);
      return { status: 200, body: assignmentToWire(answer) };
    },
  }),
  defineRoute({
    id: 'getExperimentResults',
    method: 'get',
    path: '/experiments/{id}/results',
    scope: 'read',
    tag,
    summary: 'What is known by now: the verdict, each variant, guardrails, sample ratio.',
    params: idParams,
    answers: { 200: experimentAnalysisSchema },
    problems: [404],
    async handle({ params }, { experiments }) {
      const analysis = await experiments.analyze(params.id);
      return { status: 200, body: experimentAnalysisToWire(analysis) };
    },
  }),
  defineRoute({
    id: 'rollOutWinner',
    method: 'post',
    path: '/experiments/{id}/roll-out',
    scope: 'write',
    tag,
    summary: 'Give everybody the winner that waits.',
    params: idParams,
    body: reasonedStepInputSchema,
    answers: { 200: experimentSchema },
    problems: [404, 409],
    async handle({ params, body: { actor = nobody, reason } }, { experiments }) {
      const rolledOut = await experiments.rollOut(params.id, reason, actor);
      return { status: 200, body: experimentToWire(rolledOut) };
    },
  }),
  defineRoute({
    id: 'stopExperiment',
    method: 'post',
    path: '/experiments/{id}/stop',
    scope: 'write',
    tag,
    summary: 'End it without a decision; everybody gets the control.',
    params: idParams,
    body: reasonedStepInputSchema,
    answers: { 200: experimentSchema },
    problems: [404, 409],
    async handle({ params, body: { actor = nobody, reason } }, { experiments }) {
      const stopped = await experiments.stop(params.id, reason, actor);
      return { status: 200, body: experimentToWire(stopped) };
    },
  }),
  wholeListRoute({
    id: 'getExperimentHistory',
    path: '/experiments/{id}/history',
    tag,
    summary: 'Each step: when, by whom, why, on what evidence.',
    params: idParams,
    item: auditEntrySchema,
    list: auditListSchema,
    toWire: auditEntryToWire,
    problems: [404],
    async read({ params }, { experiments }) {
      await experiments.get(params.id);
      return experiments.history(params.id);
    },
  }),
];
