import type { RewardBook } from '../model/ports';
import type { Reward } from '../model/reward';

/** One evaluator that judges the same things over and over, under one name. */
export interface RewardFlood {
  readonly source: Reward['source'];
  /** `null`: it does not say who it is. */
  readonly evaluator: string | null;
  readonly name: string;
  readonly rewards: number;
  /** Spans, executions, tasks and traces that it judged. */
  readonly targets: number;
  /** Of one of them. */
  readonly most: number;
}

export interface RewardFloods {
  /** Rewards looked at: the latest, at most {@link latestRewards}. */
  readonly looked: number;
  /** The largest first, at most three. */
  readonly floods: readonly RewardFlood[];
}

export const latestRewards = 10_000;
const pageSize = 1_000;
/** Rewards beyond the first of each target from which on a source is named, */
const leastRepeated = 100;
/** where it gave so many for each target on average, or so many for one. */
const manyOnAverage = 10;
const manyForOne = 100;
const mostNamed = 3;

/**
 * Sources that give far more rewards than they may count for: of an evaluator and name the latest word on a target counts, as
 * one voice beside others. Reads a bounded number, however many are stored.
 *
 * @throws as the store does
 */
export async function findRewardFloods(
  store: Pick<RewardBook, 'queryRewards'>,
): Promise<RewardFloods> {
  const judges = new Map<string, { readonly of: Reward; readonly targets: Map<string, number> }>();
  let looked = 0;
  let cursor: string | undefined;
  do {
    const page = await store.queryRewards({ limit: pageSize, cursor });
    for (const reward of page.items) {
      const { source, evaluator, name } = reward;
      const key = JSON.stringify([source, evaluator, name]);
      const judge = judges.get(key) ?? { of: reward, targets: new Map<string, number>() };
      judges.set(key, judge);
      const target = JSON.stringify(reward.target);
      judge.targets.set(target, (judge.targets.get(target) ?? 0) + 1);
    }
    looked += page.items.length;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && looked < latestRewards);
  const counted = [...judges.values()].map(({ of, targets }): RewardFlood => {
    const { source, evaluator, name } = of;
    const counts = [...targets.values()];
    const rewards = counts.reduce((sum, count) => sum + count, 0);
    return {
      ...{ source, evaluator, name, rewards, targets: targets.size },
      most: counts.reduce((most, count) => Math.max(most, count), 0),
    };
  });
  const floods = counted.filter(isFlood).sort((a, b) => b.rewards - a.rewards);
  return { looked, floods: floods.slice(0, mostNamed) };
}

function isFlood({ rewards, targets, most }: RewardFlood): boolean {
  const isMuch = rewards >= manyOnAverage * targets || most >= manyForOne;
  return rewards - targets >= leastRepeated && isMuch;
}

/** One sentence: who, how much, and what of it counts. */
export function floodSentence(
  { source, evaluator, name, rewards, targets, most }: RewardFlood,
  looked: number,
): string {
  const who = evaluator === null ? `${source} (no evaluator named)` : `${source} "${evaluator}"`;
  return (
    `One source floods: ${who} gave ${number(rewards)} of the latest ${number(looked)} rewards, as "${name}", ` +
    `for ${number(targets)} ${targets === 1 ? 'target' : 'targets'} (up to ${number(most)} for one). Of each its latest word counts, as one voice; ` +
    `the other ${number(rewards - targets)} do not.`
  );
}

const number = (value: number): string => value.toLocaleString('en-US');
