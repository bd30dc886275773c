import type { Forest } from './span-forest';

/** A stretch in which this span, and none of its children, decided when the trace ended. */
export interface CriticalPart {
  readonly index: number;
  readonly from: number;
  readonly to: number;
}

interface Frame {
  readonly index: number;
  /** By end, so that the last is taken first. */
  readonly children: number[];
  readonly start: number;
  /** Where the walk begins: what reaches beyond is cut here. */
  readonly limit: number;
  /** Everything after it is explained. */
  cursor: number;
}

/**
 * What the trace waited for, from its start to its end: walking back from the end, always into the child
 * that finished last before. A child that ends after the cursor is cut there; without recursion.
 */
export function findCriticalPath(forest: Forest): readonly CriticalPart[] {
  const parts: CriticalPart[] = [];
  const stack: Frame[] = [openFrame(forest, -1, forest.end)];
  while (stack.length > 0) {
    const frame = stack.at(-1)!;
    const child = nextChild(forest, frame);
    if (child === null) {
      add(parts, frame.index, frame.start, frame.cursor);
      stack.pop();
      continue;
    }
    const node = forest.nodes[child]!;
    const end = Math.min(node.end, frame.cursor);
    add(parts, frame.index, end, frame.cursor);
    frame.cursor = Math.max(node.start, frame.start);
    stack.push({ ...openFrame(forest, child, end), start: frame.cursor });
  }
  return parts.reverse();
}

function openFrame(forest: Forest, index: number, cursor: number): Frame {
  const children = index === -1 ? forest.roots : forest.nodes[index]!.children;
  const start = index === -1 ? forest.start : forest.nodes[index]!.start;
  const byEnd = children.toSorted((a, b) => forest.nodes[a]!.end - forest.nodes[b]!.end);
  return { index, children: byEnd, start, limit: cursor, cursor };
}

/** The child that finished last before the cursor; what ends after it ran beside the path. */
function nextChild(forest: Forest, frame: Frame): number | null {
  while (frame.children.length > 0) {
    const child = frame.children.pop()!;
    const { start, end } = forest.nodes[child]!;
    const beside = Math.min(end, frame.limit) > frame.cursor;
    if (!beside && start < frame.cursor && end > frame.start && end > start) return child;
  }
  return null;
}

function add(parts: CriticalPart[], index: number, from: number, to: number): void {
  if (index !== -1 && to > from) parts.push({ index, from, to });
}

/** The parts of each span, by its index. */
export type CriticalBySpan = ReadonlyMap<number, readonly CriticalPart[]>;

export function partsBySpan(parts: readonly CriticalPart[]): CriticalBySpan {
  const bySpan = new Map<number, CriticalPart[]>();
  for (const part of parts) {
    const own = bySpan.get(part.index);
    if (own === undefined) bySpan.set(part.index, [part]);
    else own.push(part);
  }
  return bySpan;
}
