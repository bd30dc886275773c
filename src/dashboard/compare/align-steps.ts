export interface Aligned {
  /** Positions on either side; `null`: only the other side has it. */
  readonly a: number | null;
  readonly b: number | null;
}

/** Beyond this the table of the comparison would not fit in memory; the rest stands unaligned. */
const mostSteps = 3000;

/**
 * Two sequences beside each other by their longest common subsequence (Wagner and Fischer 1974):
 * what both did in the same order stands in one line. O(n × m) time, at most 9 million cells.
 */
export function alignSteps(a: readonly string[], b: readonly string[]): readonly Aligned[] {
  const n = Math.min(a.length, mostSteps);
  const m = Math.min(b.length, mostSteps);
  const width = m + 1;
  const longest = new Uint16Array((n + 1) * width);
  for (let i = n - 1; i >= 0; i -= 1) {
    for (let j = m - 1; j >= 0; j -= 1) {
      longest[i * width + j] =
        a[i] === b[j]
          ? longest[(i + 1) * width + j + 1]! + 1
          : Math.max(longest[(i + 1) * width + j]!, longest[i * width + j + 1]!);
    }
  }
  const lines: Aligned[] = [];
  let [i, j] = [0, 0];
  while (i < n && j < m) {
    if (a[i] === b[j]) lines.push({ a: i++, b: j++ });
    else if (longest[(i + 1) * width + j]! >= longest[i * width + j + 1]!)
      lines.push({ a: i++, b: null });
    else lines.push({ a: null, b: j++ });
  }
  while (i < a.length) lines.push({ a: i++, b: null });
  while (j < b.length) lines.push({ a: null, b: j++ });
  return lines;
}
