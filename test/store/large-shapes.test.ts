import type { EvolutionStore } from '../../src/model/ports';
import type { InterpretedSpan } from '../../src/model/span';
import { spanId, traceId } from '../support/make-span';
import { createHarness, interpreted } from './contract/harness';

/** STORE_LARGE=50 makes them as large as they may come: 100,000 runs, 100,000 spans over 1,000 traces, 200,000 spans. */
const times = Number(process.env.STORE_LARGE ?? 1);
const batch = 1_000;
const minutes = 60_000 * Math.max(1, times);
const later = 9n * 10n ** 18n;

describe('what is large', () => {
  const harness = createHarness('sqlite');
  afterAll(() => harness.dispose());

  it(
    `a task with ${2_000 * times} runs`,
    async () => {
      const store = await harness.open({ readWaitMillis: minutes });
      const runs = 2_000 * times;
      await writeAll(store, runs, (n) =>
        interpreted(
          { traceId: traceId(n + 1), startTimeUnixNano: BigInt(n), endTimeUnixNano: BigInt(n + 1) },
          { role: 'agent', taskId: 'hot', executionId: `run ${n}`, attempt: n + 1 },
        ),
      );
      expect((await store.listTasks({})).items).toMatchObject([{ id: 'hot', executions: runs }]);
      expect(await store.closeExecutions({ nowUnixNano: later, rule: 'ended' })).toBe(runs);
      expect(await frozen(store)).toBe(runs);
      expect((await store.getTask('hot'))?.status).toBe('completed');
    },
    minutes,
  );

  it(
    `an execution with ${2_000 * times} spans over ${20 * times} traces`,
    async () => {
      const store = await harness.open({ readWaitMillis: minutes });
      const spans = 2_000 * times;
      const traces = 20 * times;
      await writeAll(store, spans, (n) =>
        interpreted(
          {
            traceId: traceId((n % traces) + 1),
            spanId: spanId(n + 1),
            startTimeUnixNano: BigInt(n),
          },
          {
            role: n === 0 ? 'agent' : 'tool',
            taskId: 'long',
            executionId: 'session',
            tool: 'look',
          },
        ),
      );
      expect(await store.getExecution('session')).toMatchObject({ spans, toolCalls: spans - 1 });
      expect(await store.closeExecutions({ nowUnixNano: later, rule: 'ended' })).toBe(1);
      expect(await frozen(store)).toBe(1);
    },
    minutes,
  );

  it(
    `one trace of ${4_000 * times} spans, of which the last names the execution`,
    async () => {
      const store = await harness.open({ readWaitMillis: minutes });
      const spans = 4_000 * times;
      await writeAll(store, spans, (n) =>
        interpreted(
          {
            traceId: traceId(1),
            spanId: spanId(n + 1),
            parentSpanId: n === 0 ? null : spanId(n),
            startTimeUnixNano: BigInt(n),
          },
          { role: n === 0 ? 'agent' : 'llm', executionId: n === spans - 1 ? 'named' : null },
        ),
      );
      await store.write({
        spans: [interpreted({ traceId: traceId(2) }, { role: 'agent' })],
        rewards: [],
      });
      // The neighbour is there, whatever the long one is waiting for.
      expect(await store.getExecution(traceId(2))).toMatchObject({ spans: 1 });
      const { items } = await store.listExecutions({});
      expect(items.reduce((sum, one) => sum + one.spans, 0)).toBe(spans + 1);
      expect(await store.closeExecutions({ nowUnixNano: later, rule: 'ended' })).toBe(items.length);
    },
    minutes,
  );
});

async function writeAll(
  store: EvolutionStore,
  count: number,
  make: (n: number) => InterpretedSpan,
): Promise<void> {
  for (let from = 0; from < count; from += batch) {
    const size = Math.min(batch, count - from);
    const spans = Array.from({ length: size }, (_, n) => make(from + n));
    const { refused } = await store.write({ spans, rewards: [] });
    expect(refused).toEqual([]);
  }
}

async function frozen(store: EvolutionStore): Promise<number> {
  let count = 0;
  for (let cursor = 0; ;) {
    const page = await store.readFrozen(cursor, 1_000);
    count += page.executions.length;
    if (page.executions.length === 0) return count;
    cursor = page.cursor;
  }
}
