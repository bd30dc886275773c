import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { TimeAxis } from '../trace-layout/time-axis';
import { makeTimeAxis } from '../trace-layout/time-axis';
import type { TraceModel } from './trace-model';
import type { TraceSearch } from './trace-search';

export type SearchPatch = Partial<TraceSearch>;

/** The stretch of time that is drawn. */
export interface TimeWindow {
  readonly axis: TimeAxis;
  /** Less than all. */
  readonly zoomed: boolean;
  /** At once on the screen; in the address once it rests, since a change of it costs more than a frame. */
  readonly show: (from: number, to: number) => void;
  readonly showAll: () => void;
}

interface Bounds {
  readonly t0: number | undefined;
  readonly t1: number | undefined;
}

const restMillis = 250;

/** A change of the address that brings along a window which is not there yet, and the window. */
export function useTimeWindow(
  model: TraceModel,
  search: TraceSearch,
  range: { readonly from: number; readonly to: number },
  write: (patch: SearchPatch) => Promise<void>,
): { readonly window: TimeWindow; readonly change: (patch: SearchPatch) => void } {
  const [moving, move] = useState<Bounds | null>(null);
  const unwritten = useRef<Bounds | null>(null);
  const timer = useRef(0);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const change = useCallback(
    (patch: SearchPatch) => {
      window.clearTimeout(timer.current);
      const bounds = unwritten.current;
      unwritten.current = null;
      void write({ ...bounds, ...patch }).then(() =>
        // What moved on meanwhile is ahead of the address.
        move((latest) => (unwritten.current === null ? null : latest)),
      );
    },
    [write],
  );
  const set = useCallback(
    (bounds: Bounds) => {
      unwritten.current = bounds;
      move(bounds);
      window.clearTimeout(timer.current);
      timer.current = window.setTimeout(() => change({}), restMillis);
    },
    [change],
  );
  const { t0, t1 } = moving ?? search;
  const from = t0 ?? range.from;
  const to = t1 ?? range.to;
  const gaps = search.idle ? model.gaps : undefined;
  const axis = useMemo(() => makeTimeAxis({ from, to }, gaps), [from, to, gaps]);
  const showAll = useCallback(() => set({ t0: undefined, t1: undefined }), [set]);
  const show = useCallback(
    (wantedFrom: number, wantedTo: number) => {
      const bounds = {
        t0: Math.max(range.from, Math.round(wantedFrom)),
        t1: Math.min(range.to, Math.round(wantedTo)),
      };
      if (bounds.t0 <= range.from && bounds.t1 >= range.to) showAll();
      else if (bounds.t1 - bounds.t0 >= 10) set(bounds);
    },
    [range, set, showAll],
  );
  return { window: { axis, zoomed: t0 !== undefined, show, showAll }, change };
}
