import type { RewardClaim } from '../../src/model/reward';

/** A reward of 1 for the execution `e`; say only what the test is about. */
export function makeReward(change: Partial<RewardClaim> = {}): RewardClaim {
  return {
    id: 'reward-1',
    target: { kind: 'execution', executionId: 'e' },
    name: 'reward',
    value: 1,
    rawValue: 1,
    dimensions: {},
    feedback: null,
    label: null,
    source: 'code',
    evaluator: null,
    timestampUnixNano: 1_700_000_000_000_000_000n,
    supersedes: null,
    ...change,
  };
}
