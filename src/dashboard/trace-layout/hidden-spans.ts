import type { Forest } from './span-forest';
import type { TraceRow } from './visible-rows';

/** Spans of what is looked at that have no row of their own, by why. */
export interface HiddenSpans {
  /** Within folded repeats, of so many groups. */
  readonly repeated: number;
  readonly groups: number;
  /** Below rows that are closed. */
  readonly closed: number;
  /** Left out by the search or by their length. */
  readonly filtered: number;
}

/** O(rows). */
export function countHidden(
  forest: Forest,
  rows: readonly TraceRow[],
  focus: number | null,
): HiddenSpans {
  const { nodes } = forest;
  const all = focus === null ? nodes.length : nodes[focus]!.subtreeEnd - focus;
  let repeated = 0;
  let groups = 0;
  let closed = 0;
  let shown = 0;
  for (const row of rows) {
    if (row.kind === 'fold') {
      const { members } = row.group;
      repeated += nodes[members.at(-1)!]!.subtreeEnd - members[0]!;
      groups += 1;
      continue;
    }
    shown += 1;
    if (row.expanded === false) closed += nodes[row.index]!.subtreeEnd - row.index - 1;
  }
  return { repeated, groups, closed, filtered: all - shown - repeated - closed };
}
