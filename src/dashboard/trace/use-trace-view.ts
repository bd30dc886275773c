import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { findLongSpans, findSpans } from '../trace-layout/find-spans';
import type { TimeAxis } from '../trace-layout/time-axis';
import { makeTimeAxis } from '../trace-layout/time-axis';
import type { TraceRow } from '../trace-layout/visible-rows';
import { visibleRows } from '../trace-layout/visible-rows';
import type { TraceModel } from './trace-model';
import { textOfSpan } from './trace-model';
import type { TraceSearch, TraceViewName } from './trace-search';

const route = getRouteApi('/traces/$traceId');

/** What is seen of a trace, all of it from the address, and how to change it. */
export interface TraceView {
  readonly search: TraceSearch;
  readonly name: TraceViewName;
  readonly change: (patch: Partial<TraceSearch>) => void;
  readonly selected: number | null;
  readonly focus: number | null;
  /** What the search found, and `null` where nothing is searched. */
  readonly matches: readonly number[] | null;
  readonly rows: readonly TraceRow[];
  readonly axis: TimeAxis;
  /** The whole of what is looked at: the trace, or the subtree in focus. */
  readonly range: { readonly from: number; readonly to: number };
}

export function useTraceView(model: TraceModel): TraceView {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { forest, repeats } = model;
  const indexOf = (id: string | undefined): number | null =>
    id === undefined ? null : (forest.byId.get(id) ?? null);
  const selected = indexOf(search.span);
  const focus = indexOf(search.focus);
  const { q, only, min, closed, open, unfold } = search;
  const matches = useMemo(
    () => (q === undefined ? null : findSpans(forest, q, textOfSpan)),
    [forest, q],
  );
  const shown = useMemo(() => {
    const long = min === undefined ? null : new Set(findLongSpans(forest, min / 100));
    const found = only && matches !== null ? new Set(matches) : null;
    if (long === null || found === null) return long ?? found;
    return new Set([...found].filter((index) => long.has(index)));
  }, [forest, matches, min, only]);
  const rows = useMemo(
    () =>
      visibleRows(forest, {
        collapsed: new Set((closed ?? []).flatMap((id) => forest.byId.get(id) ?? [])),
        repeats: unfold ? null : repeats,
        opened: new Set(open),
        only: shown,
        focus,
        selected,
      }),
    [forest, closed, unfold, repeats, open, shown, focus, selected],
  );
  const root = focus === null ? null : forest.nodes[focus]!;
  const range = { from: root?.start ?? forest.start, to: root?.end ?? forest.end };
  const from = search.t0 ?? range.from;
  const to = search.t1 ?? range.to;
  const gaps = search.idle ? model.gaps : undefined;
  const axis = useMemo(() => makeTimeAxis({ from, to }, gaps), [from, to, gaps]);
  const change = (patch: Partial<TraceSearch>): void =>
    void navigate({ search: (before) => ({ ...before, ...patch }), replace: true });
  const name = search.view ?? 'waterfall';
  return { search, name, change, selected, focus, matches, rows, axis, range };
}
