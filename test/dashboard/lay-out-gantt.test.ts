import { findQuietTimes, layOutGantt } from '../../src/dashboard/tasks/lay-out-gantt';

const run = (id: string, row: string, start: number, end: number, attempt = 1, task = id) => ({
  ...{ id, row, start, end, attempt, task },
  replication: 0,
});

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

test('attempts at one task stand below each other, though they never overlap', () => {
  const [row] = layOutGantt([
    run('first', 'agent', 0, 2, 1, 'task'),
    run('other', 'agent', 1, 3),
    run('second', 'agent', 4, 6, 2, 'task'),
    run('later', 'agent', 7, 8),
  ]);
  expect(row!.lanes.map((lane) => lane.map(({ id }) => id))).toEqual([
    ['first', 'later'],
    ['second'],
    ['other'],
  ]);
});

test('quiet times are those in which nothing ran', () => {
  const runs = [run('a', 'x', 0, 10), run('b', 'x', 90, 100), run('c', 'y', 11, 20)];
  expect(findQuietTimes(runs)).toEqual([{ from: 20, to: 90 }]);
  expect(findQuietTimes([])).toEqual([]);
});
