import type { RewardClaim } from '../model/reward';
import { asNumber } from './json-value';

export interface ExecutionReward {
  readonly executionId: string;
  readonly value: number | null;
  /** Further dimensions as they came; what is no number of 0..1 is left out. */
  readonly breakdown: Readonly<Record<string, unknown>>;
  readonly evaluator: string;
  readonly timestampUnixNano: bigint;
}

/** The judgement of a benchmark's own code on one execution. */
export function rewardClaim(reward: ExecutionReward): RewardClaim {
  const { executionId, value, evaluator, timestampUnixNano } = reward;
  const dimensions = Object.create(null) as Record<string, number>;
  for (const [name, entry] of Object.entries(reward.breakdown)) {
    const score = asNumber(entry);
    if (score !== null && isScore(score)) dimensions[name] = score;
  }
  return {
    id: `${executionId}:reward`,
    target: { kind: 'execution', executionId },
    name: 'reward',
    value: value !== null && isScore(value) ? value : null,
    rawValue: value,
    dimensions,
    feedback: null,
    label: null,
    source: 'code',
    evaluator,
    timestampUnixNano,
    supersedes: null,
  };
}

function isScore(value: number): boolean {
  return value >= 0 && value <= 1;
}
