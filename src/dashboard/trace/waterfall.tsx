import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useMemo, useRef } from 'react';
import { formatDuration } from '../format/format';
import type { TimeAxis } from '../trace-layout/time-axis';
import { axisTicks } from '../trace-layout/time-axis';
import { AxisLabels } from '../ui/axis-labels';
import { partsBySpan } from '../trace-layout/critical-path';
import { layOutTrace } from '../trace-layout/trace-boxes';
import type { TraceModel } from './trace-model';
import type { TraceView } from './use-trace-view';
import { WaterfallRow } from './waterfall-row';
import classes from './waterfall.module.css';

interface Props {
  readonly model: TraceModel;
  readonly view: TraceView;
  readonly axis: TimeAxis;
}

const rowHeight = 28;
/** It lies over the rows, and above the first. */
const axisHeight = 26;

/**
 * A row a span. Only the rows in sight are in the document, however many there are, and those that leave it are filled
 * anew for those that come.
 */
export function Waterfall({ model, view, axis }: Props) {
  const { rows, selected } = view;
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 6,
    scrollMargin: axisHeight,
    scrollPaddingStart: axisHeight,
  });
  const position = useMemo(
    () => rows.findIndex((row) => row.kind === 'span' && row.index === selected),
    [rows, selected],
  );
  useEffect(() => {
    if (position !== -1) virtual.scrollToIndex(position, { align: 'auto' });
  }, [virtual, position]);
  const { boxes } = useMemo(
    () => layOutTrace(model.forest, { kind: 'waterfall', rows }),
    [model, rows],
  );
  const matches = useMemo(() => new Set(view.matches), [view.matches]);
  const critical = useMemo(() => partsBySpan(model.criticalPath), [model]);
  const items = virtual.getVirtualItems();
  const slot = (index: number): number => index % items.length;
  // To move an element in the document costs more than to fill it anew: the order of reading comes back with the rest.
  const drawn = virtual.isScrolling
    ? items.toSorted((a, b) => slot(a.index) - slot(b.index))
    : items;
  return (
    <div
      ref={scroller}
      className={classes.scroller}
      role="treegrid"
      aria-label={`Spans of the trace, ${rows.length} rows`}
      aria-rowcount={rows.length + 1}
      aria-colcount={2}
      aria-activedescendant={position === -1 ? undefined : `row-${position}`}
      tabIndex={0}
    >
      <Axis axis={axis} />
      <div
        role="rowgroup"
        className={classes.rows}
        style={{ height: Math.max(1, virtual.getTotalSize()) }}
      >
        <IdleBands axis={axis} />
        {drawn.map(({ index, start }) => (
          <WaterfallRow
            key={slot(index)}
            model={model}
            view={view}
            row={rows[index]!}
            box={boxes[index]!}
            position={index}
            top={start - axisHeight}
            axis={axis}
            match={isMatch(rows[index]!, matches)}
            critical={view.search.critical ? critical : null}
          />
        ))}
      </div>
    </div>
  );
}

function isMatch(row: TraceView['rows'][number], matches: ReadonlySet<number>): boolean {
  return row.kind === 'span'
    ? matches.has(row.index)
    : row.group.members.some((m) => matches.has(m));
}

const Axis = memo(function Axis({ axis }: { readonly axis: TimeAxis }) {
  const ticks = axisTicks(axis.from, axis.to, 6).filter(
    (tick) => !axis.parts.some((p) => p.folded && tick > p.from && tick < p.to),
  );
  return (
    <div className={classes.axis} role="row" aria-rowindex={1}>
      <span role="columnheader" className={classes.axisName}>
        Span
      </span>
      <span role="columnheader" className={classes.axisTime} aria-label="Time">
        <AxisLabels
          className={classes.ticks}
          tickClassName={classes.tick}
          {...{ axis, ticks }}
          textOf={formatDuration}
        />
      </span>
    </div>
  );
});

/** Where idle time was folded, with how much. */
const IdleBands = memo(function IdleBands({ axis }: { readonly axis: TimeAxis }) {
  return (
    <div className={classes.bands} aria-hidden>
      {axis.parts
        .filter((part) => part.folded)
        .map((part) => (
          <div
            key={part.from}
            className={classes.band}
            style={{ left: `${part.left * 100}%`, width: `${(part.right - part.left) * 100}%` }}
            title={`${formatDuration(part.to - part.from)} idle`}
          >
            <span>{formatDuration(part.to - part.from)} idle</span>
          </div>
        ))}
    </div>
  );
});
