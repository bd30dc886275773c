/**
 * Where each step of `run` is found in `sibling`, in order: the position of the step it is aligned with, or -1.
 * Needleman–Wunsch with affine costs left out: the same step counts 3, the same tool with other arguments 1, a
 * step on one side only -1. Common beginnings and ends are cut off first; of what remains at most
 * `maxAlignedSteps` a side are aligned, so that a pair costs a bounded time whatever the runs' lengths.
 */
export function alignSteps<T>(
  run: readonly T[],
  sibling: readonly T[],
  likeness: (a: T, b: T) => 'same' | 'similar' | 'other',
): Int32Array {
  const places = new Int32Array(run.length).fill(-1);
  const shorter = Math.min(run.length, sibling.length);
  let start = 0;
  while (start < shorter && likeness(run[start]!, sibling[start]!) === 'same') {
    places[start] = start;
    start += 1;
  }
  let tail = 0;
  while (
    tail < shorter - start &&
    likeness(run[run.length - 1 - tail]!, sibling[sibling.length - 1 - tail]!) === 'same'
  ) {
    places[run.length - 1 - tail] = sibling.length - 1 - tail;
    tail += 1;
  }
  const rows = Math.min(run.length - tail - start, maxAlignedSteps);
  const columns = Math.min(sibling.length - tail - start, maxAlignedSteps);
  const score = (i: number, j: number): number =>
    scores[likeness(run[start + i]!, sibling[start + j]!)];
  traceBack(fillTable(rows, columns, score), rows, columns, score, (i, j) => {
    places[start + i] = start + j;
  });
  return places;
}

const maxAlignedSteps = 500;
const gap = -1;
const scores = { same: 3, similar: 1, other: -3 } as const;

/** Best score of each pair of beginnings, row by row. */
function fillTable(
  rows: number,
  columns: number,
  score: (i: number, j: number) => number,
): Int32Array {
  const width = columns + 1;
  const table = new Int32Array((rows + 1) * width);
  for (let i = 0; i <= rows; i += 1) table[i * width] = i * gap;
  for (let j = 0; j <= columns; j += 1) table[j] = j * gap;
  for (let i = 1; i <= rows; i += 1) {
    for (let j = 1; j <= columns; j += 1) {
      table[i * width + j] = Math.max(
        table[(i - 1) * width + j - 1]! + score(i - 1, j - 1),
        table[(i - 1) * width + j]! + gap,
        table[i * width + j - 1]! + gap,
      );
    }
  }
  return table;
}

function traceBack(
  table: Int32Array,
  rows: number,
  columns: number,
  score: (i: number, j: number) => number,
  aligned: (i: number, j: number) => void,
): void {
  const width = columns + 1;
  let i = rows;
  let j = columns;
  while (i > 0 && j > 0) {
    const best = table[i * width + j]!;
    const pair = score(i - 1, j - 1);
    if (pair > 0 && best === table[(i - 1) * width + j - 1]! + pair) {
      aligned(i - 1, j - 1);
      i -= 1;
      j -= 1;
    } else if (best === table[(i - 1) * width + j]! + gap) {
      i -= 1;
    } else if (best === table[i * width + j - 1]! + gap) {
      j -= 1;
    } else {
      i -= 1;
      j -= 1;
    }
  }
}
