import type { Forest } from './span-forest';
import type { TraceBox } from './trace-box';

interface Merged {
  readonly index: number;
  readonly label: string;
  readonly role: string;
  readonly lane: number;
  readonly children: Map<string, Merged>;
  count: number;
  error: boolean;
  /** Time in which no child ran. */
  self: number;
  total: number;
}

/**
 * Spans with the same name below the same callers, as one box as wide as their work: their own time and
 * that of everything below. Work done side by side adds up, so it may be longer than the clock's time.
 */
export function aggregate(forest: Forest, focus: number | null): TraceBox[] {
  const top = merge(forest, focus);
  sumUp(top);
  const boxes: TraceBox[] = [];
  const stack: { readonly merged: Merged; readonly start: number }[] = [];
  const lay = (parent: Merged, from: number): void => {
    let start = from;
    const children = [...parent.children.values()].sort((a, b) => b.total - a.total);
    for (const merged of children) {
      stack.push({ merged, start });
      start += merged.total;
    }
  };
  lay(top, 0);
  while (stack.length > 0) {
    const { merged, start } = stack.pop()!;
    const { index, count, label, role, error, lane, total } = merged;
    boxes.push({ index, count, label, role, error, lane, start, end: start + total });
    lay(merged, start);
  }
  return boxes;
}

function merge(forest: Forest, focus: number | null): Merged {
  const from = focus ?? 0;
  const to = focus === null ? forest.nodes.length : forest.nodes[focus]!.subtreeEnd;
  const top = newMerged(-1, '', '', -1);
  const mergedOf: Merged[] = [];
  for (let index = from; index < to; index += 1) {
    const { span, parent } = forest.nodes[index]!;
    const above = parent < from ? top : mergedOf[parent - from]!;
    const key = `${span.role}\0${span.name}`;
    let merged = above.children.get(key);
    if (merged === undefined) {
      merged = newMerged(index, span.name, span.role, above.lane + 1);
      above.children.set(key, merged);
    }
    merged.count += 1;
    merged.error ||= span.error;
    merged.self += selfTime(forest, index);
    mergedOf.push(merged);
  }
  return top;
}

function newMerged(index: number, label: string, role: string, lane: number): Merged {
  const children = new Map<string, Merged>();
  return { index, label, role, lane, children, count: 0, error: false, self: 0, total: 0 };
}

/** Totals from the leaves up. */
function sumUp(top: Merged): void {
  const order: Merged[] = [top];
  // Grows while it is walked: every box stands before those below it.
  for (const merged of order) order.push(...merged.children.values());
  for (const merged of order.toReversed()) {
    merged.total = merged.self;
    for (const child of merged.children.values()) merged.total += child.total;
  }
}

/** Nanoseconds of a span in which none of its children ran. */
export function selfTime(forest: Forest, index: number): number {
  const node = forest.nodes[index]!;
  let covered = 0;
  let until = node.start;
  for (const child of node.children) {
    const { start, end } = forest.nodes[child]!;
    const from = Math.max(start, until);
    const to = Math.min(end, node.end);
    if (to > from) covered += to - from;
    until = Math.max(until, Math.min(end, node.end));
  }
  return node.end - node.start - covered;
}
