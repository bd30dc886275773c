import type { LedgerEntry } from '../../model/pattern';

const heights = '▁▂▃▄▅▆▇█';
/** −log10 of the p-value that fills the line. */
const full = 8;

/** The evidence for one pattern at each look, `▂▄▆█`: −log10 p, full from 1e−8 on; empty before the second look. */
export function evidenceSparkline(entries: readonly LedgerEntry[]): string {
  const tests = entries.filter(({ test, pValue }) => test === undefined && pValue !== null);
  if (tests.length < 2) return '';
  return tests
    .map(({ pValue }) => {
      const evidence = Math.min(full, -Math.log10(Math.max(1e-300, pValue ?? 1)));
      return heights[Math.round((evidence / full) * (heights.length - 1))];
    })
    .join('');
}
