import fc from 'fast-check';
import type { EvolutionStore } from '../../../src/model/ports';
import type { RewardClaim, RewardSource } from '../../../src/model/reward';
import type { InterpretedSpan, SpanRole } from '../../../src/model/span';
import { attributes, spanId, traceId } from '../../support/make-span';
import { makeReward } from '../make-reward';
import { collect, interpreted, type StoreHarness } from './harness';

export type Item =
  | { readonly kind: 'span'; readonly span: InterpretedSpan }
  | { readonly kind: 'reward'; readonly reward: RewardClaim };

/** Whatever comes first, and however it is cut into batches, the store ends in the same state. */
export function permutationContract(harness: StoreHarness): void {
  it('ends in the same state for any order of arrival and any batch split', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, fc.infiniteStream(fc.nat()), async (items, random) => {
        const expected = await stateAfter(harness, [items]);
        const shuffled = shuffle(items, random);
        expect(await stateAfter(harness, split(shuffled, random))).toEqual(expected);
      }),
      limits(15),
    );
  }, 580_000);

  it('ends in the same state when traces are folded while they are written, in slices of any size', async () => {
    await fc.assert(
      fc.asyncProperty(bigWorlds, fc.infiniteStream(fc.nat()), async (items, random) => {
        const one = await stateAfter(harness, [items]);
        const singles = shuffle(items, random).map((item) => [item]);
        const small = { spansPerSlice: 1 + ((random.next().value as number) % 20) };
        expect(await stateAfter(harness, singles, small)).toEqual(one);
      }),
      limits(4),
    );
  }, 580_000);
}

/** STORE_PROPERTY_RUNS asks for more; the time limit is for shrinking what fails. */
const limits = (numRuns: number) => ({
  numRuns: Number(process.env.STORE_PROPERTY_RUNS ?? numRuns),
  interruptAfterTimeLimit: 400_000,
  markInterruptAsFailure: true,
});

async function stateAfter(
  harness: StoreHarness,
  batches: readonly Item[][],
  slices: { readonly spansPerSlice?: number } = {},
): Promise<unknown> {
  const store = await harness.openWithKey({
    clock: { nowUnixNano: () => 7n },
    // However slow the machine is, a state is compared when it has settled.
    readWaitMillis: 60_000,
    ...slices,
  });
  for (const batch of batches) {
    await store.write({
      spans: batch.flatMap((item) => (item.kind === 'span' ? [item.span] : [])),
      rewards: batch.flatMap((item) => (item.kind === 'reward' ? [item.reward] : [])),
    });
    // Some folds happen in between, as they do when somebody looks.
    if (batch.length % 3 === 0) await store.listTasks({});
  }
  await settled(store);
  const state = await readState(store);
  await store.close();
  return state;
}

/** Nothing is left to derive: a read alone waits for a while only, and the machine may have other work. */
async function settled(store: EvolutionStore): Promise<void> {
  for (;;) {
    await store.listTasks({ limit: 1 });
    const { traces, executions } = (await store.readJobs()).backlog;
    if (traces + executions === 0) return;
  }
}

/** Everything that can be asked, without what arrival itself decides. */
export async function readState(store: EvolutionStore): Promise<unknown> {
  const by = <T>(items: readonly T[], key: (item: T) => string): T[] =>
    [...items].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const links = await collect((cursor) => store.queryLinks({ cursor }));
  const stats = await store.getStats({});
  return {
    spans: by(
      await collect((cursor) => store.querySpans({ cursor })),
      (span) => span.traceId + span.spanId,
    ),
    executions: by(
      await collect((cursor) => store.listExecutions({ cursor })),
      (execution) => execution.id,
    ),
    tasks: by(await collect((cursor) => store.listTasks({ cursor })), (task) => task.id),
    traces: by(await collect((cursor) => store.listTraces({ cursor })), (trace) => trace.traceId),
    rewards: by(await collect((cursor) => store.queryRewards({ cursor })), (reward) => reward.id),
    links: by(links, (link) => JSON.stringify(link)),
    // The database sums doubles in the order it likes.
    stats: { ...stats, costUsd: stats.costUsd?.toFixed(9) },
  };
}

const pick = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const sometimes = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.option(value, { freq: 2, nil: null });
const roles: fc.Arbitrary<SpanRole> = pick('agent', 'llm', 'tool', 'chain', 'other');

const target = fc.oneof(
  pick('e1', 'e2', traceId(1)).map((executionId) => ({ kind: 'execution' as const, executionId })),
  pick('t1', traceId(2)).map((taskId) => ({ kind: 'task' as const, taskId })),
  pick(1, 2).map((trace) => ({ kind: 'trace' as const, traceId: traceId(trace) })),
  fc.tuple(pick(1, 2), pick(1, 2, 3, 4)).map(([trace, span]) => ({
    kind: 'span' as const,
    traceId: traceId(trace),
    spanId: spanId(span),
  })),
  pick('x', 'y').map((value) => ({
    kind: 'query' as const,
    matches: [{ key: 'operation.id', value }],
  })),
);

const reward: fc.Arbitrary<RewardClaim> = fc
  .record({
    id: pick('r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7', 'r8'),
    target,
    name: pick('reward', 'style'),
    value: sometimes(pick(0, 0.25, 1)),
    source: pick<RewardSource>('human', 'llm', 'code'),
    evaluator: sometimes(pick('a', 'b')),
    timestampUnixNano: pick(1n, 2n, 3n),
    supersedes: sometimes(pick('r1', 'r2')),
  })
  .map(makeReward);

const givenSpan = (traces: number, spans: number) =>
  fc.record({
    trace: fc.integer({ min: 1, max: traces }),
    id: fc.integer({ min: 1, max: spans }),
    parent: sometimes(fc.integer({ min: 1, max: spans })),
    start: fc.integer({ min: 1, max: 5 }),
    length: sometimes(fc.integer({ min: 0, max: 3 })),
    error: fc.boolean(),
    role: roles,
    executionId: sometimes(pick('e1', 'e2')),
    taskId: sometimes(pick('t1', 't2')),
    attempt: sometimes(pick(1, 2)),
    status: sometimes(pick('completed' as const, 'failed' as const)),
    success: sometimes(fc.boolean()),
    carrier: fc.nat(9).map((number) => number === 0),
    operation: sometimes(pick('x', 'y')),
    costUsd: sometimes(pick(0.1, 0.2, 0.7)),
    tags: fc.subarray(['red', 'blue']),
    linkTo: sometimes(target.filter(({ kind }) => kind === 'span' || kind === 'query')),
  });

export type GivenSpan = ReturnType<typeof givenSpan> extends fc.Arbitrary<infer T> ? T : never;

const span = (traces: number, spans: number): fc.Arbitrary<Item> =>
  givenSpan(traces, spans).map((given) => ({ kind: 'span' as const, span: spanOf(given) }));

export function spanOf(given: GivenSpan): InterpretedSpan {
  return interpreted(
    {
      traceId: traceId(given.trace),
      spanId: spanId(given.id),
      parentSpanId: given.parent === null ? null : spanId(given.parent),
      startTimeUnixNano: BigInt(given.start),
      endTimeUnixNano: given.length === null ? null : BigInt(given.start + given.length),
      status: { code: given.error ? 2 : 0, message: null },
      attributes: attributes({
        ...(given.operation === null ? {} : { 'operation.id': given.operation }),
        // What a span means follows from what was sent, so two that mean different things differ.
        says: JSON.stringify(given),
      }),
    },
    {
      role: given.role,
      executionId: given.executionId,
      taskId: given.taskId,
      attempt: given.attempt,
      status: given.status,
      success: given.success,
      costUsd: given.costUsd,
      carrier: given.carrier,
      agent: { id: `agent-${given.id}`, name: null, version: null, type: null },
      links:
        given.linkTo === null
          ? []
          : [
              {
                target: given.linkTo as never,
                type: 'tags_for_operation',
                attributes: attributes({}),
                tags: given.tags,
              },
            ],
      tags: given.linkTo === null ? given.tags : [],
    },
  );
}

/** One id is one judgement, so ids of rewards are unique. */
const rewards: fc.Arbitrary<Item[]> = fc
  .uniqueArray(reward, { selector: (claim) => claim.id, maxLength: 6 })
  .map((claims) => claims.map((claim) => ({ kind: 'reward', reward: claim })));

const world = (spans: fc.Arbitrary<Item[]>): fc.Arbitrary<Item[]> =>
  fc.tuple(spans, rewards).map((parts) => parts.flat());

/** Small ids, so that spans meet: same span in several versions, shared executions, rings of parents. */
const worlds = world(fc.array(span(3, 5), { maxLength: 20 }));
export const bigWorlds = world(fc.array(span(6, 12), { minLength: 60, maxLength: 80 }));

export function shuffle<T>(items: readonly T[], random: Iterator<number>): T[] {
  const order = [...items];
  for (let index = order.length - 1; index > 0; index -= 1) {
    const other = (random.next().value as number) % (index + 1);
    [order[index], order[other]] = [order[other]!, order[index]!];
  }
  return order;
}

export function split<T>(items: readonly T[], random: Iterator<number>): T[][] {
  const parts: T[][] = [];
  for (let from = 0; from < items.length;) {
    const size = 1 + ((random.next().value as number) % 6);
    parts.push(items.slice(from, from + size));
    from += size;
  }
  return parts;
}
