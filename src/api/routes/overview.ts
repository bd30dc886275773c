import { z } from 'zod';
import {
  agentStatsSchema,
  agentStatsToWire,
  diagnosisSchema,
  diagnosisToWire,
  eventSchema,
  externalLinksSchema,
  healthSchema,
  healthToWire,
  statsSchema,
  statsToWire,
} from '../../wire';
import { recordQuery } from '../contract/query-schemas';
import { defineRoute, type Route } from '../contract/route';
import type { EventFeed } from '../event-feed';
import { missing } from './look-up';

const rangeQuery = recordQuery.pick({ start_time: true, end_time: true });

/** Spans that latency and tools of all agents together are read from: the page asks again and again. */
const spansOfAllAgents = 8_000;

export const overviewRoutes: readonly Route[] = [
  defineRoute({
    id: 'getStats',
    method: 'get',
    path: '/stats',
    scope: 'read',
    tag: 'Overview',
    summary: 'What is stored, and how each agent does.',
    query: rangeQuery,
    answers: { 200: statsSchema },
    async handle({ query }, { store }) {
      const range = { sinceUnixNano: query.start_time, untilUnixNano: query.end_time };
      const ids = await store.listAgents();
      const latestSpans = Math.max(100, Math.ceil(spansOfAllAgents / ids.length));
      const agents = [];
      for (const agentId of ids) {
        agents.push(await store.getStats({ agentId, latestSpans, ...range }));
      }
      return {
        status: 200,
        body: statsToWire(await store.getTotals(), agents, await store.readJobs()),
      };
    },
  }),
  defineRoute({
    id: 'getAgentStats',
    method: 'get',
    path: '/stats/{agent_id}',
    scope: 'read',
    tag: 'Overview',
    summary: 'How one agent does.',
    params: z.object({ agent_id: z.string().min(1) }),
    query: rangeQuery,
    answers: { 200: agentStatsSchema },
    etag: true,
    problems: [404],
    async handle({ params, query }, { store }) {
      const { agent_id: agentId } = params;
      if (!(await store.listAgents()).includes(agentId)) throw missing('agent', agentId);
      const range = { sinceUnixNano: query.start_time, untilUnixNano: query.end_time };
      return { status: 200, body: agentStatsToWire(await store.getStats({ agentId, ...range })) };
    },
  }),
  defineRoute({
    id: 'getHealth',
    method: 'get',
    path: '/health',
    scope: 'read',
    tag: 'Overview',
    summary: 'How large the database is, and what waits to be done in the background.',
    answers: { 200: healthSchema },
    async handle(_input, { store, desk }) {
      const [schema, size, jobs] = await Promise.all([
        store.migrationStatus(),
        store.measure(),
        store.readJobs(),
      ]);
      const { dialect } = store;
      const node = process.versions.node;
      const refused = desk.refusals();
      return { status: 200, body: healthToWire({ node, dialect, schema, size, jobs, refused }) };
    },
  }),
  defineRoute({
    id: 'diagnose',
    method: 'get',
    path: '/doctor',
    scope: 'read',
    tag: 'Overview',
    summary: 'What `doctor` looks at, but for damage of the file; each with what mends it.',
    answers: { 200: diagnosisSchema },
    async handle(_input, { desk }) {
      return { status: 200, body: diagnosisToWire(await desk.diagnose()) };
    },
  }),
  defineRoute({
    id: 'listExternalLinks',
    method: 'get',
    path: '/external-links',
    scope: 'read',
    tag: 'Overview',
    summary: 'Ways to the same trace in other tools.',
    answers: { 200: externalLinksSchema },
    handle(_input, { desk }) {
      const items = desk.externalLinks.map(({ name, urlTemplate }) => {
        return { name, url_template: urlTemplate };
      });
      return Promise.resolve({ status: 200, body: { items } });
    },
  }),
  defineRoute({
    id: 'listenToEvents',
    method: 'get',
    path: '/events',
    scope: 'read',
    tag: 'Overview',
    summary: 'New and changed tasks, patterns and looks as server-sent events, from now on.',
    answers: {},
    streams: { 'text/event-stream': eventSchema },
    handle(_, { events, headers, signal }) {
      const stream = streamEvents(events, headers.get('last-event-id'), signal);
      return Promise.resolve({ status: 200, contentType: 'text/event-stream', stream });
    },
  }),
];

/** Proxies cut a connection that is silent for long. */
const heartbeatMillis = 15_000;
/** Batches that wait for a listener; they come once a second at most. */
const mostUnread = 60;
const encoder = new TextEncoder();

function streamEvents(
  feed: EventFeed,
  lastEventId: string | null,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  const ended = new AbortController();
  const batches = feed.batches(lastEventId, AbortSignal.any([signal, ended.signal]));
  let heartbeat: NodeJS.Timeout | undefined;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(': listening\n\n'));
      heartbeat = setInterval(() => controller.enqueue(encoder.encode(':\n\n')), heartbeatMillis);
      heartbeat.unref();
      void (async () => {
        for await (const { bytes } of batches) {
          controller.enqueue(bytes);
          // Who reads nothing for a minute comes back later, by the id of the event seen last.
          if ((controller.desiredSize ?? 0) < -mostUnread) break;
        }
        clearInterval(heartbeat);
        if (!ended.signal.aborted) controller.close();
      })();
    },
    cancel() {
      clearInterval(heartbeat);
      ended.abort();
    },
  });
}
