import type { TimeAxis } from '../trace-layout/time-axis';
import type { TraceBox } from '../trace-layout/trace-box';
import type { TracePicture } from '../trace-layout/trace-boxes';
import { roleVariable } from '../ui/role-icon';
import type { Surface } from '../ui/use-canvas';

export const laneHeight = 22;

/** Boxes of each lane by start; in a lane none lies over another. */
export type Lanes = readonly (readonly TraceBox[])[];

export function byLane({ boxes, lanes }: TracePicture): Lanes {
  const rows: TraceBox[][] = Array.from({ length: lanes }, () => []);
  for (const box of boxes) rows[box.lane]!.push(box);
  for (const row of rows) row.sort((a, b) => a.start - b.start);
  return rows;
}

export interface FlameView {
  readonly lanes: Lanes;
  readonly scale: TimeAxis;
  /** Pixels that were scrolled past. */
  readonly top: number;
  readonly selected: number | null;
  readonly found: ReadonlySet<number> | null;
}

/** Draws the lanes in sight. Every box is at least a pixel wide; those within one pixel are drawn once. */
export function drawFlame(surface: Surface, view: FlameView): void {
  const { context, width, height } = surface;
  context.font = '12px system-ui, sans-serif';
  context.textBaseline = 'middle';
  const first = Math.floor(view.top / laneHeight);
  const last = Math.min(view.lanes.length - 1, Math.ceil((view.top + height) / laneHeight));
  for (let lane = first; lane <= last; lane += 1) {
    let drawnTo = -1;
    for (const box of view.lanes[lane]!) {
      if (box.end < view.scale.from || box.start > view.scale.to) continue;
      const left = view.scale.place(box.start) * width;
      const size = Math.max(1, view.scale.place(box.end) * width - left);
      if (left + size <= drawnTo + 0.5 && box.index !== view.selected) continue;
      drawnTo = left + size;
      drawBox(surface, view, box, { left, size, top: lane * laneHeight - view.top });
    }
  }
}

interface Place {
  readonly left: number;
  readonly size: number;
  readonly top: number;
}

function drawBox({ context, color }: Surface, view: FlameView, box: TraceBox, place: Place): void {
  const { left, size, top } = place;
  const gap = size > 3 ? 1 : 0;
  const faint = view.found !== null && !view.found.has(box.index);
  context.globalAlpha = faint ? 0.35 : 1;
  context.fillStyle = color(roleVariable(box.role, size >= 4));
  context.fillRect(left, top + 1, size - gap, laneHeight - 2);
  if (size >= 4) {
    context.fillStyle = color(roleVariable(box.role));
    context.fillRect(left, top + 1, 2, laneHeight - 2);
  }
  if (box.error || box.index === view.selected) {
    context.lineWidth = box.index === view.selected ? 2.5 : 1.5;
    context.strokeStyle = color(box.index === view.selected ? '--text' : '--bad');
    context.strokeRect(left + 0.75, top + 1.75, Math.max(1, size - gap - 1.5), laneHeight - 3.5);
  }
  if (size > 36) {
    context.fillStyle = color('--text');
    const label = `${box.error ? '⚠ ' : ''}${box.label}${box.count > 1 ? ` ×${box.count}` : ''}`;
    context.fillText(fit(context, label, size - 12), left + 7, top + laneHeight / 2 + 0.5);
  }
  context.globalAlpha = 1;
}

/** The text, cut to the width with an ellipsis; long texts are cut before they are measured. */
function fit(context: CanvasRenderingContext2D, text: string, width: number): string {
  let end = Math.min(text.length, Math.ceil(width / 3));
  if (end === text.length && context.measureText(text).width <= width) return text;
  while (end > 0 && context.measureText(`${text.slice(0, end)}…`).width > width) {
    end = Math.floor(end * 0.88);
  }
  return end < 2 ? '' : `${text.slice(0, end)}…`;
}

/** The box below a point of the canvas; a box narrower than two pixels is met by its neighbours' pixel too. */
export function findBox(
  lanes: Lanes,
  scale: TimeAxis,
  width: number,
  x: number,
  y: number,
): TraceBox | null {
  const row = lanes[Math.floor(y / laneHeight)] ?? [];
  let best: TraceBox | null = null;
  for (const box of row) {
    if (box.end < scale.from || box.start > scale.to) continue;
    const left = scale.place(box.start) * width;
    if (left > x + 1) break;
    if (Math.max(left + 2, scale.place(box.end) * width) >= x) best = box;
  }
  return best;
}
