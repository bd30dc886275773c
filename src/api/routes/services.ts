import { z } from 'zod';
import type { SpanKind } from '../../model/span';
import { operationsSchema, operationsToWire, servicesSchema } from '../../wire';
import { wholeNumber } from '../contract/query-schemas';
import { defineRoute, type Route } from '../contract/route';
import { missing } from './look-up';

export const serviceRoutes: readonly Route[] = [
  defineRoute({
    id: 'listServices',
    method: 'get',
    path: '/services',
    scope: 'read',
    tag: 'Services',
    summary: 'Services that spans came from.',
    answers: { 200: servicesSchema },
    async handle(_input, { store }) {
      return { status: 200, body: { items: [...(await store.listServices())] } };
    },
  }),
  defineRoute({
    id: 'listOperations',
    method: 'get',
    path: '/services/{service}/operations',
    scope: 'read',
    tag: 'Services',
    summary: 'Names and kinds of the spans of a service: the first 1,000, of 10,000 in all.',
    params: z.object({ service: z.string().min(1) }),
    query: z.strictObject({
      kind: wholeNumber(0, 5)
        .optional()
        .meta({ description: 'As in OTLP; every kind unless told.' }),
    }),
    answers: { 200: operationsSchema },
    problems: [404],
    async handle({ params: { service }, query }, { store }) {
      const kind = query.kind as SpanKind | undefined;
      const operations = await store.listOperations(service, kind);
      if (operations.length === 0 && (await store.listOperations(service)).length === 0) {
        throw missing('service', service);
      }
      return { status: 200, body: operationsToWire(operations) };
    },
  }),
];
