import { projectOffCells } from './cell-projection';

/** What units are compared within; all columns by unit position. */
export interface AdjustmentDesign {
  /** Group of each unit, from 0; negative leaves the unit out. */
  readonly groups: Int32Array;
  /** Cell of each unit, from 0; `null` without cells. */
  readonly cells: Int32Array | null;
  /** Further columns to be freed of. */
  readonly columns?: readonly Float64Array[];
}

/**
 * Frees columns of groups, cells and further columns. Only units of groups with at least two units
 * count (`units`, N of them); other arrays here have one entry per such unit, in that order.
 */
export interface Adjustment {
  /** Positions of the units that count. */
  readonly units: Int32Array;
  readonly groupOf: Int32Array;
  readonly groupSize: Int32Array;
  /** Independent columns that the residuals are freed of, group means not counted (k). */
  readonly rank: number;
  /** 1/m of the unit's group + its leverage in those columns. */
  readonly leverage: Float64Array;
  /** Residuals of a column that is given by unit position. */
  residuals(column: ArrayLike<number>): Float64Array;
  /** The same, freed of further columns too; columns that depend on others are dropped. */
  freedOf(columns: readonly ArrayLike<number>[]): Adjustment;
}

/** Columns with less than this share of their variation left depend on the others. */
const dependent = 1e-8;

/** Group means by demeaning, cells by Cholesky of their cross products, other columns by Gram-Schmidt. */
export function createAdjustment({ groups, cells, columns = [] }: AdjustmentDesign): Adjustment {
  const compact = compactGroups(groups);
  const { units, groupOf, groupSize } = compact;
  const projection =
    cells === null ? null : projectOffCells({ groupOf, groupSize, ...compactCodes(cells, units) });
  const leverage = Float64Array.from(
    groupOf,
    (g, i) => 1 / (groupSize[g] as number) + (projection?.leverage[i] ?? 0),
  );
  const free = (column: ArrayLike<number>): Float64Array => {
    const values = Float64Array.from(units, (position) => column[position] as number);
    demean(values, compact);
    projection?.project(values);
    return values;
  };
  const base: Stage = { ...compact, rank: projection?.rank ?? 0, leverage, basis: [], free };
  return extend(base, columns);
}

type CompactGroups = Pick<Adjustment, 'units' | 'groupOf' | 'groupSize'>;

interface Stage extends CompactGroups {
  readonly rank: number;
  readonly leverage: Float64Array;
  /** Orthonormal columns. */
  readonly basis: readonly Float64Array[];
  /** Of groups and cells. */
  readonly free: (column: ArrayLike<number>) => Float64Array;
}

function extend(stage: Stage, columns: readonly ArrayLike<number>[]): Adjustment {
  const basis = [...stage.basis];
  const leverage = columns.length === 0 ? stage.leverage : stage.leverage.slice();
  for (const column of columns) {
    const values = stage.free(column);
    const before = sumOfSquares(values);
    // Twice is enough: what rounding leaves of the basis after the first pass goes with the second.
    orthogonalise(values, basis);
    orthogonalise(values, basis);
    const after = sumOfSquares(values);
    if (!(after > dependent * before && after > dependent)) continue;
    const scale = 1 / Math.sqrt(after);
    for (let i = 0; i < values.length; i += 1) {
      const value = (values[i] as number) * scale;
      values[i] = value;
      leverage[i] = (leverage[i] as number) + value * value;
    }
    basis.push(values);
  }
  const rank = stage.rank + basis.length - stage.basis.length;
  const next: Stage = { ...stage, rank, leverage, basis };
  const { units, groupOf, groupSize } = stage;
  return {
    units,
    groupOf,
    groupSize,
    rank,
    leverage,
    residuals(column) {
      const values = stage.free(column);
      orthogonalise(values, basis);
      return values;
    },
    freedOf: (more) => extend(next, more),
  };
}

function orthogonalise(values: Float64Array, basis: readonly Float64Array[]): void {
  for (const column of basis) {
    let product = 0;
    for (let i = 0; i < values.length; i += 1) {
      product += (values[i] as number) * (column[i] as number);
    }
    for (let i = 0; i < values.length; i += 1) {
      values[i] = (values[i] as number) - product * (column[i] as number);
    }
  }
}

function sumOfSquares(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
}

function demean(values: Float64Array, { groupOf, groupSize }: CompactGroups): void {
  const means = new Float64Array(groupSize.length);
  for (let i = 0; i < values.length; i += 1) {
    const g = groupOf[i] as number;
    means[g] = (means[g] as number) + (values[i] as number);
  }
  for (let g = 0; g < means.length; g += 1) {
    means[g] = (means[g] as number) / (groupSize[g] as number);
  }
  for (let i = 0; i < values.length; i += 1) {
    values[i] = (values[i] as number) - (means[groupOf[i] as number] as number);
  }
}

function compactGroups(groups: Int32Array): CompactGroups {
  const sizes = new Map<number, number>();
  for (const g of groups) if (g >= 0) sizes.set(g, (sizes.get(g) ?? 0) + 1);
  const numbers = new Map<number, number>();
  const groupSize: number[] = [];
  for (const [g, size] of sizes) {
    if (size < 2) continue;
    numbers.set(g, groupSize.length);
    groupSize.push(size);
  }
  const units: number[] = [];
  const groupOf: number[] = [];
  groups.forEach((g, position) => {
    const number = g < 0 ? undefined : numbers.get(g);
    if (number === undefined) return;
    units.push(position);
    groupOf.push(number);
  });
  return {
    units: Int32Array.from(units),
    groupOf: Int32Array.from(groupOf),
    groupSize: Int32Array.from(groupSize),
  };
}

function compactCodes(
  codes: Int32Array,
  units: Int32Array,
): { readonly cellOf: Int32Array; readonly cells: number } {
  const numbers = new Map<number, number>();
  const cellOf = Int32Array.from(units, (position) => {
    const code = codes[position] as number;
    const number = numbers.get(code) ?? numbers.size;
    numbers.set(code, number);
    return number;
  });
  return { cellOf, cells: numbers.size };
}
