import type { ArmSummary } from '../../model/pattern';
import type { Moments, Table2x2 } from '../../stats';
import { hasBit } from '../units/bitset';
import type { Candidate } from '../candidates/candidate';
import type { ConfidenceSample } from './confidence-scorer';
import type { OutcomeColumn } from '../units/outcome-column';
import type { StratumCodes } from './strata';

/** Outcomes with and without a candidate's feature in each stratum, one value per run. */
export function sampleRuns(
  candidate: Candidate,
  column: OutcomeColumn,
  strata: StratumCodes,
): ConfidenceSample {
  return column.binary
    ? { outcome: 'binary', strata: countTables(candidate, column, strata) }
    : { outcome: 'continuous', strata: runMoments(candidate, column, strata) };
}

/** 2x2 tables per stratum; success = outcome at or above the threshold. */
export function countTables(
  candidate: Candidate,
  column: OutcomeColumn,
  { codes, count }: StratumCodes,
): Table2x2[] {
  const cells = new Int32Array(4 * count);
  for (let i = 0; i < codes.length; i += 1) {
    const code = codes[i] ?? -1;
    const value = column.values[i] ?? NaN;
    if (code < 0 || Number.isNaN(value)) continue;
    const cell =
      4 * code + (hasBit(candidate.bits, i) ? 0 : 2) + (value >= column.successThreshold ? 0 : 1);
    cells[cell] = (cells[cell] ?? 0) + 1;
  }
  return Array.from({ length: count }, (_, code) => {
    const [a = 0, b = 0, c = 0, d = 0] = cells.subarray(4 * code, 4 * code + 4);
    return { a, b, c, d };
  });
}

/**
 * Counts and means of both sides over the units that the strata hold.
 *
 * @param weights - of units, where they differ: means are weighted, counts are of what is here
 */
export function summariseArms(
  candidate: Candidate,
  column: OutcomeColumn,
  { codes }: Pick<StratumCodes, 'codes'>,
  weights: Float64Array | null,
): { readonly with: ArmSummary; readonly without: ArmSummary } {
  const [withFeature, without] = [emptyArm(), emptyArm()];
  for (let i = 0; i < codes.length; i += 1) {
    const value = column.values[i] ?? NaN;
    if ((codes[i] ?? -1) < 0 || Number.isNaN(value)) continue;
    const arm = hasBit(candidate.bits, i) ? withFeature : without;
    const weight = weights?.[i] ?? 1;
    arm.n += 1;
    arm.weight += weight;
    arm.sum += weight * value;
    if (value >= column.successThreshold) arm.successes += 1;
  }
  const isLog = column.guard !== undefined;
  return { with: summaryOf(withFeature, isLog), without: summaryOf(without, isLog) };
}

interface ArmSums {
  n: number;
  successes: number;
  weight: number;
  sum: number;
}

function emptyArm(): ArmSums {
  return { n: 0, successes: 0, weight: 0, sum: 0 };
}

/** Of what is spent the geometric mean. */
function summaryOf({ n, successes, weight, sum }: ArmSums, isLog: boolean): ArmSummary {
  if (n === 0) return { n, successes, mean: null };
  return { n, successes, mean: isLog ? Math.exp(sum / weight) : sum / weight };
}

type StratumMoments = { withFeature: Moments; without: Moments };

function runMoments(
  candidate: Candidate,
  column: OutcomeColumn,
  { codes, count }: StratumCodes,
): StratumMoments[] {
  const add = momentsByStratum(count);
  for (let i = 0; i < codes.length; i += 1) {
    const code = codes[i] ?? -1;
    const value = column.values[i] ?? NaN;
    if (code >= 0 && !Number.isNaN(value)) add.value(code, hasBit(candidate.bits, i), value);
  }
  return add.finish();
}

/** Welford's update in place: a million units times a thousand candidates make no garbage. */
function momentsByStratum(count: number): {
  value(code: number, withFeature: boolean, value: number): void;
  finish(): StratumMoments[];
} {
  const n = new Int32Array(2 * count);
  const mean = new Float64Array(2 * count);
  const m2 = new Float64Array(2 * count);
  const side = (index: number): Moments => ({
    n: n[index] ?? 0,
    mean: mean[index] ?? 0,
    m2: m2[index] ?? 0,
  });
  return {
    value(code, withFeature, value) {
      const index = 2 * code + (withFeature ? 0 : 1);
      const size = (n[index] ?? 0) + 1;
      const before = value - (mean[index] ?? 0);
      const after = (mean[index] ?? 0) + before / size;
      n[index] = size;
      mean[index] = after;
      m2[index] = (m2[index] ?? 0) + before * (value - after);
    },
    finish: () =>
      Array.from({ length: count }, (_, code) => ({
        withFeature: side(2 * code),
        without: side(2 * code + 1),
      })),
  };
}
