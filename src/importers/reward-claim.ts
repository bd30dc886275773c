import type { RewardClaim } from '../model/reward';
import type { ImportedRun } from './imported-run';
import { asNumber } from './json-value';

export interface ExecutionReward {
  readonly executionId: string;
  /** As it came; `null` and `undefined` say that nobody judged. */
  readonly reward: unknown;
  /** Further dimensions as they came. */
  readonly breakdown: Readonly<Record<string, unknown>>;
  readonly evaluator: string;
  readonly timestampUnixNano: bigint;
  /** Where the run stands in the file. */
  readonly where: string;
}

/**
 * The judgement of a benchmark's own code on one execution. What lies outside 0..1 is kept as it came and
 * is no outcome; what is no finite number is not kept. Both are counted among what was refused, since
 * nothing is learned from them.
 */
export function judge(given: ExecutionReward): Pick<ImportedRun, 'rewards' | 'refused'> {
  const { executionId, reward, evaluator, timestampUnixNano, where } = given;
  const refused: { reason: string; where: string }[] = [];
  const dimensions = Object.create(null) as Record<string, number>;
  for (const [name, entry] of Object.entries(given.breakdown)) {
    const score = asNumber(entry);
    if (score !== null && isScore(score)) dimensions[name] = score;
    else if (entry !== null) refused.push({ reason: `dimension ${name}: ${NO_SCORE}`, where });
  }
  const rawValue = asNumber(reward);
  if (rawValue === null) {
    if (reward !== null && reward !== undefined) {
      refused.push({ reason: 'the reward is not a finite number', where });
    }
    return { rewards: [], refused };
  }
  const value = isScore(rawValue) ? rawValue : null;
  if (value === null) refused.push({ reason: OUTSIDE, where });
  const claim: RewardClaim = {
    id: `${executionId}:reward`,
    target: { kind: 'execution', executionId },
    name: 'reward',
    value,
    rawValue,
    dimensions,
    feedback: null,
    label: null,
    source: 'code',
    evaluator,
    timestampUnixNano,
    supersedes: null,
  };
  return { rewards: [claim], refused };
}

const NO_SCORE = 'not a number of 0 to 1';
const OUTSIDE = 'the reward lies outside 0 to 1: kept as it came, and no outcome';

function isScore(value: number): boolean {
  return value >= 0 && value <= 1;
}
