import fc from 'fast-check';
import { findCriticalPath } from '../../src/dashboard/trace-layout/critical-path';
import { findLongSpans, findSpans, nextMatch } from '../../src/dashboard/trace-layout/find-spans';
import { findRepeats } from '../../src/dashboard/trace-layout/fold-repeats';
import { countHidden } from '../../src/dashboard/trace-layout/hidden-spans';
import { makeMinimap } from '../../src/dashboard/trace-layout/minimap';
import type { Forest, LayoutSpan } from '../../src/dashboard/trace-layout/span-forest';
import { ancestorsOf, growForest } from '../../src/dashboard/trace-layout/span-forest';
import {
  axisTicks,
  findIdleGaps,
  fittingLabels,
  makeTimeAxis,
} from '../../src/dashboard/trace-layout/time-axis';
import { selfTime } from '../../src/dashboard/trace-layout/aggregate';
import { layOutTrace } from '../../src/dashboard/trace-layout/trace-boxes';
import type { RowView } from '../../src/dashboard/trace-layout/visible-rows';
import { visibleRows } from '../../src/dashboard/trace-layout/visible-rows';

type Row = [id: string, parent: string | null, start: number, end: number | null, name?: string];

function spansOf(rows: readonly Row[], failed: readonly string[] = []): LayoutSpan[] {
  return rows.map(([id, parentId, start, end, name]) => ({
    id,
    parentId,
    name: name ?? id,
    role: 'other',
    start,
    end,
    error: failed.includes(id),
  }));
}

const forestOf = (rows: readonly Row[], failed?: readonly string[]): Forest =>
  growForest(spansOf(rows, failed));

const names = (forest: Forest): string[] => forest.nodes.map((n) => n.span.id);

const everything: RowView = {
  collapsed: new Set(),
  repeats: null,
  opened: new Set(),
  only: null,
  focus: null,
  selected: null,
};

const rowNames = (forest: Forest, view: Partial<RowView> = {}): string[] =>
  visibleRows(forest, { ...everything, ...view }).map((row) =>
    row.kind === 'fold'
      ? `${row.group.round.join('+')}×${row.group.times}`
      : `${'.'.repeat(row.depth)}${forest.nodes[row.index]!.span.name}`,
  );

/** An agent that asks a model, then calls the same tool twice side by side. */
const agent: Row[] = [
  ['run', null, 0, 100],
  ['chat', 'run', 5, 30],
  ['tool b', 'run', 42, 60],
  ['tool a', 'run', 40, 90],
  ['query', 'tool a', 50, 85],
];

/** Any trace: parents that are absent, rings, ends before starts, unfinished spans. */
const anyTrace = fc
  .array(
    fc.record({
      parent: fc.option(fc.nat(60), { nil: null }),
      start: fc.nat(1000),
      length: fc.option(fc.integer({ min: -50, max: 400 }), { nil: null }),
      name: fc.constantFrom('chat', 'search', 'book'),
      error: fc.boolean(),
    }),
    { maxLength: 50 },
  )
  .map((spans) =>
    spans.map(({ parent, start, length, name, error }, at): LayoutSpan => ({
      id: `s${at}`,
      parentId: parent === null ? null : `s${parent}`,
      name,
      role: 'other',
      start,
      end: length === null ? null : start + length,
      error,
    })),
  );

describe('growForest', () => {
  test('depth first, siblings by start', () => {
    const forest = forestOf(agent);
    expect(names(forest)).toEqual(['run', 'chat', 'tool a', 'query', 'tool b']);
    expect(forest.nodes.map((n) => n.depth)).toEqual([0, 1, 1, 2, 1]);
    expect(forest.nodes.map((n) => n.subtreeEnd)).toEqual([5, 2, 4, 4, 5]);
    expect([...ancestorsOf(forest, 3)]).toEqual([2, 0]);
  });

  test('a span whose parent is absent is a root and says so', () => {
    const forest = forestOf([['a', 'gone', 0, 1]]);
    expect(forest.nodes[0]).toMatchObject({ parent: -1, orphan: true });
  });

  test('a ring of parents is cut at its earliest span', () => {
    const forest = forestOf([
      ['b', 'a', 2, 3],
      ['a', 'c', 1, 4],
      ['c', 'b', 3, 5],
      ['below', 'c', 4, 5],
      ['self', 'self', 9, 9],
    ]);
    expect(names(forest)).toEqual(['a', 'b', 'c', 'below', 'self']);
    expect(forest.roots).toEqual([0, 4]);
  });

  test('a span that ends before it starts has no length; an unfinished one lasts to the end', () => {
    const forest = forestOf([
      ['back', null, 10, 4],
      ['open', null, 2, null],
    ]);
    expect(forest.nodes[1]).toMatchObject({ start: 10, end: 10, endsBeforeStart: true });
    expect(forest.nodes[0]).toMatchObject({ start: 2, end: 10, unfinished: true });
  });

  test('an empty trace', () => {
    expect(forestOf([])).toMatchObject({ nodes: [], roots: [], start: 0, end: 0, depth: 0 });
  });

  test('holds every span of any trace once, children within their parent', () => {
    fc.assert(
      fc.property(anyTrace, (spans) => {
        const forest = growForest(spans);
        expect(names(forest).toSorted()).toEqual(spans.map((s) => s.id).toSorted());
        for (const node of forest.nodes) {
          for (const child of node.children) {
            expect(forest.nodes[child]!.parent).toBe(node.index);
            expect(forest.nodes[child]!.subtreeEnd).toBeLessThanOrEqual(node.subtreeEnd);
          }
        }
      }),
    );
  });
});

describe('visibleRows', () => {
  const forest = forestOf(agent);

  test('a collapsed node hides what is below it', () => {
    expect(rowNames(forest, { collapsed: new Set([2]) })).toEqual([
      'run',
      '.chat',
      '.tool a',
      '.tool b',
    ]);
  });

  test('a filter keeps ancestors', () => {
    expect(rowNames(forest, { only: new Set([3]) })).toEqual(['run', '.tool a', '..query']);
  });

  test('focus shows one subtree from its own depth', () => {
    expect(rowNames(forest, { focus: 2 })).toEqual(['tool a', '.query']);
  });

  test('repeats fold, open one by one, and open around the selected span', () => {
    const rows: Row[] = [['run', null, 0, 999]];
    for (let at = 0; at < 37; at += 1) {
      rows.push([`c${at}`, 'run', at * 10, at * 10 + 2, 'chat']);
      rows.push([`t${at}`, 'run', at * 10 + 3, at * 10 + 5, 'search']);
    }
    rows.push(['end', 'run', 900, 999, 'answer']);
    const long = forestOf(rows, ['t3', 't7']);
    const repeats = findRepeats(long);
    expect(repeats).toMatchObject([{ round: ['chat', 'search'], times: 37, errors: 2, id: 'c0' }]);
    expect(rowNames(long, { repeats })).toEqual(['run', 'chat+search×37', '.answer']);
    expect(rowNames(long, { repeats, opened: new Set(['c0']) })).toHaveLength(76);
    expect(rowNames(long, { repeats, selected: 10 })).toHaveLength(76);
    expect(rowNames(long, { repeats, only: new Set([4]) })).toEqual(['run', '.search']);
  });

  test('of any trace shows each span once, or what hides it', () => {
    fc.assert(
      fc.property(anyTrace, (spans) => {
        const any = growForest(spans);
        expect(rowNames(any)).toHaveLength(spans.length);
        const repeats = findRepeats(any, 3);
        const rows = visibleRows(any, { ...everything, repeats });
        const shown = rows.flatMap((row) =>
          row.kind === 'span'
            ? [row.index]
            : row.group.members.flatMap((m) =>
                Array.from({ length: any.nodes[m]!.subtreeEnd - m }, (_, k) => m + k),
              ),
        );
        expect(shown).toEqual(any.nodes.map((n) => n.index));
      }),
    );
  });
});

describe('countHidden', () => {
  test('of any view every span is shown, folded, in a closed row, or left out', () => {
    const view = fc.record({
      fold: fc.boolean(),
      closed: fc.array(fc.nat(50)),
      only: fc.option(fc.array(fc.nat(50)), { nil: null }),
      focus: fc.option(fc.nat(50), { nil: null }),
    });
    fc.assert(
      fc.property(anyTrace, view, (spans, { fold, closed, only, focus: wanted }) => {
        const any = growForest(spans);
        const known = (index: number): boolean => index < any.nodes.length;
        const focus = wanted !== null && known(wanted) ? wanted : null;
        const rows = visibleRows(any, {
          ...everything,
          collapsed: new Set(closed.filter(known)),
          repeats: fold ? findRepeats(any, 3) : null,
          only: only === null ? null : new Set(only.filter(known)),
          focus,
        });
        const { repeated, groups, closed: below, filtered } = countHidden(any, rows, focus);
        const shown = rows.filter(({ kind }) => kind === 'span').length;
        const all = focus === null ? spans.length : any.nodes[focus]!.subtreeEnd - focus;
        expect(shown + repeated + below + filtered).toBe(all);
        expect(groups).toBe(rows.length - shown);
        expect(Math.min(repeated, below, filtered)).toBeGreaterThanOrEqual(0);
        if (only === null) expect(filtered).toBe(0);
        if (only === null && closed.filter(known).length === 0) expect(below).toBe(0);
        if (!fold || only !== null) expect(repeated).toBe(0);
      }),
    );
  });
});

describe('findSpans', () => {
  const forest = forestOf(agent);
  const find = (query: string): readonly number[] => findSpans(forest, query, (s) => s.name);

  test('every word must be there, in any case', () => {
    expect(find('TOOL a')).toEqual([2]);
    expect(find('tool')).toEqual([2, 4]);
    expect(find('  ')).toEqual([]);
  });

  test('next and previous go around the corner', () => {
    expect(nextMatch([2, 4], null, 1)).toBe(2);
    expect(nextMatch([2, 4], 4, 1)).toBe(2);
    expect(nextMatch([2, 4], 2, -1)).toBe(4);
    expect(nextMatch([], 2, 1)).toBeNull();
  });

  test('by the least share of the trace', () => {
    expect(findLongSpans(forest, 0.5)).toEqual([0, 2]);
  });
});

describe('layOutTrace', () => {
  test('waterfall: a lane per row', () => {
    const forest = forestOf(agent);
    const rows = visibleRows(forest, everything);
    const { boxes, lanes } = layOutTrace(forest, { kind: 'waterfall', rows });
    expect(boxes.map((box) => [box.label, box.lane, box.start, box.end])).toEqual([
      ['run', 0, 0, 100],
      ['chat', 1, 5, 30],
      ['tool a', 2, 40, 90],
      ['query', 3, 50, 85],
      ['tool b', 4, 42, 60],
    ]);
    expect(lanes).toBe(5);
  });

  test('flame: spans that run side by side get lanes of their own, at their true length', () => {
    const { boxes } = layOutTrace(forestOf(agent), { kind: 'flame' });
    const lanes = Object.fromEntries(boxes.map((box) => [box.label, box.lane]));
    expect(lanes).toEqual({ run: 0, chat: 1, 'tool a': 1, 'tool b': 2, query: 3 });
  });

  test('flame of any trace: no box over another, none above its parent', () => {
    fc.assert(
      fc.property(anyTrace, (spans) => {
        const forest = growForest(spans);
        const { boxes } = layOutTrace(forest, { kind: 'flame' });
        const lane = new Map(boxes.map((box) => [box.index, box.lane]));
        expect(lane.size).toBe(spans.length);
        for (const box of boxes) {
          const { parent } = forest.nodes[box.index]!;
          if (parent !== -1) expect(box.lane).toBeGreaterThan(lane.get(parent)!);
          for (const other of boxes) {
            if (other === box || other.lane !== box.lane) continue;
            expect(Math.min(box.end, other.end)).toBeLessThanOrEqual(
              Math.max(box.start, other.start),
            );
          }
        }
      }),
    );
  });

  test('aggregated: one box for a name below the same callers, as wide as its work', () => {
    const forest = forestOf([
      ['run', null, 0, 100],
      ['t1', 'run', 0, 40, 'tool'],
      ['t2', 'run', 10, 60, 'tool'],
      ['q', 't2', 20, 30, 'query'],
      ['chat', 'run', 60, 90],
    ]);
    const { boxes, end } = layOutTrace(forest, { kind: 'aggregated' });
    const find = (label: string): unknown => boxes.find((box) => box.label === label);
    expect(find('tool')).toMatchObject({ count: 2, lane: 1, start: 0, end: 90 });
    expect(find('query')).toMatchObject({ count: 1, lane: 2, end: 10 });
    expect(find('chat')).toMatchObject({ lane: 1, start: 90, end: 120 });
    // 10 of its own, 90 of tools side by side, 30 of chat.
    expect(end).toBe(130);
    expect(selfTime(forest, 0)).toBe(10);
  });

  test('aggregated: the work of any trace is the sum of all self times', () => {
    fc.assert(
      fc.property(anyTrace, (spans) => {
        const forest = growForest(spans);
        const { end } = layOutTrace(forest, { kind: 'aggregated' });
        const total = forest.nodes.reduce((sum, n) => sum + selfTime(forest, n.index), 0);
        expect(end).toBe(total);
      }),
    );
  });
});

describe('findCriticalPath', () => {
  test('into the child that finished last, and back', () => {
    const forest = forestOf(agent);
    const path = findCriticalPath(forest).map(
      ({ index, from, to }) => `${forest.nodes[index]!.span.id} ${from}-${to}`,
    );
    expect(path).toEqual([
      'run 0-5',
      'chat 5-30',
      'run 30-40',
      'tool a 40-50',
      'query 50-85',
      'tool a 85-90',
      'run 90-100',
    ]);
  });

  test('a child that outlives its parent is cut at the parent', () => {
    const forest = forestOf([
      ['run', null, 0, 10],
      ['late', 'run', 4, 30],
    ]);
    const path = findCriticalPath(forest);
    expect(path.map(({ index, from, to }) => [index, from, to])).toEqual([
      [0, 0, 4],
      [1, 4, 10],
    ]);
  });

  test('of any trace with one root explains every moment of the root once', () => {
    fc.assert(
      fc.property(anyTrace, (spans) => {
        const rooted = spans.map((s) => ({ ...s, parentId: s.parentId ?? 'root' }));
        const root = { ...spansOf([['root', null, -100, 5000]])[0]! };
        const forest = growForest([...rooted, root]);
        const inside = findCriticalPath(forest);
        for (let at = 1; at < inside.length; at += 1) {
          expect(inside[at]!.from).toBeGreaterThanOrEqual(inside[at - 1]!.to);
        }
        if (forest.roots.length === 1) {
          const sum = inside.reduce((total, part) => total + part.to - part.from, 0);
          expect(sum).toBe(5100);
        }
      }),
    );
  });
});

describe('time axis', () => {
  const waiting: Row[] = [
    ['run', null, 0, 1000],
    ['a', 'run', 0, 100],
    ['b', 'run', 900, 1000],
  ];

  test('idle is where no span without children runs', () => {
    expect(findIdleGaps(forestOf(waiting))).toEqual([{ from: 100, to: 900 }]);
    expect(findIdleGaps(forestOf(agent), 0.4)).toEqual([]);
  });

  test('folding a gap gives its room to the rest', () => {
    const axis = makeTimeAxis({ from: 0, to: 1000 }, [{ from: 100, to: 900 }]);
    expect(axis.parts.map((part) => part.folded)).toEqual([false, true, false]);
    expect(axis.place(100)).toBeCloseTo(0.4926, 3);
    expect(axis.place(900)).toBeCloseTo(0.5074, 3);
    expect(axis.place(-5)).toBe(0);
  });

  test('place and timeAt undo each other, and keep the order', () => {
    const axis = makeTimeAxis({ from: 0, to: 1000 }, [{ from: 100, to: 900 }]);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1000, noNaN: true }), (time) => {
        expect(axis.timeAt(axis.place(time))).toBeCloseTo(time, 6);
        expect(axis.place(time + 1)).toBeGreaterThanOrEqual(axis.place(time));
      }),
    );
  });

  test('an idle window and an empty one are drawn straight', () => {
    expect(makeTimeAxis({ from: 0, to: 10 }, [{ from: 0, to: 10 }]).place(5)).toBe(0.5);
    expect(makeTimeAxis({ from: 3, to: 3 }).place(3)).toBe(0);
  });

  test('ticks are round', () => {
    expect(axisTicks(0, 100, 5)).toEqual([0, 20, 40, 60, 80, 100]);
    expect(axisTicks(130, 460, 4)).toEqual([200, 300, 400]);
    expect(axisTicks(5, 5, 4)).toEqual([5]);
  });
});

test('the minimap counts what runs at once and where it fails', () => {
  const forest = forestOf(agent, ['tool b']);
  const columns = makeMinimap(forest, 10);
  expect(columns.map((c) => c.busy)).toEqual([1, 1, 1, 1, 1, 2, 2, 1, 1, 0]);
  expect(columns.map((c) => c.errors)).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
});

describe('large traces', () => {
  /** Time of the processor, which a busy machine does not stretch as it does the clock's. */
  function timed(spans: readonly LayoutSpan[]): number {
    const from = process.cpuUsage();
    const forest = growForest(spans);
    const rows = visibleRows(forest, { ...everything, repeats: findRepeats(forest) });
    layOutTrace(forest, { kind: 'waterfall', rows });
    layOutTrace(forest, { kind: 'flame' });
    layOutTrace(forest, { kind: 'aggregated' });
    findCriticalPath(forest);
    findIdleGaps(forest);
    makeMinimap(forest, 1000);
    const { user, system } = process.cpuUsage(from);
    return user + system;
  }

  test('20,000 spans 2,000 deep: eight times the spans take about eight times as long, not sixty-four', () => {
    const make = (count: number): LayoutSpan[] =>
      Array.from({ length: count }, (_, at): LayoutSpan => ({
        id: `s${at}`,
        parentId: at % 2000 === 0 ? null : `s${at - 1}`,
        name: `n${at % 7}`,
        role: 'tool',
        start: at,
        end: 40_000 - at,
        error: false,
      }));
    const fastest = (spans: readonly LayoutSpan[]): number =>
      Math.min(...[1, 2, 3].map(() => timed(spans)));
    expect(growForest(make(20_000)).depth).toBe(2000);
    expect(fastest(make(20_000)) / fastest(make(2_500))).toBeLessThan(35);
  });

  test('10,000 siblings, 5,000 of them at once: each has a lane that is free', () => {
    const spans = Array.from({ length: 10_001 }, (_, at): LayoutSpan => ({
      id: `s${at}`,
      parentId: at === 0 ? null : 's0',
      name: `call ${at % 11}`,
      role: 'tool',
      start: at,
      end: at + 5000,
      error: false,
    }));
    const { boxes, lanes } = layOutTrace(growForest(spans), { kind: 'flame' });
    expect(boxes).toHaveLength(10_001);
    expect(lanes).toBe(5_001);
  });
});

test('labels of an axis stand on none before them and within the width', () => {
  const labels = [0, 40, 60, 130, 180, 240].map((left) => ({ left, length: 60 }));
  expect(fittingLabels(labels, 300).map(({ left }) => left)).toEqual([0, 60, 130, 240]);
  expect(fittingLabels(labels, 250).map(({ left }) => left)).toEqual([0, 60, 130]);
});
