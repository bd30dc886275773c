import { createEvolution, type Evolution } from '../../src/index';
import type { ClosedExecution } from '../../src/model/learning';
import { seededRandom } from '../../src/stats';
import { attributes, makeSpan, spanId, traceId } from '../support/make-span';

const runs = 300;
const intents = 60;

let evolution: Evolution;
beforeAll(async () => {
  evolution = await createEvolution({ databaseUrl: 'sqlite::memory:' });
  await store(evolution);
  await evolution.learner.learn();
});
afterAll(() => evolution.close());

/**
 * Tasks that never repeat, five of an intent; half of the traces were dropped by their trace id. `check`
 * helps; where the agent checks, the simulated user pays.
 */
async function store({ store: into }: Evolution): Promise<void> {
  const random = seededRandom('frozen');
  for (let n = 0; n < runs; n += 1) {
    const checks = random() < 0.5;
    const startTimeUnixNano = 1_700_000_000_000_000_000n + BigInt(n) * 60_000_000_000n;
    const common = { traceId: traceId(n + 1), traceState: 'ot=th:8' };
    const root = makeSpan({
      ...common,
      spanId: spanId(1),
      startTimeUnixNano,
      endTimeUnixNano: startTimeUnixNano + 1_000_000_000n,
      attributes: attributes({
        'execution.id': `run-${n}`,
        'task.id': `ticket-${n}`,
        'task.group': `intent-${n % intents}`,
        'execution.attempt': 1,
        'agent.id': 'support',
        'evolution.experiment.id': 'exp-1',
        'evolution.variant': 'control',
        'gen_ai.operation.name': 'invoke_agent',
      }),
    });
    const call = (id: number, tool: string, requestor: string | null) =>
      makeSpan({
        ...common,
        spanId: spanId(id),
        parentSpanId: spanId(1),
        startTimeUnixNano: startTimeUnixNano + BigInt(id),
        endTimeUnixNano: startTimeUnixNano + BigInt(id + 1),
        attributes: attributes({
          'gen_ai.operation.name': 'execute_tool',
          'gen_ai.tool.name': tool,
          ...(requestor === null ? {} : { 'tool.requestor': requestor }),
        }),
      });
    const calls = checks ? [call(2, 'check', null), call(3, 'pay', 'user')] : [];
    await into.recordSpanBatch([root, call(4, 'find', null), ...calls]);
    const value = random() < (checks ? 0.85 : 0.25) ? 1 : 0;
    await into.recordReward({
      id: `reward-${n}`,
      target: { kind: 'execution', executionId: `run-${n}` },
      name: 'reward',
      value,
      rawValue: value,
      dimensions: {},
      feedback: null,
      label: null,
      source: 'code',
      evaluator: null,
      timestampUnixNano: startTimeUnixNano,
      supersedes: null,
    });
  }
}

test('what spans say of group, sampling, attempt, requestor and exposure is frozen', async () => {
  const read: ClosedExecution[] = [];
  for await (const execution of evolution.store.readClosedExecutions({})) read.push(execution);
  expect(read).toHaveLength(runs);
  expect(read[7]).toMatchObject({
    taskGroup: 'intent-7',
    attemptMarked: true,
    exposures: [{ experimentId: 'exp-1', variant: 'control' }],
    sampling: { basis: 'threshold', probability: 0.5 },
  });
  const users = read.flatMap(({ steps }) => steps.filter(({ requestor }) => requestor === 'user'));
  expect(new Set(users.map(({ tool }) => tool))).toEqual(new Set(['pay']));
});

test('tasks of one declared group are compared with each other, by runs that a threshold kept', async () => {
  const { items } = await evolution.learner.queryPatterns({});
  const heads = items.filter(({ status }) => status === 'observed');
  expect(heads.map(({ predicate }) => predicate.text)).toEqual(['tool:check']);
  expect(heads[0]).toMatchObject({
    strata: { by: 'task x agent' },
    sampling: { basis: 'threshold', weighted: false },
  });
  expect(heads[0]?.explanation.reason).toContain('Within declared groups.');
});

test("wrong today 9: a simulated user's tool, from its span on, is no candidate", async () => {
  const { candidates } = await evolution.learner.candidates();
  const texts = candidates.map(({ predicate }) => predicate.text);
  expect(texts).toContain('tool:check');
  expect(texts.filter((text) => text.includes('pay'))).toEqual([]);
});
