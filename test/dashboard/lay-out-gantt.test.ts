import { findQuietTimes, layOutGantt } from '../../src/dashboard/tasks/lay-out-gantt';

const run = (id: string, row: string, start: number, end: number) => ({ id, row, start, end });

test('a row each, runs that lie side by side in lanes of their own', () => {
  const rows = layOutGantt([
    run('b', 'one', 5, 9),
    run('a', 'one', 0, 6),
    run('c', 'one', 9, 12),
    run('d', 'two', 1, 2),
  ]);
  expect(rows.map((row) => [row.name, row.runs, row.lanes.map((l) => l.map((r) => r.id))])).toEqual(
    [
      ['one', 3, [['a', 'c'], ['b']]],
      ['two', 1, [['d']]],
    ],
  );
});

test('quiet times are those in which nothing ran', () => {
  const runs = [run('a', 'x', 0, 10), run('b', 'x', 90, 100), run('c', 'y', 11, 20)];
  expect(findQuietTimes(runs)).toEqual([{ from: 20, to: 90 }]);
  expect(findQuietTimes([])).toEqual([]);
});
