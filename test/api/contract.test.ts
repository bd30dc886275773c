import { routes } from '../../src/api/routes';
import type { Scope } from '../../src/model/token';
import { problemSchema } from '../../src/wire';
import { startApi, type TestApi } from '../support/api';
import { expectDocument } from '../support/expect-document';
import { makePattern } from '../support/make-pattern';

// Every route × every scope × a request that is valid, invalid, about nothing, forbidden.

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

const span = {
  trace_id: traceId,
  span_id: spanId,
  name: 'chat',
  start_time_unix_nano: '1700000000000000001',
  end_time_unix_nano: '1700000001000000000',
  task_id: 'task-1',
  execution_id: 'run-1',
  agent_id: 'agent-1',
  tags: ['first'],
  attributes: { 'gen_ai.operation.name': 'chat', nested: { a: [1, 2.5, null] } },
};

interface RouteCase {
  readonly path: string;
  readonly status: number;
  readonly body?: unknown;
  /** Another path, or body, that is refused with a 400. */
  readonly invalid: { readonly path?: string; readonly body?: unknown };
  /** A path to what there is not. */
  readonly absent?: string;
}

const unknownParameter = (path: string): { path: string } => ({ path: `${path}?nonsense=1` });

const cases: Readonly<Record<string, RouteCase>> = {
  createTask: {
    path: '/tasks',
    status: 201,
    body: { id: 'task-2', type: 'refund', status: 'running', tags: ['x'] },
    invalid: { body: { id: 'task-2', typ: 'refund' } },
  },
  listTasks: {
    path: '/tasks?limit=1&status=completed',
    status: 200,
    invalid: { path: '/tasks?limit=0' },
  },
  getTask: {
    path: '/tasks/task-1',
    status: 200,
    invalid: unknownParameter('/tasks/task-1'),
    absent: '/tasks/none',
  },
  updateTask: {
    path: '/tasks/task-1',
    status: 200,
    body: { tags: ['seen'] },
    invalid: { body: { status: 'done' } },
    absent: '/tasks/none',
  },
  getTaskMetrics: {
    path: '/tasks/task-1/metrics',
    status: 200,
    invalid: unknownParameter('/tasks/task-1/metrics'),
    absent: '/tasks/none/metrics',
  },
  createExecution: {
    path: '/executions',
    status: 201,
    body: { id: 'run-2', task_id: 'task-1', config: { window: 'tail' }, agent: { id: 'agent-1' } },
    invalid: { body: { id: 'run-2' } },
  },
  listExecutions: {
    path: '/executions?agent=agent-1',
    status: 200,
    invalid: { path: '/executions?start_time=yesterday' },
  },
  getExecution: {
    path: '/executions/run-1',
    status: 200,
    invalid: unknownParameter('/executions/run-1'),
    absent: '/executions/none',
  },
  updateExecution: {
    path: '/executions/run-1',
    status: 200,
    body: { tags: ['seen'] },
    invalid: { body: { status: 'done' } },
    absent: '/executions/none',
  },
  createSpan: {
    path: '/spans',
    status: 201,
    body: { ...span, span_id: 'b7ad6b7169203332' },
    invalid: { body: { ...span, trace_id: 'xyz' } },
  },
  createSpans: {
    path: '/spans/batch',
    status: 207,
    body: {
      spans: [
        { ...span, span_id: 'b7ad6b7169203333' },
        { ...span, name: 7 },
      ],
    },
    invalid: { body: { spans: [] } },
  },
  listSpans: {
    path: '/spans?attribute.gen_ai.operation.name=chat&tags=first&tag_match=any',
    status: 200,
    invalid: { path: '/spans?role=boss' },
  },
  getSpan: {
    path: `/spans/${traceId}:${spanId}`,
    status: 200,
    invalid: unknownParameter(`/spans/${traceId}:${spanId}`),
    absent: `/spans/${traceId}:00000000000000ff`,
  },
  createTaskSpan: {
    path: '/tasks/task-1/spans',
    status: 201,
    body: { ...span, span_id: 'b7ad6b7169203334' },
    invalid: { body: { ...span, task_id: 'another' } },
    absent: '/tasks/none/spans',
  },
  listTaskSpans: {
    path: '/tasks/task-1/spans',
    status: 200,
    invalid: { path: '/tasks/task-1/spans?limit=1e3' },
    absent: '/tasks/none/spans',
  },
  listTraces: { path: '/traces', status: 200, invalid: unknownParameter('/traces') },
  getTrace: {
    path: `/traces/${traceId}?include=attributes,events`,
    status: 200,
    invalid: { path: `/traces/${traceId}?include=everything` },
    absent: `/traces/${'f'.repeat(32)}`,
  },
  createReward: {
    path: '/rewards',
    status: 201,
    body: { id: 'reward-2', trace_id: traceId, span_id: spanId, value: 0.5, source: 'human' },
    invalid: { body: { task_id: 'task-1', value: 2 } },
  },
  listRewards: {
    path: '/rewards?task_id=task-1&source=code',
    status: 200,
    invalid: { path: '/rewards?agent=agent-1' },
  },
  getReward: {
    path: '/rewards/reward-1',
    status: 200,
    invalid: unknownParameter('/rewards/reward-1'),
    absent: '/rewards/none',
  },
  createLink: {
    path: '/links',
    status: 201,
    body: { trace_id: traceId, span_id: spanId, linked_attributes: { 'task.id': 'task-1' } },
    invalid: { body: { trace_id: traceId, span_id: spanId } },
  },
  listLinks: {
    path: `/links?trace=${traceId}`,
    status: 200,
    invalid: { path: '/links?cursor=broken' },
  },
  listLinkedSpans: {
    path: `/spans/${spanId}/linked?direction=incoming`,
    status: 200,
    invalid: { path: `/spans/${spanId}/linked?direction=sideways` },
    absent: '/spans/00000000000000ff/linked',
  },
  tagSpan: {
    path: '/tags',
    status: 201,
    body: { trace_id: traceId, span_id: spanId, tags: ['second'] },
    invalid: { body: { trace_id: traceId, span_id: spanId, tags: [] } },
  },
  listTaggedSpans: { path: '/tags?tags=first', status: 200, invalid: { path: '/tags' } },
  listPatterns: {
    path: '/patterns?all=true&min_confidence=0.5',
    status: 200,
    invalid: { path: '/patterns?min_confidence=2' },
  },
  getPattern: {
    path: '/patterns/pattern-1',
    status: 200,
    invalid: unknownParameter('/patterns/pattern-1'),
    absent: '/patterns/none',
  },
  explainPattern: {
    path: '/patterns/pattern-1/explanation',
    status: 200,
    invalid: unknownParameter('/patterns/pattern-1/explanation'),
    absent: '/patterns/none/explanation',
  },
  markPattern: {
    path: '/patterns/pattern-1/mark',
    status: 200,
    body: { as: 'acknowledged', why: 'we look into it' },
    invalid: { body: { as: 'solved', why: 'no such mark' } },
    absent: '/patterns/none/mark',
  },
  judgeApplicability: {
    path: '/patterns/pattern-1/applicability?agent=agent-1&settings.window=5',
    status: 200,
    invalid: { path: '/patterns/pattern-1/applicability?settings.window=large' },
    absent: '/patterns/none/applicability',
  },
  listCandidates: {
    path: '/candidates?by=agent&min_support=1&kinds=tool',
    status: 200,
    invalid: { path: '/candidates?by=moon' },
  },
  why: {
    path: '/executions/run-1/why',
    status: 200,
    invalid: unknownParameter('/executions/run-1/why'),
    absent: '/executions/none/why',
  },
  listDifferences: {
    path: '/differences?a=agent%3Dagent-1&limit=3',
    status: 200,
    invalid: { path: '/differences?a=agnet%3Dx' },
  },
  learn: { path: '/learn', status: 200, invalid: unknownParameter('/learn') },
  listTradeoffs: {
    path: '/tradeoffs?agent=agent-1&weights.reward=3&weights.cost_usd=0.5',
    status: 200,
    invalid: { path: '/tradeoffs?weights.reward=much' },
  },
  listLooks: { path: '/looks', status: 200, invalid: unknownParameter('/looks') },
  listLedger: { path: '/ledger?limit=5', status: 200, invalid: { path: '/ledger?limit=-5' } },
  getStats: {
    path: '/stats?since=2020-01-01',
    status: 200,
    invalid: { path: '/stats?since=1700000000000' },
  },
  getAgentStats: {
    path: '/stats/agent-1',
    status: 200,
    invalid: unknownParameter('/stats/agent-1'),
    absent: '/stats/none',
  },
  getMetrics: {
    path: '/metrics?bucket=hour&group_by=agent_id,model&since=2020-01-01',
    status: 200,
    invalid: { path: '/metrics?bucket=week' },
  },
  listenToEvents: { path: '/events', status: 200, invalid: unknownParameter('/events') },
};

const implied: Readonly<Record<Scope, readonly Scope[]>> = {
  ingest: ['ingest', 'write', 'admin'],
  read: ['read', 'admin'],
  write: ['write', 'admin'],
  admin: ['admin'],
};

let served: TestApi;

beforeAll(async () => {
  served = await startApi();
  await served.call('POST', '/api/v1/spans', { body: span });
  await served.call('POST', '/api/v1/rewards', {
    body: { id: 'reward-1', execution_id: 'run-1', value: 1 },
  });
  await served.evolution.store.storePattern(makePattern());
});

afterAll(() => served.close());

test('every route has a case', () => {
  expect(Object.keys(cases).sort()).toEqual(routes.map(({ id }) => id).sort());
});

describe.each(routes.map((route) => [route.id, route] as const))('%s', (id, route) => {
  const method = route.method.toUpperCase();
  const wanted = cases[id]!;
  const send = (path: string, scope: Scope | null, body = wanted.body): Promise<Response> =>
    served.call(method, `/api/v1${path}`, { scope, ...(body === undefined ? {} : { body }) });

  test('answers as its schema says, to whom it may', async () => {
    for (const scope of implied[route.scope]) {
      const answer = await send(wanted.path, scope);
      if (Object.keys(route.streams).includes('text/event-stream')) {
        expect(answer.headers.get('content-type')).toBe('text/event-stream');
        await answer.body!.cancel();
        continue;
      }
      const body: unknown = await answer.json();
      expect({ status: answer.status, body }).toMatchObject({ status: wanted.status });
      expectDocument(route.answers[answer.status]!, body);
    }
  });

  test('is forbidden to all other scopes and to strangers', async () => {
    const others = (['ingest', 'read', 'write'] as const).filter(
      (scope) => !implied[route.scope].includes(scope),
    );
    for (const scope of [...others, null]) {
      await expectProblem(await send(wanted.path, scope), scope === null ? 401 : 403);
    }
  });

  test('refuses what is not as expected', async () => {
    const { path = wanted.path, body } = wanted.invalid;
    await expectProblem(await send(path, 'admin', body ?? wanted.body), 400);
  });

  if (wanted.absent !== undefined) {
    test('says that there is none', async () => {
      await expectProblem(await send(wanted.absent!, 'admin'), 404);
    });
  }
});

async function expectProblem(answer: Response, status: number): Promise<void> {
  const body: unknown = await answer.json();
  expect({ status: answer.status, body }).toMatchObject({ status });
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expectDocument(problemSchema, body);
}
