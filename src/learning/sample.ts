import type { ArmSummary } from '../model/pattern';
import type { Moments, Table2x2 } from '../stats';
import { hasBit } from './bitset';
import type { Candidate } from './candidate';
import type { ConfidenceSample } from './confidence-scorer';
import type { OutcomeColumn } from './outcome-column';
import type { StratumCodes } from './strata';
import type { UnitTable } from './unit-table';

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

/** Tables of whether an outcome is known at all (success = known). */
export function countMissing(
  candidate: Candidate,
  column: OutcomeColumn,
  strata: StratumCodes,
): Table2x2[] {
  const known = column.values.map((value) => (Number.isNaN(value) ? 0 : 1));
  return countTables(candidate, { ...column, values: known, successThreshold: 0.5 }, strata);
}

/**
 * One value per task, its mean outcome; tasks in which the feature changes are left out. `strata`
 * are those of the task's runs; runs of several agents put a task into a stratum of that mixture.
 */
export function sampleTasks(
  candidate: Candidate,
  column: OutcomeColumn,
  { codes }: StratumCodes,
  table: UnitTable,
): ConfidenceSample {
  const tasks = new Map<string, TaskSummary>();
  for (let i = 0; i < codes.length; i += 1) {
    const code = codes[i] ?? -1;
    const value = column.values[i] ?? NaN;
    const unit = table.units[i];
    if (code < 0 || Number.isNaN(value) || unit === undefined) continue;
    const task = tasks.get(unit.taskId) ?? { sum: 0, runs: 0, withFeature: 0, codes: new Set() };
    tasks.set(unit.taskId, task);
    task.sum += value;
    task.runs += 1;
    if (hasBit(candidate.bits, i)) task.withFeature += 1;
    task.codes.add(code);
  }
  return { outcome: 'continuous', strata: taskMoments([...tasks.values()]) };
}

/** Counts and means of both sides over the units that the strata hold. */
export function summariseArms(
  candidate: Candidate,
  column: OutcomeColumn,
  { codes }: Pick<StratumCodes, 'codes'>,
): { readonly with: ArmSummary; readonly without: ArmSummary } {
  const [withFeature, without] = [emptyArm(), emptyArm()];
  for (let i = 0; i < codes.length; i += 1) {
    const value = column.values[i] ?? NaN;
    if ((codes[i] ?? -1) < 0 || Number.isNaN(value)) continue;
    const arm = hasBit(candidate.bits, i) ? withFeature : without;
    arm.n += 1;
    arm.sum += value;
    if (value >= column.successThreshold) arm.successes += 1;
  }
  return { with: summaryOf(withFeature), without: summaryOf(without) };
}

interface ArmSums {
  n: number;
  successes: number;
  sum: number;
}

function emptyArm(): ArmSums {
  return { n: 0, successes: 0, sum: 0 };
}

function summaryOf({ n, successes, sum }: ArmSums): ArmSummary {
  return { n, successes, mean: n === 0 ? null : sum / n };
}

interface TaskSummary {
  sum: number;
  runs: number;
  withFeature: number;
  readonly codes: Set<number>;
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

function taskMoments(tasks: readonly TaskSummary[]): StratumMoments[] {
  const known = new Map<string, number>();
  const constant = tasks.filter((task) => task.withFeature === 0 || task.withFeature === task.runs);
  const coded = constant.map((task) => {
    const name = [...task.codes].sort((a, b) => a - b).join();
    const code = known.get(name) ?? known.size;
    known.set(name, code);
    return { code, task };
  });
  const add = momentsByStratum(known.size);
  for (const { code, task } of coded) add.value(code, task.withFeature > 0, task.sum / task.runs);
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
