import { Table } from '@mantine/core';
import type { MouseEvent } from 'react';
import { memo, useCallback, useMemo, useState } from 'react';
import { formatCount, formatDuration, formatShare, plural } from '../format/format';
import type { TimeAxis } from '../trace-layout/time-axis';
import { makeTimeAxis } from '../trace-layout/time-axis';
import type { TraceBox } from '../trace-layout/trace-box';
import { layOutTrace } from '../trace-layout/trace-boxes';
import { OnDemand } from '../ui/on-demand';
import { roleName } from '../ui/role-icon';
import type { Surface } from '../ui/use-canvas';
import { useCanvas } from '../ui/use-canvas';
import { byLane, drawFlame, findBox, laneHeight } from './draw-flame';
import type { TraceModel } from './trace-model';
import type { TraceView } from './use-trace-view';
import classes from './trace.module.css';

interface Props {
  readonly model: TraceModel;
  readonly view: TraceView;
  readonly axis: TimeAxis;
  readonly mode: 'flame' | 'aggregated';
}

interface Hover {
  readonly box: TraceBox;
  readonly left: number;
  readonly top: number;
}

/** Lanes by the clock, or merged by name. The canvas is as large as what is in sight, however deep the trace. */
export function FlameChart({ model, view, axis, mode }: Props) {
  const { forest } = model;
  const { focus, selected, matches } = view;
  const [top, setTop] = useState(0);
  const [hover, setHover] = useState<Hover | null>(null);
  const picture = useMemo(() => layOutTrace(forest, { kind: mode }, focus), [forest, mode, focus]);
  const lanes = useMemo(() => byLane(picture), [picture]);
  const scale = useMemo(
    () => (mode === 'flame' ? axis : makeTimeAxis({ from: 0, to: picture.end })),
    [mode, axis, picture],
  );
  const found = useMemo(() => (matches === null ? null : new Set(matches)), [matches]);
  const draw = useCallback(
    (surface: Surface) => drawFlame(surface, { lanes, scale, top, selected, found }),
    [lanes, scale, top, selected, found],
  );
  const canvas = useCanvas(draw);
  const at = (event: MouseEvent<HTMLElement>): Hover | null => {
    const { left, top: above, width } = event.currentTarget.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - above];
    const box = findBox(lanes, scale, width, x, y + top);
    return box === null ? null : { box, left: Math.min(x + 12, width - 240), top: y + top + 14 };
  };
  return (
    <>
      <div
        data-canvas-box
        className={classes.flame}
        tabIndex={0}
        role="img"
        aria-label={`${mode === 'flame' ? 'Flame chart by time' : 'Aggregated flame chart'} of ${plural(forest.nodes.length, 'span')}; the table has the same`}
        onScroll={(event) => setTop(event.currentTarget.scrollTop)}
        onMouseMove={(event) => setHover(at(event))}
        onMouseLeave={() => setHover(null)}
        onClick={(event) => {
          const hit = at(event);
          if (hit !== null) view.change({ span: forest.nodes[hit.box.index]!.span.id });
        }}
      >
        <div className={classes.depth} style={{ height: picture.lanes * laneHeight }}>
          <canvas ref={canvas} />
        </div>
        {hover !== null && (
          <div className={classes.hover} style={{ left: hover.left, top: hover.top }}>
            <div className="untrusted">{hover.box.label}</div>
            <div>
              {roleName(hover.box.role)} · {formatDuration(hover.box.end - hover.box.start)}
              {hover.box.count > 1 ? ` · ${plural(hover.box.count, 'span')}` : ''}
              {hover.box.error ? ' · error' : ''}
            </div>
          </div>
        )}
      </div>
      <BoxTable boxes={picture.boxes} whole={picture.end - picture.start} />
    </>
  );
}

const mostRows = 200;

/** The same in rows: the longest first. */
const BoxTable = memo(function BoxTable({
  boxes,
  whole,
}: {
  readonly boxes: readonly TraceBox[];
  readonly whole: number;
}) {
  const title =
    boxes.length > mostRows
      ? `As a table (the ${mostRows} longest of ${formatCount(boxes.length)})`
      : 'As a table';
  return (
    <OnDemand className={classes.twin} title={title}>
      {() => <Boxes boxes={boxes} whole={whole} />}
    </OnDemand>
  );
});

function Boxes({ boxes, whole }: { readonly boxes: readonly TraceBox[]; readonly whole: number }) {
  const longest = useMemo(
    () => boxes.toSorted((a, b) => b.end - b.start - (a.end - a.start)).slice(0, mostRows),
    [boxes],
  );
  return (
    <Table fz="sm" horizontalSpacing="md" stickyHeader>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Name</Table.Th>
          <Table.Th>Role</Table.Th>
          <Table.Th ta="right">Spans</Table.Th>
          <Table.Th ta="right">Time</Table.Th>
          <Table.Th ta="right">Share</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {longest.map((box) => (
          <Table.Tr key={box.index}>
            <Table.Td className="untrusted">{box.label}</Table.Td>
            <Table.Td>{roleName(box.role)}</Table.Td>
            <Table.Td ta="right">{formatCount(box.count)}</Table.Td>
            <Table.Td ta="right">{formatDuration(box.end - box.start)}</Table.Td>
            <Table.Td ta="right">
              {formatShare((box.end - box.start) / Math.max(1, whole))}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
