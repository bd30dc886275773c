import fc from 'fast-check';
import type { EvolutionStore } from '../../src/model/ports';
import {
  bigWorlds,
  type GivenSpan,
  type Item,
  shuffle,
  spanOf,
  split,
} from './contract/permutations';

/** A world of some seventy spans and rewards that meet, in an order and in batches of the seed's own. */
export function batchesOf(seed: number): readonly (readonly Item[])[] {
  const [items = []] = fc.sample(bigWorlds, { seed, numRuns: 1 });
  const [numbers = []] = fc.sample(fc.array(fc.nat(), { minLength: 500, maxLength: 500 }), {
    seed,
    numRuns: 1,
  });
  const random = numbers.values();
  return split(shuffle(items, random), random);
}

export async function writeOne(store: EvolutionStore, batch: readonly Item[]): Promise<void> {
  await store.write({
    spans: batch.flatMap((item) => (item.kind === 'span' ? [item.span] : [])),
    rewards: batch.flatMap((item) => (item.kind === 'reward' ? [item.reward] : [])),
  });
}

/** Everything is closed, frozen and in the learner's cut. */
export async function closeAll(store: EvolutionStore): Promise<void> {
  await store.closeExecutions({ nowUnixNano: 9n * 10n ** 18n, rule: 'ended' });
  await store.admitCut(10n * 10n ** 18n);
}

/**
 * What is done to a closed world, each step again from its beginning where it was killed: a new reading under which spans
 * cost more and others belong to other executions, the removal of a task, the removal of what is old.
 */
export const upkeepSteps: readonly ((store: EvolutionStore) => Promise<unknown>)[] = [
  (store) =>
    store.reinterpret({
      interpret: (span) => {
        const given = JSON.parse(span.attributes['says'] as string) as GivenSpan;
        const executionId = given.executionId === 'e1' ? 'e3' : given.executionId;
        const costUsd = (given.costUsd ?? 0) + 1;
        return { span, meaning: spanOf({ ...given, executionId, costUsd }).meaning };
      },
    }),
  (store) => store.derive(60_000),
  (store) => store.remove({ taskId: 't1' }),
  (store) => store.remove({ olderThanUnixNano: 8n }),
  (store) => store.derive(60_000),
];
