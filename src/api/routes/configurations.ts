import { z } from 'zod';
import {
  auditEntrySchema,
  auditEntryToWire,
  auditListSchema,
  configurationComparisonSchema,
  configurationComparisonToWire,
  configurationInputSchema,
  configurationPageSchema,
  configurationVersionSchema,
  configurationVersionToWire,
  fromPlainAttributes,
  reasonedStepInputSchema,
} from '../../wire';
import { listRoute, wholeListRoute } from '../contract/list-route';
import { defineRoute, type Route } from '../contract/route';

const idParams = z.object({ id: z.string().min(1) });
const tag = 'Configurations';
const nobody = 'api';

export const configurationRoutes: readonly Route[] = [
  defineRoute({
    id: 'recordConfiguration',
    method: 'post',
    path: '/configurations',
    scope: 'write',
    tag,
    summary: 'Store a configuration; the same content is the same version.',
    body: configurationInputSchema,
    answers: { 201: configurationVersionSchema },
    problems: [404],
    async handle({ body }, { configurations }) {
      const version = await configurations.record(fromPlainAttributes(body.config), {
        actor: body.actor ?? nobody,
        label: body.label,
        parentId: body.parent_id,
      });
      return { status: 201, body: configurationVersionToWire(version) };
    },
  }),
  listRoute({
    id: 'listConfigurations',
    path: '/configurations',
    tag,
    summary: 'Versions of what agents ran with, newest first.',
    query: z.strictObject({}),
    item: configurationVersionSchema,
    page: configurationPageSchema,
    toWire: configurationVersionToWire,
    read: (_, page, { configurations }) => configurations.list(page),
  }),
  defineRoute({
    id: 'getConfiguration',
    method: 'get',
    path: '/configurations/{id}',
    scope: 'read',
    tag,
    summary: 'One version; the first characters of its id are enough.',
    params: idParams,
    answers: { 200: configurationVersionSchema },
    etag: true,
    problems: [404],
    async handle({ params }, { configurations }) {
      const version = await configurations.get(params.id);
      return { status: 200, body: configurationVersionToWire(version) };
    },
  }),
  defineRoute({
    id: 'compareConfigurations',
    method: 'get',
    path: '/configurations/{id}/comparison',
    scope: 'read',
    tag,
    summary: 'Settings in which another version differs from this one.',
    params: idParams,
    query: z.strictObject({
      with: z.string().min(1).meta({ description: 'Id of the other version.' }),
    }),
    answers: { 200: configurationComparisonSchema },
    problems: [404],
    async handle({ params, query }, { configurations }) {
      const differences = await configurations.compare(params.id, query.with);
      const body = configurationComparisonToWire(params.id, query.with, differences);
      return { status: 200, body };
    },
  }),
  defineRoute({
    id: 'restoreConfiguration',
    method: 'post',
    path: '/configurations/{id}/restore',
    scope: 'write',
    tag,
    summary: 'Make it the version in force.',
    params: idParams,
    body: reasonedStepInputSchema,
    answers: { 200: configurationVersionSchema },
    problems: [404],
    async handle({ params, body: { actor = nobody, reason } }, { configurations }) {
      const version = await configurations.restore(params.id, actor, reason);
      return { status: 200, body: configurationVersionToWire(version) };
    },
  }),
  wholeListRoute({
    id: 'getConfigurationHistory',
    path: '/configuration-history',
    tag,
    summary: 'What was in force when, by whom and why.',
    item: auditEntrySchema,
    list: auditListSchema,
    toWire: auditEntryToWire,
    read: (_, { configurations }) => configurations.history(),
  }),
];
