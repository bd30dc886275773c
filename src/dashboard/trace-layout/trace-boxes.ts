import { aggregate } from './aggregate';
import type { Forest } from './span-forest';
import type { TraceBox } from './trace-box';
import type { TraceRow } from './visible-rows';

export interface TracePicture {
  readonly boxes: readonly TraceBox[];
  readonly lanes: number;
  readonly start: number;
  readonly end: number;
}

export type PictureMode =
  /** A lane per row. */
  | { readonly kind: 'waterfall'; readonly rows: readonly TraceRow[] }
  /** By the clock, spans that run side by side in lanes of their own. */
  | { readonly kind: 'flame' }
  /** Spans of one name below the same callers as one box, the longest first. */
  | { readonly kind: 'aggregated' };

/** The one layout of waterfall and flame. `focus` is the root of what is drawn, `null` for all. */
export function layOutTrace(
  forest: Forest,
  mode: PictureMode,
  focus: number | null = null,
): TracePicture {
  switch (mode.kind) {
    case 'waterfall':
      return picture(
        forest,
        focus,
        mode.rows.map((row, lane) => rowBox(forest, row, lane)),
      );
    case 'flame':
      return picture(forest, focus, packLanes(forest, focus));
    case 'aggregated': {
      const boxes = aggregate(forest, focus);
      const end = boxes.reduce((most, box) => Math.max(most, box.end), 0);
      return { boxes, lanes: countLanes(boxes), start: 0, end };
    }
  }
}

function picture(forest: Forest, focus: number | null, boxes: readonly TraceBox[]): TracePicture {
  const { start, end } = focus === null ? forest : forest.nodes[focus]!;
  return { boxes, lanes: countLanes(boxes), start, end };
}

function countLanes(boxes: readonly TraceBox[]): number {
  return boxes.reduce((most, box) => Math.max(most, box.lane + 1), 0);
}

function rowBox(forest: Forest, row: TraceRow, lane: number): TraceBox {
  if (row.kind === 'span') return nodeBox(forest, row.index, lane);
  const { group } = row;
  const first = forest.nodes[group.members[0]!]!;
  return {
    index: first.index,
    count: group.members.length,
    label: `${group.round.join(' → ')} ×${group.times}`,
    role: first.span.role,
    error: group.errors > 0,
    lane,
    start: group.start,
    end: group.end,
  };
}

function nodeBox(forest: Forest, index: number, lane: number): TraceBox {
  const { span, start, end } = forest.nodes[index]!;
  return {
    index,
    count: 1,
    label: span.name,
    role: span.role,
    error: span.error,
    lane,
    start,
    end,
  };
}

/**
 * Lanes by the clock: a span lies below its parent in the first lane that is free, so that spans which
 * run side by side are never drawn over each other and keep their true length.
 */
function packLanes(forest: Forest, focus: number | null): TraceBox[] {
  const from = focus ?? 0;
  const to = focus === null ? forest.nodes.length : forest.nodes[focus]!.subtreeEnd;
  const lanes = new Int32Array(forest.nodes.length).fill(-1);
  /** When each lane is free again. */
  const freeAt: number[] = [];
  const boxes: TraceBox[] = [];
  for (const index of byClock(forest, from, to)) {
    const node = forest.nodes[index]!;
    let lane = node.parent < from ? 0 : lanes[node.parent]! + 1;
    while ((freeAt[lane] ?? -Infinity) > node.start) lane += 1;
    lanes[index] = lane;
    freeAt[lane] = node.end;
    boxes.push(nodeBox(forest, index, lane));
  }
  return boxes;
}

/** By start, but never before the parent, whatever the clocks say. */
function byClock(forest: Forest, from: number, to: number): readonly number[] {
  const starts = new Float64Array(forest.nodes.length);
  const order: number[] = [];
  for (let at = from; at < to; at += 1) {
    const node = forest.nodes[at]!;
    starts[at] = node.parent < from ? node.start : Math.max(node.start, starts[node.parent]!);
    order.push(at);
  }
  // The sort is stable and the forest's order has parents first.
  return order.sort((a, b) => starts[a]! - starts[b]!);
}
