import { invertPositiveDefinite } from './positive-definite';

/** Units of groups, each in one cell; codes from 0, every group has at least two units. */
export interface CellDesign {
  readonly groupOf: Int32Array;
  readonly groupSize: Int32Array;
  readonly cellOf: Int32Array;
  readonly cells: number;
}

/** The projection off the dummy columns of cells, themselves minus their group means. */
export interface CellProjection {
  /** Independent columns. */
  readonly rank: number;
  /** Of each unit in those columns. */
  readonly leverage: Float64Array;
  /** Takes the cells' part out of values that are minus their group means, in place. */
  project(values: Float64Array): void;
}

/**
 * Two-way demeaning, groups by cells. The cross products of the demeaned dummies are the Laplacian of
 * the graph that joins two cells where a group has units in both, so each connected part of it has
 * exactly one dependent column; without that column the part is inverted by Cholesky. Cells of agents
 * that share no group lie in different parts, which keeps the parts small.
 */
export function projectOffCells(design: CellDesign): CellProjection {
  const counts = countCellsByGroup(design);
  const parts = partsOf(counts, design.cells);
  fillLaplacians(parts, counts, design.groupSize);
  const inverses = parts.sizes.map((size, part) =>
    invertPositiveDefinite(parts.matrices[part] ?? new Float64Array(0), size),
  );
  const solved: SolvedParts = { ...parts, inverses };
  return {
    rank: parts.sizes.reduce((sum, size) => sum + size, 0),
    leverage: leverageOf(design, counts, solved),
    project: (values) => projectInPlace(values, design, solved),
  };
}

/** For each group its cells and how many units lie in each, as compressed rows. */
interface GroupCells {
  readonly start: Int32Array;
  readonly cell: Int32Array;
  readonly count: Float64Array;
}

function countCellsByGroup({ groupOf, groupSize, cellOf, cells }: CellDesign): GroupCells {
  const groups = groupSize.length;
  const unitStart = new Int32Array(groups + 1);
  for (let g = 0; g < groups; g += 1) {
    unitStart[g + 1] = (unitStart[g] as number) + (groupSize[g] as number);
  }
  const fill = unitStart.slice(0, groups);
  const order = new Int32Array(groupOf.length);
  for (let i = 0; i < groupOf.length; i += 1) {
    const g = groupOf[i] as number;
    order[fill[g] as number] = i;
    fill[g] = (fill[g] as number) + 1;
  }
  const start = new Int32Array(groups + 1);
  const cell = new Int32Array(groupOf.length);
  const count = new Float64Array(groupOf.length);
  const slotOf = new Int32Array(cells).fill(-1);
  let next = 0;
  for (let g = 0; g < groups; g += 1) {
    const first = next;
    for (let u = unitStart[g] as number; u < (unitStart[g + 1] as number); u += 1) {
      const c = cellOf[order[u] as number] as number;
      const known = slotOf[c] as number;
      const slot = known >= first ? known : next++;
      if (slot !== known) {
        slotOf[c] = slot;
        cell[slot] = c;
      }
      count[slot] = (count[slot] as number) + 1;
    }
    start[g + 1] = next;
  }
  return { start, cell: cell.subarray(0, next), count: count.subarray(0, next) };
}

interface Parts {
  readonly partOf: Int32Array;
  /** Place within its part; -1 for the column that each part drops. */
  readonly placeOf: Int32Array;
  readonly sizes: readonly number[];
  readonly matrices: readonly Float64Array[];
}

interface SolvedParts extends Parts {
  readonly inverses: readonly Float64Array[];
}

function partsOf({ start, cell }: GroupCells, cells: number): Parts {
  const parent = Int32Array.from({ length: cells }, (_, c) => c);
  const rootOf = (c: number): number => {
    let root = c;
    while (parent[root] !== root) root = parent[root] as number;
    for (let at = c; at !== root;) {
      const up = parent[at] as number;
      parent[at] = root;
      at = up;
    }
    return root;
  };
  for (let g = 0; g + 1 < start.length; g += 1) {
    const from = start[g] as number;
    for (let s = from + 1; s < (start[g + 1] as number); s += 1) {
      parent[rootOf(cell[s] as number)] = rootOf(cell[from] as number);
    }
  }
  const numbers = new Map<number, number>();
  const members: number[] = [];
  const partOf = new Int32Array(cells);
  const placeOf = new Int32Array(cells);
  for (let c = 0; c < cells; c += 1) {
    const root = rootOf(c);
    const part = numbers.get(root) ?? numbers.size;
    numbers.set(root, part);
    partOf[c] = part;
    placeOf[c] = (members[part] ?? 0) - 1;
    members[part] = (members[part] ?? 0) + 1;
  }
  const sizes = members.map((count) => count - 1);
  return { partOf, placeOf, sizes, matrices: sizes.map((size) => new Float64Array(size * size)) };
}

function fillLaplacians(
  { partOf, placeOf, sizes, matrices }: Parts,
  { start, cell, count }: GroupCells,
  groupSize: Int32Array,
): void {
  for (let g = 0; g + 1 < start.length; g += 1) {
    const [from, to] = [start[g] as number, start[g + 1] as number];
    for (let s = from; s < to; s += 1) {
      const a = cell[s] as number;
      const row = placeOf[a] as number;
      if (row < 0) continue;
      const part = partOf[a] as number;
      const [size, matrix] = [sizes[part] as number, matrices[part] as Float64Array];
      const diagonal = row * size + row;
      matrix[diagonal] = (matrix[diagonal] as number) + (count[s] as number);
      const share = (count[s] as number) / (groupSize[g] as number);
      for (let t = from; t < to; t += 1) {
        const column = placeOf[cell[t] as number] as number;
        if (column < 0) continue;
        const at = row * size + column;
        matrix[at] = (matrix[at] as number) - share * (count[t] as number);
      }
    }
  }
}

function leverageOf(
  { groupOf, groupSize, cellOf }: CellDesign,
  { start, cell, count }: GroupCells,
  parts: SolvedParts,
): Float64Array {
  // Per group and cell: the row of the inverse times the group's shares; per group that form once more.
  const cross = new Float64Array(cell.length);
  const square = new Float64Array(groupSize.length);
  const inverseAt = (a: number, b: number): number => {
    const [row, column] = [parts.placeOf[a] as number, parts.placeOf[b] as number];
    if (row < 0 || column < 0 || parts.partOf[a] !== parts.partOf[b]) return 0;
    const part = parts.partOf[a] as number;
    return (
      (parts.inverses[part] as Float64Array)[row * (parts.sizes[part] as number) + column] ?? 0
    );
  };
  for (let g = 0; g < groupSize.length; g += 1) {
    const [from, to] = [start[g] as number, start[g + 1] as number];
    const size = groupSize[g] as number;
    let total = 0;
    for (let s = from; s < to; s += 1) {
      let sum = 0;
      for (let t = from; t < to; t += 1) {
        sum += ((count[t] as number) / size) * inverseAt(cell[s] as number, cell[t] as number);
      }
      cross[s] = sum;
      total += ((count[s] as number) / size) * sum;
    }
    square[g] = total;
  }
  const slotOf = new Map<number, number>();
  return Float64Array.from(groupOf, (g, i) => {
    const c = cellOf[i] as number;
    const key = g * parts.partOf.length + c;
    const slot = slotOf.get(key) ?? cell.indexOf(c, start[g]);
    slotOf.set(key, slot);
    return Math.max(0, inverseAt(c, c) - 2 * (cross[slot] as number) + (square[g] as number));
  });
}

function projectInPlace(
  values: Float64Array,
  { groupOf, groupSize, cellOf, cells }: CellDesign,
  { partOf, placeOf, sizes, inverses }: SolvedParts,
): void {
  const rights = sizes.map((size) => new Float64Array(size));
  for (let i = 0; i < values.length; i += 1) {
    const c = cellOf[i] as number;
    const place = placeOf[c] as number;
    if (place < 0) continue;
    const right = rights[partOf[c] as number] as Float64Array;
    right[place] = (right[place] as number) + (values[i] as number);
  }
  const coefficients = new Float64Array(cells);
  const solutions = rights.map((right, part) => multiply(inverses[part] as Float64Array, right));
  for (let c = 0; c < cells; c += 1) {
    const place = placeOf[c] as number;
    if (place >= 0) coefficients[c] = (solutions[partOf[c] as number] as Float64Array)[place] ?? 0;
  }
  const means = new Float64Array(groupSize.length);
  for (let i = 0; i < values.length; i += 1) {
    const g = groupOf[i] as number;
    means[g] =
      (means[g] as number) +
      (coefficients[cellOf[i] as number] as number) / (groupSize[g] as number);
  }
  for (let i = 0; i < values.length; i += 1) {
    const fitted =
      (coefficients[cellOf[i] as number] as number) - (means[groupOf[i] as number] as number);
    values[i] = (values[i] as number) - fitted;
  }
}

function multiply(matrix: Float64Array, vector: Float64Array): Float64Array {
  const size = vector.length;
  const result = new Float64Array(size);
  for (let row = 0; row < size; row += 1) {
    let sum = 0;
    for (let column = 0, at = row * size; column < size; column += 1, at += 1) {
      sum += (matrix[at] as number) * (vector[column] as number);
    }
    result[row] = sum;
  }
  return result;
}
