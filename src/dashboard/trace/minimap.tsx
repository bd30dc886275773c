import type { PointerEvent } from 'react';
import { useCallback, useMemo, useState } from 'react';
import { formatDuration, plural } from '../format/format';
import { makeMinimap } from '../trace-layout/minimap';
import type { Surface } from '../ui/use-canvas';
import { useCanvas } from '../ui/use-canvas';
import type { TraceModel } from './trace-model';
import type { TimeWindow } from './use-time-window';
import type { TraceView } from './use-trace-view';
import classes from './trace.module.css';

interface Props {
  readonly model: TraceModel;
  readonly view: TraceView;
  readonly window: TimeWindow;
}

const columns = 600;

/** The whole trace at a glance; dragging chooses the window. The keys w, s, a and d do the same. */
export function Minimap({ model, view, window: { axis, show, showAll } }: Props) {
  const { forest } = model;
  const map = useMemo(() => makeMinimap(forest, columns), [forest]);
  const draw = useCallback((surface: Surface) => drawMap(surface, map), [map]);
  const canvas = useCanvas(draw);
  const [brush, setBrush] = useState<readonly [number, number] | null>(null);
  const length = Math.max(1, forest.end - forest.start);
  const shown = [axis.from, axis.to].map((t) => (t - forest.start) / length);
  const finish = (): void => {
    if (brush === null) return;
    setBrush(null);
    const [from, to] = [Math.min(...brush), Math.max(...brush)];
    const t0 = Math.max(view.range.from, Math.round(forest.start + from * length));
    const t1 = Math.min(view.range.to, Math.round(forest.start + to * length));
    // A click alone shows everything again.
    if (to - from < 0.004 || t1 <= t0) showAll();
    else show(t0, t1);
  };
  return (
    <div
      data-canvas-box
      className={classes.minimap}
      role="img"
      aria-label={`Overview of ${plural(forest.nodes.length, 'span')} in ${formatDuration(length)}; shown from ${formatDuration(axis.from)} to ${formatDuration(axis.to)}`}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setBrush([placeOf(event), placeOf(event)]);
      }}
      onPointerMove={(event) => {
        if (brush !== null) setBrush([brush[0], placeOf(event)]);
      }}
      onPointerUp={finish}
      onPointerCancel={() => setBrush(null)}
    >
      <canvas ref={canvas} />
      <div className={classes.shade} style={{ left: 0, width: percent(shown[0]!) }} />
      <div className={classes.shade} style={{ right: 0, width: percent(1 - shown[1]!) }} />
      {brush !== null && (
        <div
          className={classes.brush}
          style={{
            left: percent(Math.min(...brush)),
            width: percent(Math.abs(brush[1] - brush[0])),
          }}
        />
      )}
    </div>
  );
}

function percent(share: number): string {
  return `${Math.min(100, Math.max(0, share * 100))}%`;
}

function placeOf(event: PointerEvent<HTMLElement>): number {
  const { left, width } = event.currentTarget.getBoundingClientRect();
  return Math.min(1, Math.max(0, (event.clientX - left) / width));
}

function drawMap(
  { context, width, height, color }: Surface,
  map: readonly { readonly busy: number; readonly errors: number }[],
): void {
  const most = map.reduce((max, { busy }) => Math.max(max, busy), 1);
  const step = width / map.length;
  map.forEach(({ busy, errors }, at) => {
    const size = (busy / most) ** 0.5 * (height - 10);
    context.fillStyle = color('--role-llm');
    context.globalAlpha = 0.55;
    context.fillRect(at * step, height - size, step + 0.5, size);
    context.globalAlpha = 1;
    if (errors === 0) return;
    // A mark at the top: seen by place and shape, not by its colour alone.
    context.fillStyle = color('--bad');
    context.beginPath();
    context.moveTo(at * step - 4, 0);
    context.lineTo(at * step + 4, 0);
    context.lineTo(at * step, 8);
    context.fill();
  });
}
