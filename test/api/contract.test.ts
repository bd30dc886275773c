import { routes } from '../../src/api/routes';
import type { TokenScope } from '../../src/model/token';
import { problemSchema } from '../../src/wire';
import { startApi, type TestApi } from '../support/api';
import { expectDocument } from '../support/expect-document';
import { interventionLevers, makeInterventions } from '../support/make-interventions';
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
  /** What a second request of the kind is told, where the first has changed what it may do. */
  readonly again?: number;
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
    path: '/executions?agent=agent-1&min_duration_ms=1.5&max_duration_ms=90000',
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
  listServices: { path: '/services', status: 200, invalid: unknownParameter('/services') },
  listOperations: {
    path: '/services/unknown_service/operations?kind=1',
    status: 200,
    invalid: { path: '/services/unknown_service/operations?kind=6' },
    absent: '/services/none/operations',
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
    path: '/patterns/pattern-1/applicability?agent=agent-1&settings.window=tail&tags=production',
    status: 200,
    invalid: { path: '/patterns/pattern-1/applicability?settings.window=' },
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
  reviewPatterns: {
    path: '/review?agent_id=agent-1&limit=3',
    status: 200,
    invalid: { path: '/review?limit=0' },
  },
  listPatternStrata: {
    path: '/patterns/pattern-1/strata',
    status: 200,
    invalid: unknownParameter('/patterns/pattern-1/strata'),
    absent: '/patterns/none/strata',
  },
  listLooks: { path: '/looks', status: 200, invalid: unknownParameter('/looks') },
  listLedger: {
    path: '/ledger?limit=5&pattern_id=pattern-1',
    status: 200,
    invalid: { path: '/ledger?limit=-5' },
  },
  applyPattern: {
    path: '/patterns/setting/apply',
    status: 201,
    body: { actor: 'ada' },
    invalid: { path: '/patterns/pattern-1/apply' },
    absent: '/patterns/none/apply',
    again: 400,
  },
  listAdaptations: {
    path: '/adaptations?status=approved',
    status: 200,
    invalid: { path: '/adaptations?status=done' },
  },
  getAdaptation: {
    path: '/adaptations/{adaptation}',
    status: 200,
    invalid: unknownParameter('/adaptations/{adaptation}'),
    absent: '/adaptations/none',
  },
  getAdaptationHistory: {
    path: '/adaptations/{adaptation}/history',
    status: 200,
    invalid: unknownParameter('/adaptations/{adaptation}/history'),
    absent: '/adaptations/none/history',
  },
  approveAdaptation: {
    path: '/adaptations/{adaptation}/approve',
    status: 200,
    body: { actor: 'ada' },
    invalid: { body: { who: 'ada' } },
    absent: '/adaptations/none/approve',
    again: 409,
  },
  applyAdaptation: {
    path: '/adaptations/{adaptation}/apply',
    status: 200,
    body: {},
    invalid: { body: { actor: '' } },
    absent: '/adaptations/none/apply',
    again: 409,
  },
  rejectAdaptation: {
    path: '/adaptations/{rejectable}/reject',
    status: 200,
    body: { reason: 'not now' },
    invalid: { body: {} },
    absent: '/adaptations/none/reject',
    again: 409,
  },
  resumeAdaptation: {
    path: '/adaptations/{paused}/resume',
    status: 200,
    body: { reason: 'agreed' },
    invalid: { body: {} },
    absent: '/adaptations/none/resume',
    again: 409,
  },
  deactivateAdaptation: {
    path: '/adaptations/{adaptation}/deactivate',
    status: 200,
    body: { reason: 'an incident' },
    invalid: { body: { reason: '' } },
    absent: '/adaptations/none/deactivate',
    again: 409,
  },
  rollbackAdaptation: {
    path: '/adaptations/{running}/rollback',
    status: 200,
    body: { reason: 'it harms' },
    invalid: { body: { reason: 7 } },
    absent: '/adaptations/none/rollback',
    again: 409,
  },
  getAdaptationSwitch: {
    path: '/adaptation-switch',
    status: 200,
    invalid: unknownParameter('/adaptation-switch'),
  },
  setAdaptationSwitch: {
    path: '/adaptation-switch',
    status: 200,
    body: { enabled: true, reason: 'the incident is over' },
    invalid: { body: { enabled: 'yes', reason: 'x' } },
  },
  createExperiment: {
    path: '/experiments',
    status: 201,
    body: {
      name: 'tone',
      variants: [{ name: 'plain', config: { tone: 'plain' } }, { name: 'warm' }],
      traffic_split: [0.5, 0.5],
      success_metric: 'reward',
      guardrails: ['cost', { metric: 'latency', margin: 0.2 }],
      signals: ['tokens'],
    },
    invalid: { body: { name: 'x', variants: [], traffic_split: [], success_metric: 'reward' } },
    again: 400,
  },
  listExperiments: {
    path: '/experiments?status=running',
    status: 200,
    invalid: { path: '/experiments?status=done' },
  },
  getExperiment: {
    path: '/experiments/{experiment}',
    status: 200,
    invalid: unknownParameter('/experiments/{experiment}'),
    absent: '/experiments/none',
  },
  assignVariant: {
    path: '/experiments/{experiment}/assignments',
    status: 200,
    body: { unit: 'task-1' },
    invalid: { body: { unit: '' } },
    absent: '/experiments/none/assignments',
  },
  getExperimentResults: {
    path: '/experiments/{experiment}/results',
    status: 200,
    invalid: unknownParameter('/experiments/{experiment}/results'),
    absent: '/experiments/none/results',
  },
  rollOutWinner: {
    path: '/experiments/{decided}/roll-out',
    status: 200,
    body: { actor: 'ada', reason: 'agreed' },
    invalid: { body: {} },
    absent: '/experiments/none/roll-out',
    again: 409,
  },
  stopExperiment: {
    path: '/experiments/{experiment}/stop',
    status: 200,
    body: { actor: 'ada', reason: 'enough' },
    invalid: { body: {} },
    absent: '/experiments/none/stop',
    again: 409,
  },
  getExperimentHistory: {
    path: '/experiments/{experiment}/history',
    status: 200,
    invalid: unknownParameter('/experiments/{experiment}/history'),
    absent: '/experiments/none/history',
  },
  recordConfiguration: {
    path: '/configurations',
    status: 201,
    body: { config: { window: 'tail', temperature: 0.2 }, label: 'v2' },
    invalid: { body: { config: 'tail' } },
  },
  listConfigurations: {
    path: '/configurations?limit=5',
    status: 200,
    invalid: { path: '/configurations?limit=0' },
  },
  getConfiguration: {
    path: '/configurations/{configuration}',
    status: 200,
    invalid: unknownParameter('/configurations/{configuration}'),
    absent: '/configurations/ffffffff',
  },
  compareConfigurations: {
    path: '/configurations/{configuration}/comparison?with={configuration}',
    status: 200,
    invalid: { path: '/configurations/{configuration}/comparison' },
    absent: '/configurations/{configuration}/comparison?with=ffffffff',
  },
  restoreConfiguration: {
    path: '/configurations/{configuration}/restore',
    status: 200,
    body: { reason: 'v2 was slower' },
    invalid: { body: { why: 'x' } },
    absent: '/configurations/ffffffff/restore',
  },
  getConfigurationHistory: {
    path: '/configuration-history',
    status: 200,
    invalid: unknownParameter('/configuration-history'),
  },
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
  listVersions: {
    path: '/versions?agent_id=agent-1&start_time=2020-01-01',
    status: 200,
    invalid: { path: '/versions?limit=1' },
  },
  getHealth: { path: '/health', status: 200, invalid: unknownParameter('/health') },
  diagnose: { path: '/doctor', status: 200, invalid: unknownParameter('/doctor') },
  listExternalLinks: {
    path: '/external-links',
    status: 200,
    invalid: unknownParameter('/external-links'),
  },
  listenToEvents: { path: '/events', status: 200, invalid: unknownParameter('/events') },
};

const implied: Readonly<Record<TokenScope, readonly TokenScope[]>> = {
  ingest: ['ingest', 'write', 'admin'],
  read: ['read', 'admin'],
  write: ['write', 'admin'],
  admin: ['admin'],
};

let served: TestApi;
/** Ids of what there is, by the names that paths have for them. */
const made = new Map<string, string>();
const placed = (path: string): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => made.get(name)!);

beforeAll(async () => {
  served = await startApi({}, interventionLevers);
  await served.call('POST', '/api/v1/spans', { body: span });
  await served.call('POST', '/api/v1/rewards', {
    body: { id: 'reward-1', execution_id: 'run-1', value: 1 },
  });
  await served.evolution.store.storePattern(makePattern());
  for (const [name, id] of await makeInterventions(served.evolution)) made.set(name, id);
});

afterAll(() => served.close());

test('every route has a case', () => {
  expect(Object.keys(cases).sort()).toEqual(routes.map(({ id }) => id).sort());
});

describe.each(routes.map((route) => [route.id, route] as const))('%s', (id, route) => {
  const method = route.method.toUpperCase();
  const wanted = cases[id]!;
  const send = (path: string, scope: TokenScope | null, body = wanted.body): Promise<Response> =>
    served.call(method, `/api/v1${placed(path)}`, {
      scope,
      ...(body === undefined ? {} : { body }),
    });

  test('answers as its schema says, to whom it may', async () => {
    for (const [turn, scope] of implied[route.scope].entries()) {
      const answer = await send(wanted.path, scope);
      if (turn > 0 && wanted.again !== undefined) {
        await expectProblem(answer, wanted.again);
        continue;
      }
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
