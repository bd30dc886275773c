import { adjustedScoreTest, createAdjustment, seededRandom } from '../../src/stats';
import type { Adjustment } from '../../src/stats';
import { invertPositiveDefinite } from '../../src/stats/positive-definite';

interface Case {
  readonly groups: Int32Array;
  readonly cells: Int32Array;
  readonly column: Float64Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
}

function randomCase(seed: string, n: number, groups: number, cells: number): Case {
  const random = seededRandom(seed);
  const draw = (below: number): number => Math.floor(random() * below);
  return {
    groups: Int32Array.from({ length: n }, () => draw(groups + 1) - 1),
    cells: Int32Array.from({ length: n }, () => draw(cells)),
    column: Float64Array.from({ length: n }, () => draw(2)),
    x: Float64Array.from({ length: n }, () => draw(2)),
    y: Float64Array.from({ length: n }, () => random()),
  };
}

/** The hat matrix of a list of columns, by Gram-Schmidt on the columns as they stand. */
function hatMatrix(columns: readonly number[][], n: number): { hat: number[][]; rank: number } {
  const basis: number[][] = [];
  for (const column of columns) {
    let rest = [...column];
    for (let pass = 0; pass < 3; pass += 1) {
      for (const b of basis) {
        const product = rest.reduce((sum, value, i) => sum + value * b[i]!, 0);
        rest = rest.map((value, i) => value - product * b[i]!);
      }
    }
    const norm = Math.hypot(...rest);
    if (norm > 1e-7) basis.push(rest.map((value) => value / norm));
  }
  const hat = Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) => basis.reduce((sum, b) => sum + b[i]! * b[j]!, 0)),
  );
  return { hat, rank: basis.length };
}

/** Everything of the formulas in LEARNING 4 c 1, with dense matrices. */
function bruteForce({ groups, cells, column, x, y }: Case): {
  rank: number;
  leverage: number[];
  x: number[];
  y: number[];
  score: number;
  variances: { unit: number; group: number };
} {
  const size = (g: number): number => groups.filter((other) => other === g).length;
  const units = [...groups.keys()].filter((i) => groups[i]! >= 0 && size(groups[i]!) >= 2);
  const kept = [...new Set(units.map((i) => groups[i]!))];
  const dummies = (codes: Int32Array): number[][] =>
    [...new Set(units.map((i) => codes[i]!))].map((c) =>
      units.map((i) => (codes[i] === c ? 1 : 0)),
    );
  const columns = [...dummies(groups), ...dummies(cells), units.map((i) => column[i]!)];
  const { hat, rank } = hatMatrix(columns, units.length);
  const free = (values: Float64Array): number[] =>
    units.map(
      (i, row) => values[i]! - hat[row]!.reduce((s, h, j) => s + h * values[units[j]!]!, 0),
    );
  const [u, v] = [free(x), free(y)];
  const leverage = units.map((_, row) => hat[row]![row]!);
  const k = rank - kept.length;
  const inGroup = (g: number): number[] =>
    [...units.keys()].filter((row) => groups[units[row]!] === g);
  const squares = (values: number[], rows: number[]): number =>
    rows.reduce((sum, row) => sum + values[row]! ** 2, 0);
  const byGroup = kept.reduce((sum, g) => {
    const rows = inGroup(g);
    return sum + (squares(u, rows) * squares(v, rows)) / (rows.length - 1);
  }, 0);
  const degrees = units.length - kept.length;
  return {
    rank: k,
    leverage,
    x: u,
    y: v,
    score: u.reduce((sum, value, row) => sum + value * v[row]!, 0),
    variances: {
      // A unit with leverage 1 has residual 0.
      unit: u.reduce((sum, value, row) => {
        const free = 1 - leverage[row]!;
        return free < 1e-9 ? sum : sum + (value * v[row]!) ** 2 / free;
      }, 0),
      group: (byGroup * degrees) / (degrees - k),
    },
  };
}

function expectAllClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, i) => expect(Math.abs(actual[i]! - value)).toBeLessThan(1e-9));
}

function adjust({ groups, cells, column }: Case): Adjustment {
  return createAdjustment({ groups, cells, columns: [column] });
}

test.each([
  ['few large groups', 40, 3, 4],
  ['many small groups', 60, 20, 5],
  ['groups of single units beside pairs', 40, 30, 4],
  ['more cells than groups', 50, 5, 12],
  ['cells that share no group', 24, 8, 14],
])('as dense algebra says: %s', (name, n, groups, cells) => {
  for (let seed = 0; seed < 5; seed += 1) {
    const given = randomCase(`${name} ${seed}`, n, groups, cells);
    const adjustment = adjust(given);
    const expected = bruteForce(given);
    expect(adjustment.rank).toBe(expected.rank);
    const [x, y] = [adjustment.residuals(given.x), adjustment.residuals(given.y)];
    expectAllClose(x, expected.x);
    expectAllClose(y, expected.y);
    expectAllClose(adjustment.leverage, expected.leverage);
    const test = adjustedScoreTest(adjustment, x, y);
    if (test === null) {
      const degrees = x.length - adjustment.groupSize.length - adjustment.rank;
      expect(degrees < 1 || expected.x.every((value) => Math.abs(value) < 1e-6)).toBe(true);
      continue;
    }
    const { unit, group } = expected.variances;
    const { score } = expected;
    const sxx = expected.x.reduce((sum, value) => sum + value ** 2, 0);
    expect(test.variance).toBe(unit > group ? 'unit' : 'group');
    expect(test.statistic).toBeCloseTo(score ** 2 / Math.max(unit, group), 8);
    expect(test.estimate).toBeCloseTo(score / sxx, 8);
    expect(test.standardError).toBeCloseTo(Math.sqrt(Math.max(unit, group)) / sxx, 8);
    expect(test.nEffective).toBeCloseTo(
      sxx ** 2 / expected.x.reduce((sum, value) => sum + value ** 4, 0),
      8,
    );
  }
});

test('columns given later free as those given at first; dependent ones are dropped', () => {
  const given = randomCase('later', 60, 8, 4);
  const later = createAdjustment({ groups: given.groups, cells: given.cells }).freedOf([
    given.column,
    given.column.map((value) => 1 - 2 * value),
  ]);
  const first = adjust(given);
  expect(later.rank).toBe(first.rank);
  expectAllClose(later.residuals(given.x), [...first.residuals(given.x)]);
  expectAllClose(later.leverage, [...first.leverage]);
});

test('the task as unit of variance, by its formula', () => {
  const given = randomCase('tasks', 60, 3, 3);
  const adjustment = adjust(given);
  const [x, y] = [adjustment.residuals(given.x), adjustment.residuals(given.y)];
  const taskOf = Int32Array.from(x, (_, i) => Math.floor(i / 4));
  const tasks = Math.max(...taskOf) + 1;
  const test = adjustedScoreTest(adjustment, x, y, { taskOf, tasks, strata: 2 });
  const scores = new Array<number>(tasks).fill(0);
  taskOf.forEach((t, i) => (scores[t] = scores[t]! + x[i]! * y[i]!));
  const byTask = (scores.reduce((sum, value) => sum + value ** 2, 0) * tasks) / (tasks - 2);
  const plain = adjustedScoreTest(adjustment, x, y);
  const variance = Math.max(byTask, (plain!.standardError * plain!.sxx) ** 2);
  expect(test!.standardError).toBeCloseTo(Math.sqrt(variance) / plain!.sxx, 10);
});

test('a feature that never varies within its groups cannot be tested', () => {
  const groups = Int32Array.from({ length: 40 }, (_, i) => i >> 2);
  const x = Float64Array.from(groups, (g) => g % 2);
  const adjustment = createAdjustment({ groups, cells: null });
  const y = Float64Array.from(groups, (_, i) => i % 3);
  expect(
    adjustedScoreTest(adjustment, adjustment.residuals(x), adjustment.residuals(y)),
  ).toBeNull();
});

test('nothing to compare: no unit, single units, one group that the columns use up', () => {
  for (const groups of [[], [0, 1, 2], [0, 0], [-1, -1]]) {
    const adjustment = createAdjustment({
      groups: Int32Array.from(groups),
      cells: new Int32Array(groups.length),
      columns: [Float64Array.from(groups, (_, i) => i)],
    });
    const values = adjustment.residuals(groups.map((_, i) => i));
    expect(adjustedScoreTest(adjustment, values, values)).toBeNull();
  }
});

test('the inverse of a matrix that is not positive definite is refused', () => {
  expect(() => invertPositiveDefinite(Float64Array.of(1, 1, 1, 1), 2)).toThrow(RangeError);
});
