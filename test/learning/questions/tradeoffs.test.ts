import { findTradeoffs } from '../../../src/learning/questions/tradeoffs';
import type { ClosedExecution } from '../../../src/model/learning';
import { seededRandom } from '../../../src/stats';
import { attributes } from '../../support/make-span';
import { makeExecution } from '../../support/make-execution';
import { runSource } from '../../support/run-source';

interface Arm {
  readonly model: string;
  readonly accuracy: number;
  readonly cost: number;
  readonly runs?: number;
}

function world(arms: readonly Arm[]): ClosedExecution[] {
  const random = seededRandom('tradeoffs');
  let n = 0;
  return arms.flatMap(({ model, accuracy, cost, runs = 150 }) =>
    Array.from({ length: runs }, () =>
      makeExecution((n += 1), {
        config: attributes({ model }),
        outcome: { reward: random() < accuracy ? 1 : 0 },
        costUsd: cost * (0.8 + 0.4 * random()),
      }),
    ),
  );
}

const large = { model: 'large', accuracy: 0.9, cost: 1 };
const small = { model: 'small', accuracy: 0.6, cost: 0.1 };
const worst = { model: 'worst', accuracy: 0.3, cost: 2 };

test('what another arm beats in every dimension is dominated; the rest are the Pareto set', async () => {
  const found = await findTradeoffs(runSource(world([large, small, worst])), {});
  expect(found.dimensions).toEqual([
    { name: 'cost_usd', better: 'lower' },
    { name: 'reward', better: 'higher' },
  ]);
  expect([...found.pareto].sort()).toEqual(['model=large', 'model=small']);
  const beaten = found.arms.find(({ label }) => label === 'model=worst')!;
  expect([...beaten.dominatedBy].sort()).toEqual(['model=large', 'model=small']);
  expect(found.conflicts).toEqual([
    `cost_usd is best with "model=small", reward with "model=large": each is worse than the other in the other's dimension.`,
  ]);
});

test('a difference within the bounds dominates nothing', async () => {
  const close = { model: 'close', accuracy: 0.88, cost: 1.01 };
  const found = await findTradeoffs(runSource(world([large, close])), {});
  expect(found.pareto).toHaveLength(2);
  expect(found.conflicts).toEqual([]);
});

test('weights that were declared make a score', async () => {
  const runs = runSource(world([large, small]));
  const accurate = await findTradeoffs(runs, { weights: { reward: 9, cost_usd: 1 } });
  const thrifty = await findTradeoffs(runs, { weights: { reward: 1, cost_usd: 9 } });
  const scoreOf = (found: typeof accurate, label: string) =>
    found.arms.find((arm) => arm.label === label)!.score!;
  expect(scoreOf(accurate, 'model=large')).toBeCloseTo(0.9, 6);
  expect(scoreOf(thrifty, 'model=small')).toBeCloseTo(0.9, 6);
  await expect(findTradeoffs(runs, { weights: { reward: -1 } })).rejects.toThrow(/positive number/);
});

test('runs that are left out are counted with the reason', async () => {
  const runs = world([large, { ...small, runs: 10 }]).map((run, n) =>
    n < 5 ? { ...run, costUsd: null } : run,
  );
  const found = await findTradeoffs(runSource(runs), {});
  expect(found.leftOut).toEqual([
    { reason: 'without a value of cost_usd', runs: 5 },
    { reason: 'of arms with fewer than 30 runs, or beyond the 24 with most', runs: 10 },
  ]);
  expect(found.sentence).toMatch(
    /^Nothing to compare: only 1 variant or configuration has 30 runs/,
  );
});

test('nothing at all is no error', async () => {
  expect(await findTradeoffs(runSource([]), {})).toMatchObject({ arms: [], pareto: [] });
});
