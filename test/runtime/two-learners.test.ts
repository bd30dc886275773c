import { createEvolution } from '../../src/index';
import { attributes, makeSpan, spanId, traceId } from '../support/make-span';
import { makeReward } from '../store/make-reward';
import { createHarness } from '../store/contract/harness';

const harness = createHarness('sqlite');
afterAll(() => harness.dispose());

test('two learners that take one look at once: the one that loses the race reads what the other has found', async () => {
  const databaseUrl = harness.newUrl();
  const [one, other] = await Promise.all(
    [1, 2].map(() => createEvolution({ databaseUrl, readWaitMillis: 60_000 })),
  );
  const runs = Array.from({ length: 260 }, (_, i) => i + 1);
  await one!.sink.accept({
    spans: runs.map((n) =>
      makeSpan({
        traceId: traceId(n),
        spanId: spanId(n),
        startTimeUnixNano: BigInt(n) * 10n ** 15n,
        endTimeUnixNano: BigInt(n) * 10n ** 15n + 1n,
        attributes: attributes({
          'gen_ai.operation.name': 'invoke_agent',
          'task.id': `task ${n}`,
          'execution.id': `run ${n}`,
          'agent.config': JSON.stringify({ mode: n % 3 === 0 ? 'fast' : 'slow' }),
        }),
      }),
    ),
    rewards: runs.map((n) =>
      makeReward({
        id: `reward ${n}`,
        target: { kind: 'execution', executionId: `run ${n}` },
        value: n % 2,
      }),
    ),
  });
  const summaries = await Promise.all([one!.learner.learn(), other!.learner.learn()]);
  expect(summaries.map(({ executions }) => executions)).toEqual([260, 260]);
  expect((await one!.store.readLooks()).map(({ number }) => number)).toEqual([1]);
  await Promise.all([one!.close(), other!.close()]);
});
