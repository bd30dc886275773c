import type { Adjustment } from './adjustment';
import { chiSquareSf } from './chi-square';

export interface AdjustedScoreTest {
  /** Difference of means within what is compared. */
  readonly estimate: number;
  readonly standardError: number;
  readonly statistic: number;
  readonly df: 1;
  readonly pValue: number;
  /** Units that the test rests on, as if all had the same weight: Sxx² / Σ x̃⁴. */
  readonly nEffective: number;
  /** Sum of squares of the freed feature. */
  readonly sxx: number;
  /** Which of the variances was the largest. */
  readonly variance: 'unit' | 'group' | 'task';
}

/** Units of one task vary together; `strata` means were taken out of the tasks. */
export interface TaskVariance {
  /** Task of each unit of the adjustment, from 0. */
  readonly taskOf: Int32Array;
  readonly tasks: number;
  readonly strata: number;
}

/**
 * Score test of no association between two columns freed of the same things.
 *
 * U = Σ x̃ỹ against the larger of `V_unit` = Σ x̃²ỹ²/(1 - h), which holds whatever the spread of the
 * outcome depends on, and `V_group` = Σ_g (Σ x̃²)(Σ ỹ²)/(m_g - 1) · (N - G)/(N - G - k), which holds
 * where feature and outcome are rare; with `tasks` also of `V_task` = Σ_t (Σ x̃ỹ)² · T/(T - S).
 * Chi-square U²/V with one degree of freedom; effect U/Sxx with standard error √V/Sxx.
 *
 * @param x, y - residuals of feature and outcome under `adjustment`
 * @returns `null` where nothing is left of the feature or the outcome, or no degree of freedom
 */
export function adjustedScoreTest(
  adjustment: Adjustment,
  x: Float64Array,
  y: Float64Array,
  tasks?: TaskVariance,
): AdjustedScoreTest | null {
  const { groupSize, rank } = adjustment;
  const degrees = x.length - groupSize.length;
  if (degrees - rank < 1) return null;
  const { score, sxx, fourth, byUnit, groupX, groupY } = sums(adjustment, x, y);
  if (!(sxx > leastVariation)) return null;
  let byGroup = 0;
  for (let g = 0; g < groupSize.length; g += 1) {
    byGroup += ((groupX[g] as number) * (groupY[g] as number)) / ((groupSize[g] as number) - 1);
  }
  byGroup *= degrees / (degrees - rank);
  const byTask = tasks === undefined ? 0 : taskVariance(x, y, tasks);
  const variance = Math.max(byUnit, byGroup, byTask);
  if (!(variance > leastVariation * sxx)) return null;
  const statistic = (score * score) / variance;
  return {
    estimate: score / sxx,
    standardError: Math.sqrt(variance) / sxx,
    statistic,
    df: 1,
    pValue: chiSquareSf(statistic, 1),
    nEffective: (sxx * sxx) / fourth,
    sxx,
    variance: variance === byTask ? 'task' : variance === byGroup ? 'group' : 'unit',
  };
}

/** Below this, what is left of a column is rounding. */
const leastVariation = 1e-9;

interface Sums {
  readonly score: number;
  readonly sxx: number;
  readonly fourth: number;
  readonly byUnit: number;
  readonly groupX: Float64Array;
  readonly groupY: Float64Array;
}

function sums(
  { groupOf, groupSize, leverage }: Adjustment,
  x: Float64Array,
  y: Float64Array,
): Sums {
  const groupX = new Float64Array(groupSize.length);
  const groupY = new Float64Array(groupSize.length);
  let [score, sxx, fourth, byUnit] = [0, 0, 0, 0];
  for (let i = 0; i < x.length; i += 1) {
    const [u, v, g] = [x[i] as number, y[i] as number, groupOf[i] as number];
    const [uu, vv] = [u * u, v * v];
    score += u * v;
    sxx += uu;
    fourth += uu * uu;
    // A unit with leverage 1 is fitted exactly: its residuals are 0 and say nothing.
    const free = 1 - (leverage[i] as number);
    if (free > leastVariation) byUnit += (uu * vv) / free;
    groupX[g] = (groupX[g] as number) + uu;
    groupY[g] = (groupY[g] as number) + vv;
  }
  return { score, sxx, fourth, byUnit, groupX, groupY };
}

function taskVariance(
  x: Float64Array,
  y: Float64Array,
  { taskOf, tasks, strata }: TaskVariance,
): number {
  if (tasks <= strata) return Infinity;
  const scores = new Float64Array(tasks);
  for (let i = 0; i < x.length; i += 1) {
    const t = taskOf[i] as number;
    scores[t] = (scores[t] as number) + (x[i] as number) * (y[i] as number);
  }
  return (scores.reduce((sum, score) => sum + score * score, 0) * tasks) / (tasks - strata);
}
