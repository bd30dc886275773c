import type { Candidate } from '../candidates/candidate';
import type { Comparison } from '../comparison/comparison';
import type { OutcomeColumn } from '../units/outcome-column';
import type { Workbench } from '../comparison/workbench';

/** When tests on fresh units are due, and what they must reach. */
export interface FreshSchedule {
  /** Fresh units of the first test; every further one waits for twice as many. */
  readonly firstUnits: number;
  readonly bar: (promotion: Pick<Promotion, 'look' | 'heads'>, step: number) => number;
}

export interface FreshTest {
  /** From 1. */
  readonly step: number;
  readonly units: number;
  /** One-sided, in the promoted direction. */
  readonly pValue: number;
  /** What it must reach. */
  readonly bar: number;
  readonly estimate: number | null;
}

export interface Promotion {
  readonly candidate: Candidate;
  readonly column: OutcomeColumn;
  readonly comparison: Comparison;
  /** Look that promoted it first, and how many heads that look promoted. */
  readonly look: number;
  readonly heads: number;
  readonly sign: number;
  /** Position of the first unit that look did not see. */
  readonly freshFrom: number;
}

/** .05 over all looks, steps and heads together. */
export function confirmationBar({ look, heads }: Pick<Promotion, 'look' | 'heads'>, step: number) {
  return (0.05 * (6 / Math.PI ** 2) ** 2) / (look ** 2 * step ** 2 * heads);
}

const confirmationSchedule: FreshSchedule = { firstUnits: 250, bar: confirmationBar };

/** The watch over a finding that was marked as resolved: .05 over all steps, from the mark on. */
export const watchSchedule: FreshSchedule = {
  firstUnits: 100,
  bar: (_, step) => (0.05 * 6) / (Math.PI * step) ** 2,
};

/**
 * The tests on fresh units that are due and not yet run: on the first 250, 500, 1,000, … units with an
 * outcome after the promoting look, everything made anew from these alone. It ends with the first that
 * reaches its bar.
 */
export function runFreshTests(
  promotion: Promotion,
  stepsRun: number,
  bench: Workbench,
  schedule: FreshSchedule = confirmationSchedule,
): FreshTest[] {
  const { candidate, column, comparison, freshFrom, sign } = promotion;
  const fresh: number[] = [];
  for (let i = freshFrom; i < column.values.length; i += 1) {
    if (!Number.isNaN(column.values[i] ?? NaN)) fresh.push(i);
  }
  const tests: FreshTest[] = [];
  for (let step = stepsRun + 1; ; step += 1) {
    const units = schedule.firstUnits * 2 ** (step - 1);
    const end = fresh[units - 1];
    if (end === undefined) return tests;
    const values = column.values.map((value, i) => (i < freshFrom || i > end ? NaN : value));
    const { effect, pValue, reason } = bench.score(
      candidate,
      { ...column, values, known: units },
      comparison,
    );
    const agrees = (effect?.estimate ?? 0) * sign > 0;
    const oneSided = reason !== null ? 1 : agrees ? pValue / 2 : 1 - pValue / 2;
    const bar = schedule.bar(promotion, step);
    tests.push({ step, units, pValue: oneSided, bar, estimate: effect?.estimate ?? null });
    if (oneSided <= bar) return tests;
  }
}
