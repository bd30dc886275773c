import { useCommands } from '../commands/command-context';
import { nextMatch } from '../trace-layout/find-spans';
import type { TraceRow } from '../trace-layout/visible-rows';
import type { TraceModel } from './trace-model';
import type { TimeWindow } from './use-time-window';
import type { TraceView } from './use-trace-view';

/** The keyboard of a trace; every command of the table's scope `trace`. */
export function useTraceCommands(model: TraceModel, view: TraceView, window: TimeWindow): void {
  useCommands({
    ...selection(model, view),
    ...folding(model, view),
    ...zooming(model, view, window),
    'trace.waterfall': () => view.change({ view: undefined }),
    'trace.flame': () => view.change({ view: 'flame' }),
    'trace.aggregated': () => view.change({ view: 'aggregated' }),
    'trace.critical': () => view.change({ critical: view.search.critical ? undefined : true }),
    'trace.idle': () => view.change({ idle: view.search.idle ? undefined : true }),
    'trace.repeats': () => view.change({ unfold: view.search.unfold ? undefined : true }),
    'trace.close': () => {
      if (view.search.span !== undefined) view.change({ span: undefined, tab: undefined });
      else view.change({ q: undefined, only: undefined });
    },
  });
}

function selection({ forest }: TraceModel, view: TraceView) {
  const { rows, selected, matches, change } = view;
  const select = (index: number | null | undefined): void => {
    if (index != null) change({ span: forest.nodes[index]!.span.id });
  };
  const spanAt = (row: TraceRow | undefined): number | undefined =>
    row?.kind === 'fold' ? row.group.members[0] : row?.index;
  const step = (by: 1 | -1): void => {
    const position = selected === null ? -1 : rows.findIndex((row) => spanAt(row) === selected);
    select(spanAt(rows[Math.min(Math.max(position + by, 0), rows.length - 1)]));
  };
  const errors = (): readonly number[] =>
    forest.nodes.filter((node) => node.span.error).map((node) => node.index);
  return {
    'trace.next': () => step(1),
    'trace.previous': () => step(-1),
    'trace.first': () => select(spanAt(rows[0])),
    'trace.last': () => select(spanAt(rows.at(-1))),
    'trace.next match': () => select(nextMatch(matches ?? [], selected, 1)),
    'trace.previous match': () => select(nextMatch(matches ?? [], selected, -1)),
    'trace.next error': () => select(nextMatch(errors(), selected, 1)),
  };
}

function folding({ forest }: TraceModel, { search, selected, focus, change }: TraceView) {
  const closed = search.closed ?? [];
  const node = selected === null ? null : forest.nodes[selected]!;
  const isClosed = node !== null && closed.includes(node.span.id);
  const set = (ids: readonly string[]): void =>
    change({ closed: ids.length === 0 ? undefined : ids });
  return {
    'trace.expand': () => {
      if (node === null) return;
      if (isClosed) set(closed.filter((id) => id !== node.span.id));
      else if (node.children[0] !== undefined) {
        change({ span: forest.nodes[node.children[0]]!.span.id });
      }
    },
    'trace.collapse': () => {
      if (node === null) return;
      if (node.children.length > 0 && !isClosed) set([...closed, node.span.id]);
      else if (node.parent !== -1) change({ span: forest.nodes[node.parent]!.span.id });
    },
    'trace.expand all': () => change({ closed: undefined, unfold: true }),
    'trace.collapse all': () => {
      // Below what is closed nothing is seen, so the outermost are enough.
      const roots = focus === null ? forest.roots : [focus];
      const outer = roots.flatMap((root) => forest.nodes[root]!.children);
      const closing = outer.filter((index) => forest.nodes[index]!.children.length > 0);
      set([...new Set([...closed, ...closing.map((index) => forest.nodes[index]!.span.id)])]);
    },
    'trace.focus': () => {
      if (search.focus !== undefined) change({ focus: undefined, t0: undefined, t1: undefined });
      else if (node !== null) change({ focus: node.span.id, t0: undefined, t1: undefined });
    },
  };
}

function zooming(
  { forest }: TraceModel,
  { range, selected }: TraceView,
  { axis, show, showAll }: TimeWindow,
) {
  const node = selected === null ? null : forest.nodes[selected]!;
  const length = axis.to - axis.from;
  const zoom = (factor: number): void => {
    const inside = node !== null && node.start >= axis.from && node.start <= axis.to;
    const center = inside ? Math.min((node.start + node.end) / 2, axis.to) : axis.from + length / 2;
    const left = (center - axis.from) / length;
    show(center - left * length * factor, center + (1 - left) * length * factor);
  };
  const pan = (share: number): void => {
    const move = share * length;
    const by = Math.min(Math.max(move, range.from - axis.from), range.to - axis.to);
    show(axis.from + by, axis.to + by);
  };
  return {
    'trace.zoom': () => {
      if (node !== null) {
        const margin = (node.end - node.start) * 0.05 + 5;
        show(node.start - margin, node.end + margin);
      }
    },
    'trace.zoom in': () => zoom(0.6),
    'trace.zoom out': () => zoom(1 / 0.6),
    'trace.pan left': () => pan(-0.2),
    'trace.pan right': () => pan(0.2),
    'trace.whole': showAll,
  };
}
