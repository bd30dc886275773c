import { createEvolution, type Evolution } from '../../src/index';
import type { LogRecord } from '../../src/model/span';
import { makeReward } from '../store/make-reward';
import { attributes, makeSpan, spanId, testResource, traceId } from '../support/make-span';

let evolution: Evolution;
beforeEach(async () => {
  evolution = await createEvolution({ databaseUrl: 'sqlite::memory:' });
});
afterEach(() => evolution.close());

const now = BigInt(Date.now()) * 1_000_000n;

function run(i: number): ReturnType<typeof makeSpan> {
  return makeSpan({
    traceId: traceId(i + 1),
    spanId: spanId(1),
    startTimeUnixNano: now + BigInt(i),
    endTimeUnixNano: now + BigInt(i + 1_000),
    attributes: attributes({
      'task.id': `task ${i}`,
      'execution.id': `run ${i}`,
      'gen_ai.operation.name': 'invoke_agent',
    }),
  });
}

/** As LaunchDarkly, GrowthBook or Unleash send it through OpenFeature's hook. */
function evaluation(i: number, variant: string, change: Partial<LogRecord> = {}): LogRecord {
  return {
    eventName: 'feature_flag.evaluation',
    traceId: traceId(i + 1),
    spanId: spanId(1),
    timeUnixNano: now + BigInt(i + 5),
    attributes: attributes({
      'feature_flag.key': 'window',
      'feature_flag.result.variant': variant,
      'feature_flag.provider.name': 'launchdarkly',
    }),
    resource: testResource,
    ...change,
  };
}

test('an experiment that another provider runs is analysed by its log records, in any order, sent twice', async () => {
  const { id } = await evolution.experiments.create({
    name: 'theirs',
    key: 'window',
    variants: [{ name: 'head' }, { name: 'tail' }],
    trafficSplit: [0.5, 0.5],
    successMetric: 'success',
  });
  const variantOf = (i: number): string => ((i * 7919) % 11 < 5 ? 'head' : 'tail');
  const runs = Array.from({ length: 400 }, (_, i) => i);
  const logs = runs.map((i) => evaluation(i, variantOf(i)));
  await evolution.sink.accept({ spans: [], logs });
  await evolution.sink.accept({
    spans: runs.map(run),
    logs,
    rewards: runs.map((i) =>
      makeReward({
        id: `r${i}`,
        target: { kind: 'execution', executionId: `run ${i}` },
        value: variantOf(i) === 'tail' || i % 3 === 0 ? 1 : 0,
      }),
    ),
  });
  const analysis = await evolution.experiments.analyze(id);
  expect(analysis).toMatchObject({ decision: 'ship', winner: 'tail', units: 400 });
  const { spans } = (await evolution.store.getExecution('run 0'))!;
  expect(spans).toBe(2);
});

test('what names no flag or no run is refused, in its place among the logs', async () => {
  const { refused } = await evolution.sink.accept({
    spans: [run(1)],
    logs: [
      evaluation(1, 'tail'),
      evaluation(1, 'tail', { attributes: attributes({}) }),
      evaluation(1, 'tail', { traceId: null, spanId: null }),
    ],
  });
  expect(refused).toEqual([
    { part: 'logs', index: 1, reason: 'feature_flag.evaluation without feature_flag.key' },
    {
      part: 'logs',
      index: 2,
      reason:
        'feature_flag.evaluation of "window" names no trace, so no run; emit it inside of a span',
    },
  ]);
});
