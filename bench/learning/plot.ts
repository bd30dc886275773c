const width = 50;
const labelWidth = 46;

/**
 * Every share of a result with its interval on an axis from 0 to 1, a row each:
 *
 * ```
 * drift n=300 falseClaim   ├●─┤
 * ```
 */
export function plotShares(result: unknown): string {
  const rows = [...sharesOf(result, [])];
  if (rows.length === 0) return '';
  const column = (value: number): number => Math.round(value * (width - 1));
  const lines = rows.map(({ label, share, interval: [lower, upper] }) => {
    const cells = Array.from({ length: width }, (_, i): string =>
      i > column(lower) && i < column(upper) ? '─' : ' ',
    );
    cells[column(lower)] = '├';
    cells[column(upper)] = '┤';
    cells[column(share)] = '●';
    return `${label.slice(-labelWidth).padEnd(labelWidth)} ${cells.join('').trimEnd()}`;
  });
  return [...lines, `${' '.repeat(labelWidth)} 0${'1'.padStart(width - 1)}`].join('\n');
}

interface Share {
  readonly label: string;
  readonly share: number;
  readonly interval: readonly [number, number];
}

function* sharesOf(value: unknown, path: readonly string[]): Generator<Share> {
  if (typeof value !== 'object' || value === null) return;
  if ('share' in value && 'interval' in value) {
    const { share, interval } = value as Omit<Share, 'label'>;
    yield { label: path.join(' '), share, interval };
    return;
  }
  const { kind, units } = value as { kind?: string; units?: number };
  const own = kind === undefined ? path : [...path.slice(0, -1), kind, `n=${units ?? ''}`];
  for (const [key, part] of Object.entries(value)) yield* sharesOf(part, [...own, key]);
}
