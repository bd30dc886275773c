import { isSpent, spentDimensions, type SpentDimension } from '../../model/adaptation';
import type { LearningSettings } from './learning-settings';
import type { Unit, UnitTable } from './unit-table';

/** The outcomes of one dimension, by unit position. */
export interface OutcomeColumn {
  readonly dimension: string;
  /** 0..1, quantised; NaN where the unit has no outcome. */
  readonly values: Float64Array;
  /** Every value is 0 or 1. */
  readonly binary: boolean;
  /** Units with an outcome. */
  readonly known: number;
  /** From here on an outcome counts as success. */
  readonly successThreshold: number;
  /**
   * Of what a run spent: values are logarithms, less is better, and this is the outcome that must not be worse by
   * more than the margin. Absent for outcomes.
   */
  readonly guard?: { readonly column: OutcomeColumn; readonly margin: number };
}

/** Outcomes are multiples of 2^-16, so that sums are exact in any order. */
const quantum = 2 ** -16;

/** Dimensions present that are learned at most. */
const mostDimensions = 12;

/**
 * The dimensions to learn, the primary one first: those declared, else those that at least twice the
 * least support of runs have; `reward`, then the commonest.
 */
export function dimensionsOf(
  { units }: UnitTable,
  { dimensions, minSupport }: LearningSettings,
): readonly string[] {
  if (dimensions !== 'present') {
    const outcomes = dimensions.filter((name) => !isSpent(name));
    return outcomes.length === 0 ? ['reward'] : outcomes;
  }
  const counts = new Map<string, number>();
  for (const { outcome } of units) {
    for (const name of Object.keys(outcome)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const present = [...counts].filter(([, count]) => count >= 2 * minSupport);
  present.sort(
    ([x, a], [y, b]) =>
      Number(y === 'reward') - Number(x === 'reward') || b - a || (x < y ? -1 : 1),
  );
  const names = present.slice(0, mostDimensions).map(([name]) => name);
  return names.length === 0 ? ['reward'] : names;
}

export function outcomeColumn(
  table: UnitTable,
  dimension: string,
  settings: LearningSettings,
): OutcomeColumn {
  const values = Float64Array.from(table.units, (unit) => {
    const value = outcomeOf(unit, dimension);
    return value === null ? NaN : Math.round(value / quantum) * quantum;
  });
  const known = values.filter((value) => !Number.isNaN(value));
  return {
    dimension,
    values,
    binary: known.every((value) => value === 0 || value === 1),
    known: known.length,
    successThreshold: settings.successThreshold,
  };
}

/** Units that have an outcome in at least one dimension: what a look counts. */
export function countLearnable(columns: readonly OutcomeColumn[], units: number): number {
  let count = 0;
  for (let i = 0; i < units; i += 1) {
    if (columns.some(({ values }) => !Number.isNaN(values[i] ?? NaN))) count += 1;
  }
  return count;
}

/** `null` where it is unknown, or no number. */
export function outcomeOf(unit: Unit, dimension: string): number | null {
  if (Object.hasOwn(unit.outcome, dimension)) {
    const value = unit.outcome[dimension] ?? NaN;
    return Number.isFinite(value) ? value : null;
  }
  return dimension === 'status' ? statusOutcome(unit.status) : null;
}

function statusOutcome(status: Unit['status']): number | null {
  switch (status) {
    case 'completed':
      return 1;
    case 'failed':
    case 'timed_out':
      return 0;
    case 'queued':
    case 'running':
    case 'cancelled':
      return null;
  }
}

/** Under names that outcomes do not have. */
type Spent = Readonly<Record<SpentDimension, number | null>>;

/** On the log scale, where differences are ratios; `null` where it is not known or nothing. */
export function spentValue(spent: Spent, dimension: SpentDimension): number | null {
  const value = spent[dimension];
  return value === null || !(value > 0) ? null : Math.round(Math.log(value) / quantum) * quantum;
}

function spentBy({ costUsd, startTimeUnixNano, endTimeUnixNano }: Unit): Spent {
  const nanos = endTimeUnixNano === null ? null : endTimeUnixNano - startTimeUnixNano;
  return { cost_usd: costUsd, duration_ms: nanos === null ? null : Number(nanos) / 1e6 };
}

/**
 * Cost and duration where enough runs have them, on the log scale, each held against the primary outcome: what
 * optimizations are found in.
 */
export function spentColumns(
  table: UnitTable,
  primary: OutcomeColumn,
  { minSupport, optimizationMargin: margin, dimensions }: LearningSettings,
): OutcomeColumn[] {
  return spentDimensions.flatMap((dimension) => {
    if (dimensions !== 'present' && !dimensions.includes(dimension)) return [];
    const values = Float64Array.from(
      table.units,
      (unit) => spentValue(spentBy(unit), dimension) ?? NaN,
    );
    const known = values.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0);
    if (known < 2 * minSupport) return [];
    const guard = { column: primary, margin };
    return [{ dimension, values, binary: false, known, successThreshold: Infinity, guard }];
  });
}
