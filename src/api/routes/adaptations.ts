import { z } from 'zod';
import { InputError } from '../../errors';
import type { Adaptation } from '../../model/adaptation';
import {
  adaptationHistorySchema,
  adaptationListSchema,
  adaptationSchema,
  adaptationStatuses,
  adaptationSwitchSchema,
  adaptationToWire,
  auditEntryToWire,
  reasonedStepInputSchema,
  stepInputSchema,
  switchInputSchema,
} from '../../wire';
import { wholeListRoute } from '../contract/list-route';
import { defineRoute, type Route, type RouteContext } from '../contract/route';

const idParams = z.object({ id: z.string().min(1) });
const tag = 'Adaptations';
const nobody = 'api';

type Desk = RouteContext['adaptation'];

/** A step that needs no reason. */
function step(
  name: 'approve' | 'apply',
  summary: string,
  take: (desk: Desk, id: string, actor: string) => Promise<Adaptation>,
): Route {
  return defineRoute({
    id: `${name}Adaptation`,
    method: 'post',
    path: `/adaptations/{id}/${name}`,
    scope: 'write',
    tag,
    summary,
    params: idParams,
    body: stepInputSchema,
    answers: { 200: adaptationSchema },
    problems: [404, 409],
    async handle({ params, body: { actor = nobody } }, { adaptation }) {
      return { status: 200, body: adaptationToWire(await take(adaptation, params.id, actor)) };
    },
  });
}

function reasonedStep(
  name: 'reject' | 'resume' | 'deactivate' | 'rollback',
  summary: string,
): Route {
  return defineRoute({
    id: `${name}Adaptation`,
    method: 'post',
    path: `/adaptations/{id}/${name}`,
    scope: 'write',
    tag,
    summary,
    params: idParams,
    body: reasonedStepInputSchema,
    answers: { 200: adaptationSchema },
    problems: [404, 409],
    async handle({ params, body: { actor = nobody, reason } }, { adaptation }) {
      const after = await adaptation[name](params.id, actor, reason);
      return { status: 200, body: adaptationToWire(after) };
    },
  });
}

export const adaptationRoutes: readonly Route[] = [
  defineRoute({
    id: 'applyPattern',
    method: 'post',
    path: '/patterns/{id}/apply',
    scope: 'write',
    tag,
    summary: 'Propose the change that a pattern calls for; a 400 says why there is none.',
    params: idParams,
    body: stepInputSchema,
    answers: { 201: adaptationSchema },
    problems: [404],
    async handle({ params, body: { actor = nobody } }, { adaptation, learner }) {
      const proposed = await adaptation.propose(await learner.explain(params.id), actor);
      if (proposed.kind === 'proposed') {
        return { status: 201, body: adaptationToWire(proposed.adaptation) };
      }
      throw new InputError(`Nothing is proposed: ${proposed.reason}.`, {
        hint: 'Declare under "levers" in otel-evolution.json what may be changed.',
      });
    },
  }),
  wholeListRoute({
    id: 'listAdaptations',
    path: '/adaptations',
    tag,
    summary: 'Changes of declared settings, oldest first.',
    query: z.strictObject({
      status: z.enum(adaptationStatuses).optional().meta({ description: 'How far it is.' }),
    }),
    item: adaptationSchema,
    list: adaptationListSchema,
    toWire: adaptationToWire,
    read: ({ query: { status } }, { adaptation }) =>
      adaptation.list(status === undefined ? {} : { status }),
  }),
  defineRoute({
    id: 'getAdaptation',
    method: 'get',
    path: '/adaptations/{id}',
    scope: 'read',
    tag,
    summary: 'One adaptation, with what treated and held back show.',
    params: idParams,
    answers: { 200: adaptationSchema },
    etag: true,
    problems: [404],
    async handle({ params }, { adaptation }) {
      return { status: 200, body: adaptationToWire(await adaptation.get(params.id)) };
    },
  }),
  defineRoute({
    id: 'getAdaptationHistory',
    method: 'get',
    path: '/adaptations/{id}/history',
    scope: 'read',
    tag,
    summary: 'Each step: when, by whom, why, on what evidence.',
    params: idParams,
    answers: { 200: adaptationHistorySchema },
    problems: [404],
    async handle({ params }, { adaptation }) {
      const sentences = [...(await adaptation.explain(params.id))];
      const items = (await adaptation.history(params.id)).map(auditEntryToWire);
      return { status: 200, body: { sentences, items } };
    },
  }),
  step('approve', 'Let a proposal be applied.', (desk, id, actor) => desk.approve(id, actor)),
  step('apply', 'One stage up: 5, 25, 50, 100 %.', (desk, id, name) =>
    desk.apply(id, { name, automatic: false }),
  ),
  reasonedStep('reject', 'Turn a proposal down.'),
  reasonedStep('resume', 'Go on after a signal paused it: somebody looked.'),
  reasonedStep('deactivate', 'Off, by choice.'),
  reasonedStep('rollback', 'Off, because it did harm.'),
  ...switchRoutes(),
];

function switchRoutes(): readonly Route[] {
  return [
    defineRoute({
      id: 'getAdaptationSwitch',
      method: 'get',
      path: '/adaptation-switch',
      scope: 'read',
      tag,
      summary: 'Whether adaptations are applied at all.',
      answers: { 200: adaptationSwitchSchema },
      async handle(_, { adaptation }) {
        return { status: 200, body: { enabled: await adaptation.isEnabled() } };
      },
    }),
    defineRoute({
      id: 'setAdaptationSwitch',
      method: 'post',
      path: '/adaptation-switch',
      scope: 'write',
      tag,
      summary: 'Turn all adaptations off, or on again.',
      body: switchInputSchema,
      answers: { 200: adaptationSwitchSchema },
      async handle({ body: { enabled, actor = nobody, reason } }, { adaptation }) {
        await adaptation.setEnabled(enabled, actor, reason);
        return { status: 200, body: { enabled } };
      },
    }),
  ];
}
