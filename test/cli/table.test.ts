import fc from 'fast-check';
import { formatTable } from '../../src/cli/format/table';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly spans: string;
  readonly started: string;
}

const columns = [
  { title: 'trace', value: (row: Row) => row.id },
  { title: 'name', value: (row: Row) => row.name, flexible: true },
  { title: 'spans', value: (row: Row) => row.spans, align: 'right' as const },
  { title: 'started', value: (row: Row) => row.started },
];
const row = (name: string): Row => ({
  id: '0af7651916cd43dd8448eb211c80319c',
  name,
  spans: '12',
  started: '2026-01-31 08:00:00',
});

test('a table that is too wide loses columns from the right, says which, and never wraps a row', () => {
  const table = formatTable([row('invoke_agent airline')], columns, 60).split('\n');
  expect(table).toEqual([
    'trace                             name                 spans',
    '0af7651916cd43dd8448eb211c80319c  invoke_agent airli…     12',
    '(too narrow for: started)',
  ]);
});

test('every row is one line that fits, as long as the first column does', () => {
  fc.assert(
    fc.property(fc.integer({ min: 40, max: 200 }), fc.array(fc.string()), (width, names) => {
      const lines = formatTable(names.map(row), columns, width).split('\n');
      const rows = lines.filter((line) => !line.startsWith('(too narrow'));
      expect(rows).toHaveLength(names.length + 1);
      for (const line of rows) expect(line.length).toBeLessThanOrEqual(width);
    }),
  );
});

test('piped, nothing is cut', () => {
  expect(formatTable([row('x'.repeat(500))], columns, null)).toContain('x'.repeat(500));
});
