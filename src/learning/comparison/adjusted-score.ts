import {
  adjustedScoreTest,
  normalQuantile,
  type AdjustedScoreTest,
  type Adjustment,
} from '../../stats';
import { hasBit, type Bitset } from '../units/bitset';
import type { Candidate } from '../candidates/candidate';
import type { Comparison } from './comparison';
import type { ConfidenceScore } from './confidence-scorer';
import type { Frame } from './frames';
import type { OutcomeColumn } from '../units/outcome-column';

/** Units that a test must rest on, and comparable units on each side. */
const leastEffective = 20;

/** Tasks that a comparison between tasks needs. */
const leastTasks = 30;

/** A setting that others explain to this share cannot be told apart from them. */
const mostExplained = 0.95;

/** The adjusted score test of a candidate in its frame, with what people read beside it. */
export function scoreAdjusted(
  candidate: Candidate,
  comparison: Comparison,
  frame: Frame,
  column: OutcomeColumn,
  level: number,
): ConfidenceScore {
  const { adjustment, y, tasks } = frame;
  const feature = featureColumn(candidate.bits, column.values.length);
  const test = adjustedScoreTest(adjustment, adjustment.residuals(feature), y, tasks);
  const sides = comparableUnits(candidate.bits, adjustment);
  const common = {
    level,
    nWith: sides.nWith,
    nWithout: sides.nWithout,
    strata: { used: adjustment.groupSize.length, informative: sides.informative },
    oddsRatio: column.binary ? oddsRatioByGroup(feature, column, adjustment) : null,
    nEffective: test?.nEffective ?? 0,
  };
  const reason = whyNotTestable(test, sides, comparison, frame, feature, candidate);
  if (test === null || reason !== null) {
    const shown = test === null ? noEffect : effectOf(test, level);
    return { ...common, ...shown, ...untested, reason: reason ?? 'nothing varies' };
  }
  return {
    ...common,
    ...effectOf(test, level),
    test: 'adjusted_score',
    statistic: test.statistic,
    df: 1,
    pValue: test.pValue,
    reason: null,
  };
}

const untested = { test: 'none', statistic: null, df: null, pValue: 1 } as const;
const noEffect = { effect: null, interval: null } as const;

function effectOf(
  { estimate, standardError }: AdjustedScoreTest,
  level: number,
): Pick<ConfidenceScore, 'effect' | 'interval'> {
  const half = normalQuantile(1 - (1 - level) / 2) * standardError;
  return {
    effect: { measure: 'adjusted_difference', estimate, standardError },
    interval: { lower: estimate - half, upper: estimate + half },
  };
}

/** 0/1 by unit position. */
export function featureColumn(bits: Bitset, size: number): Float64Array {
  const values = new Float64Array(size);
  for (let i = 0; i < size; i += 1) if (hasBit(bits, i)) values[i] = 1;
  return values;
}

interface Comparable {
  readonly nWith: number;
  readonly nWithout: number;
  readonly informative: number;
}

/** Units of the groups in which the feature varies. */
function comparableUnits(bits: Bitset, { units, groupOf, groupSize }: Adjustment): Comparable {
  const withFeature = new Int32Array(groupSize.length);
  units.forEach((position, i) => {
    const g = groupOf[i] ?? 0;
    if (hasBit(bits, position)) withFeature[g] = (withFeature[g] ?? 0) + 1;
  });
  let [nWith, nWithout, informative] = [0, 0, 0];
  groupSize.forEach((size, g) => {
    const count = withFeature[g] ?? 0;
    if (count === 0 || count === size) return;
    nWith += count;
    nWithout += size - count;
    informative += 1;
  });
  return { nWith, nWithout, informative };
}

function whyNotTestable(
  test: AdjustedScoreTest | null,
  { nWith, nWithout }: Comparable,
  { rule, ownKnobs }: Comparison,
  frame: Frame,
  feature: Float64Array,
  { preTreatment }: Candidate,
): string | null {
  const nEffective = test?.nEffective ?? 0;
  const isThin = nEffective < leastEffective;
  if (isThin || (preTreatment && ownKnobs.length > 0)) {
    const twin = settingThatExplains(feature, frame, isThin);
    if (twin !== null) return `cannot be told apart from config:${twin}`;
  }
  if (isThin || Math.min(nWith, nWithout) < leastEffective) {
    const where = rule === 'adjusted' ? ', of tasks that were run both ways' : '';
    // Many runs may weigh little: where the time or the agent goes with the feature, nothing is left to compare.
    const weigh =
      Math.min(nWith, nWithout) < leastEffective
        ? `${leastEffective} of each are needed`
        : `which weigh as ${Math.floor(nEffective)} once what goes with them is held fixed, and ${leastEffective} are needed`;
    return `not enough comparable runs: ${nWith} with it, ${nWithout} without${where}; ${weigh}`;
  }
  if (frame.tasks !== undefined && frame.tasks.tasks < leastTasks) {
    return `only ${frame.tasks.tasks} tasks: a comparison between tasks needs ${leastTasks}`;
  }
  return null;
}

/** The setting that takes most of the feature, if the settings take too much of it. */
function settingThatExplains(
  feature: Float64Array,
  { adjustment, beforeSettings, freedOf }: Frame,
  isThin: boolean,
): string | null {
  if (freedOf.length === 0) return null;
  const variation = (of: Adjustment): number =>
    of.residuals(feature).reduce((sum, value) => sum + value * value, 0);
  const before = variation(beforeSettings);
  const left = variation(adjustment);
  // Where little was there before the settings, they are not what is in the way.
  if (before <= 0 || left > (isThin ? 0.5 : 1 - mostExplained) * before) return null;
  const shares = freedOf.map(({ key, columns }) => ({
    key,
    left: variation(beforeSettings.freedOf(columns)),
  }));
  return shares.sort((a, b) => a.left - b.left)[0]?.key ?? null;
}

/** Mantel-Haenszel over groups, Σ(ad/n) / Σ(bc/n): shown beside the test, not tested. */
function oddsRatioByGroup(
  feature: Float64Array,
  column: OutcomeColumn,
  { units, groupOf, groupSize }: Adjustment,
): number | null {
  const cells = new Int32Array(4 * groupSize.length);
  units.forEach((position, i) => {
    const success = (column.values[position] ?? 0) >= column.successThreshold;
    const at = 4 * (groupOf[i] ?? 0) + (feature[position] === 1 ? 0 : 2) + (success ? 0 : 1);
    cells[at] = (cells[at] ?? 0) + 1;
  });
  let [concordant, discordant] = [0, 0];
  groupSize.forEach((n, g) => {
    const [a = 0, b = 0, c = 0, d = 0] = cells.subarray(4 * g, 4 * g + 4);
    concordant += (a * d) / n;
    discordant += (b * c) / n;
  });
  return discordant === 0 ? null : concordant / discordant;
}
