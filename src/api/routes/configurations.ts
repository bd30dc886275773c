import { z } from 'zod';
import {
  auditEntryToWire,
  auditListSchema,
  configurationComparisonSchema,
  configurationComparisonToWire,
  configurationInputSchema,
  configurationListSchema,
  configurationVersionSchema,
  configurationVersionToWire,
  fromPlainAttributes,
  reasonedStepInputSchema,
} from '../../wire';
import { wholeNumber } from '../contract/query-schemas';
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
  defineRoute({
    id: 'listConfigurations',
    method: 'get',
    path: '/configurations',
    scope: 'read',
    tag,
    summary: 'Versions of what agents ran with, newest first.',
    query: z.strictObject({ limit: wholeNumber(1, 1000).optional() }),
    answers: { 200: configurationListSchema },
    async handle({ query }, { configurations }) {
      const items = await configurations.list(query.limit);
      return { status: 200, body: { items: items.map(configurationVersionToWire) } };
    },
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
    query: z.strictObject({ with: z.string().min(1) }),
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
  defineRoute({
    id: 'getConfigurationHistory',
    method: 'get',
    path: '/configuration-history',
    scope: 'read',
    tag,
    summary: 'What was in force when, by whom and why.',
    answers: { 200: auditListSchema },
    async handle(_, { configurations }) {
      const items = (await configurations.history()).map(auditEntryToWire);
      return { status: 200, body: { items } };
    },
  }),
];
