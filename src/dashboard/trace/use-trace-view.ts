import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { findLongSpans, findSpans } from '../trace-layout/find-spans';
import type { TraceRow } from '../trace-layout/visible-rows';
import { visibleRows } from '../trace-layout/visible-rows';
import type { TraceModel } from './trace-model';
import { textOfSpan } from './trace-model';
import type { TraceSearch, TraceViewName } from './trace-search';
import type { SearchPatch, TimeWindow } from './use-time-window';
import { useTimeWindow } from './use-time-window';

const route = getRouteApi('/traces/$traceId');

/** What is seen of a trace save the time that is drawn, all of it from the address, and how to change it. */
export interface TraceView {
  readonly search: TraceSearch;
  readonly name: TraceViewName;
  readonly change: (patch: SearchPatch) => void;
  readonly selected: number | null;
  readonly focus: number | null;
  /** What the search found, and `null` where nothing is searched. */
  readonly matches: readonly number[] | null;
  readonly rows: readonly TraceRow[];
  /** The whole of what is looked at: the trace, or the subtree in focus. */
  readonly range: { readonly from: number; readonly to: number };
}

/** The view stays the same object while only the window moves, so that what does not show time is not drawn anew. */
export function useTraceView(model: TraceModel): {
  readonly view: TraceView;
  readonly window: TimeWindow;
} {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { forest, repeats } = model;
  const indexOf = (id: string | undefined): number | null =>
    id === undefined ? null : (forest.byId.get(id) ?? null);
  const selected = indexOf(search.span);
  const focus = indexOf(search.focus);
  const { closed, open, unfold } = search;
  const { matches, shown } = useFound(forest, search);
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
  const range = useMemo(() => {
    const { start: from, end: to } = focus === null ? forest : forest.nodes[focus]!;
    return { from, to };
  }, [forest, focus]);
  const write = useCallback(
    (patch: SearchPatch) =>
      navigate({ search: (before) => ({ ...before, ...patch }), replace: true }),
    [navigate],
  );
  const { window, change } = useTimeWindow(model, search, range, write);
  const view = useMemo(() => {
    const name: TraceViewName = search.view ?? 'waterfall';
    return { search, name, change, selected, focus, matches, rows, range };
  }, [search, change, selected, focus, matches, rows, range]);
  return { view, window };
}

/** What the search found, and which spans alone are shown: `null` for all. */
function useFound(forest: TraceModel['forest'], { q, only, min }: TraceSearch) {
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
  return { matches, shown };
}
