import Table from 'cli-table3';

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  readonly align?: 'left' | 'right';
  /** May be cut with an ellipsis when the terminal is too narrow. */
  readonly flexible?: boolean;
  /** Columns of the terminal that are left of it then: what names a row must still tell it from others. @defaultValue 6 */
  readonly least?: number;
}

const gap = 2;
const leastOf = ({ least = 6 }: Pick<Column<unknown>, 'least'>): number => least;

/**
 * A plain table; `width` is that of the terminal, `null` for as wide as it needs. What does not fit is cut, and then
 * left out from the right, by whole columns and not without a word: a row is a line.
 */
export function formatTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  width: number | null,
): string {
  const shown = fittingColumns(rows, columns, width);
  const table = drawTable(rows, shown, width);
  const leftOut = columns.slice(shown.length).map(({ title }) => title);
  return leftOut.length === 0 ? table : `${table}\n(too narrow for: ${leftOut.join(', ')})`;
}

function fittingColumns<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  width: number | null,
): readonly Column<Row>[] {
  if (width === null) return columns;
  let used = 0;
  const fitting = columns.findIndex((column) => {
    const values = rows.map((row) => printable(column.value(row)).length);
    const full = Math.max(column.title.length, ...values);
    used += gap + (column.flexible === true ? Math.min(full, leastOf(column)) : full);
    return used > width + gap;
  });
  return fitting < 0 ? columns : columns.slice(0, Math.max(1, fitting));
}

function drawTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  width: number | null,
): string {
  const cells = rows.map((row) => columns.map((column) => printable(column.value(row))));
  const table = new Table({
    head: columns.map((column) => column.title),
    colAligns: columns.map((column) => column.align ?? 'left'),
    colWidths: fitWidths(columns, cells, width),
    chars: borderless,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': gap },
    truncate: '…',
  });
  table.push(...cells);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Takes from the flexible columns, the widest first, until the row fits. */
function fitWidths<Row>(
  columns: readonly Column<Row>[],
  cells: readonly (readonly string[])[],
  width: number | null,
): number[] {
  const widths = columns.map(
    (column, i) => gap + Math.max(column.title.length, ...cells.map((row) => row[i]?.length ?? 0)),
  );
  let excess = width === null ? 0 : widths.reduce((sum, w) => sum + w, 0) - gap - width;
  while (excess > 0) {
    const widest = widths.reduce(
      (best, w, i) =>
        columns[i]?.flexible === true && w > gap + leastOf(columns[i]) && w > (widths[best] ?? 0)
          ? i
          : best,
      -1,
    );
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

/** Names come from outside: control characters must not reach the terminal. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are what must go
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '�');
}

const borderless = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};
