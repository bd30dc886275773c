import { formatLearnResult } from '../../src/cli/format/patterns';
import type { RewardClaim } from '../../src/model/reward';
import { createEvolution, type Evolution } from '../../src/runtime';
import { diagnoseServed } from '../../src/runtime/diagnose';
import { findRewardFloods } from '../../src/runtime/reward-floods';
import { makeReward } from '../store/make-reward';

let evolution: Evolution;
beforeEach(async () => {
  evolution = await createEvolution({ databaseUrl: 'sqlite::memory:' });
});
afterEach(() => evolution.close());

const give = (count: number, make: (n: number) => Partial<RewardClaim>) =>
  evolution.store.write({
    spans: [],
    rewards: Array.from({ length: count }, (_, n) => makeReward(make(n))),
  });
const of = (run: number): RewardClaim['target'] => ({
  kind: 'execution',
  executionId: `run-${run}`,
});
const rewardsCheck = async () =>
  (await diagnoseServed(evolution.store)).find(({ name }) => name === 'rewards')!;

test('wrong today, bad input: a source that floods is named by learn and doctor, with what counts of it', async () => {
  await give(900, (n) => ({ id: `bot-${n}`, target: of(n % 3), evaluator: 'bot', source: 'llm' }));
  await give(40, (n) => ({ id: `ann-${n}`, target: of(n), evaluator: 'ann', source: 'human' }));
  const said =
    'One source floods: llm "bot" gave 900 of the latest 940 rewards, as "reward", for 3 targets (up to 300 for one). ' +
    'Of each its latest word counts, as one voice; the other 897 do not.';
  const summary = await evolution.learner.learn();
  expect(summary.notes).toEqual([said]);
  expect(formatLearnResult(summary, { columns: null })).toContain(said);
  expect(await rewardsCheck()).toMatchObject({ ok: false, detail: said });
});

test('who judges each of very many things once floods nothing', async () => {
  await give(2_000, (n) => ({ id: `bot-${n}`, target: of(n), evaluator: 'bot' }));
  expect((await evolution.learner.learn()).notes).toEqual([]);
  expect(await rewardsCheck()).toMatchObject({ ok: true, hint: null });
});

test('who says no name is one source; one run judged two hundred times among many is a flood', async () => {
  await give(300, (n) => ({ id: `a-${n}`, target: of(n) }));
  await give(200, (n) => ({ id: `b-${n}`, target: of(7) }));
  const { floods } = await findRewardFloods(evolution.store);
  expect(floods).toEqual([
    { source: 'code', evaluator: null, name: 'reward', rewards: 500, targets: 300, most: 201 },
  ]);
});

test('without a reward there is nothing to say, and of very many only the latest are read', async () => {
  expect(await rewardsCheck()).toMatchObject({ ok: true, detail: 'none is stored' });
  let pages = 0;
  const page = Array.from({ length: 1_000 }, (_, n) => ({
    ...makeReward({ id: String(n) }),
    superseded: false,
    resolved: true,
  }));
  const endless = {
    queryRewards: () => {
      pages += 1;
      return Promise.resolve({ items: page, nextCursor: 'more' });
    },
  };
  expect(await findRewardFloods(endless)).toMatchObject({ looked: 10_000 });
  expect(pages).toBe(10);
});
