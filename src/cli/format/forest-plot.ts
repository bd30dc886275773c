export interface ForestRow {
  readonly label: string;
  readonly estimate: number;
  readonly lower: number;
  readonly upper: number;
}

const labelWidth = 44;
const narrowestPlot = 20;
const narrowestLabel = 12;

/**
 * Effects with their intervals on one axis around zero, a row each:
 *
 * ```
 * config:scan=require   │      ├──●──┤
 * ```
 */
export function formatForestPlot(rows: readonly ForestRow[], width: number): string {
  if (rows.length === 0) return '';
  const longest = Math.max(...rows.map((row) => row.label.length));
  const labels = Math.min(labelWidth, longest, Math.max(narrowestLabel, width - 2 - narrowestPlot));
  const plot = Math.max(narrowestPlot, width - labels - 2);
  const reach = Math.max(...rows.flatMap(({ lower, upper }) => [-lower, upper]), 0.05);
  const column = (value: number): number =>
    Math.round(((Math.max(-reach, Math.min(reach, value)) + reach) / (2 * reach)) * (plot - 1));

  const lines = rows.map((row) => {
    const cells = Array.from({ length: plot }, () => ' ');
    for (let i = column(row.lower) + 1; i < column(row.upper); i += 1) cells[i] = '─';
    cells[column(0)] = cells[column(0)] === '─' ? '┼' : '│';
    cells[column(row.lower)] = '├';
    cells[column(row.upper)] = '┤';
    cells[column(row.estimate)] = '●';
    return `${fit(row.label, labels)}  ${cells.join('').trimEnd()}`;
  });
  const left = `−${Math.round(reach * 100)}`;
  const right = `+${Math.round(reach * 100)}`;
  const half = column(0);
  const axis = left.padEnd(half) + '0' + right.padStart(Math.max(right.length, plot - half - 1));
  return [...lines, `${' '.repeat(labels)}  ${axis}`].join('\n');
}

function fit(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
}
