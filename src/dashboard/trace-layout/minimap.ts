import type { Forest } from './span-forest';

export interface MinimapColumn {
  /** Most spans without children that ran at once. */
  readonly busy: number;
  readonly errors: number;
}

/** The whole trace in so many columns: how much ran, and where it failed. O(spans + columns). */
export function makeMinimap(forest: Forest, columns: number): readonly MinimapColumn[] {
  const span = Math.max(1, forest.end - forest.start);
  const at = (time: number): number =>
    Math.min(columns - 1, Math.max(0, Math.floor(((time - forest.start) / span) * columns)));
  const change = new Int32Array(columns + 1);
  const errors = new Int32Array(columns);
  for (const node of forest.nodes) {
    if (node.children.length === 0) {
      change[at(node.start)]! += 1;
      change[at(node.end) + 1]! -= 1;
    }
    if (node.span.error) errors[at(node.start)]! += 1;
  }
  let busy = 0;
  return Array.from(errors, (count, column) => {
    busy += change[column]!;
    return { busy, errors: count };
  });
}
