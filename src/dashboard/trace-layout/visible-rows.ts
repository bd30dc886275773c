import type { Forest } from './span-forest';
import { ancestorsOf } from './span-forest';
import type { RepeatGroup } from './fold-repeats';

export type TraceRow =
  | {
      readonly kind: 'span';
      readonly index: number;
      readonly depth: number;
      /** `null` without children. */
      readonly expanded: boolean | null;
    }
  | { readonly kind: 'fold'; readonly group: RepeatGroup; readonly depth: number };

export interface RowView {
  /** Nodes whose children are hidden. */
  readonly collapsed: ReadonlySet<number>;
  /** `null` shows all repeats unfolded. */
  readonly repeats: readonly RepeatGroup[] | null;
  /** Ids of the groups that were opened. */
  readonly opened: ReadonlySet<string>;
  /** Only these, and what leads to them; `null` shows all. */
  readonly only: ReadonlySet<number> | null;
  /** Root of the subtree that is looked at; `null` for the whole trace. */
  readonly focus: number | null;
  /** Shown whatever is folded, as is what leads to it. */
  readonly selected: number | null;
}

/** The rows of the waterfall from top to bottom; O(rows + what is hidden), without recursion. */
export function visibleRows(forest: Forest, view: RowView): readonly TraceRow[] {
  const shown = view.only === null ? null : withAncestors(forest, view.only);
  const folds = foldsByFirst(view, forest);
  const from = view.focus ?? 0;
  const to = view.focus === null ? forest.nodes.length : forest.nodes[view.focus]!.subtreeEnd;
  const base = view.focus === null ? 0 : forest.nodes[view.focus]!.depth;
  const rows: TraceRow[] = [];
  for (let at = from; at < to;) {
    const node = forest.nodes[at]!;
    const group = folds.get(at);
    if (group !== undefined) {
      rows.push({ kind: 'fold', group, depth: node.depth - base });
      at = forest.nodes[group.members.at(-1)!]!.subtreeEnd;
      continue;
    }
    const hidden = shown !== null && !shown.has(at);
    const collapsed = view.collapsed.has(at) && node.children.length > 0;
    if (!hidden) {
      const expanded = node.children.length === 0 ? null : !collapsed;
      rows.push({ kind: 'span', index: at, depth: node.depth - base, expanded });
    }
    at = collapsed || hidden ? node.subtreeEnd : at + 1;
  }
  return rows;
}

/** Groups that stay folded, by their first member. A filter shows what it found, so it folds nothing. */
function foldsByFirst(view: RowView, forest: Forest): ReadonlyMap<number, RepeatGroup> {
  const folds = new Map<number, RepeatGroup>();
  if (view.only !== null) return folds;
  for (const group of view.repeats ?? []) {
    const first = group.members[0]!;
    const end = forest.nodes[group.members.at(-1)!]!.subtreeEnd;
    const inside = (index: number | null): boolean =>
      index !== null && index >= first && index < end;
    if (view.opened.has(group.id) || inside(view.selected) || inside(view.focus)) continue;
    folds.set(first, group);
  }
  return folds;
}

function withAncestors(forest: Forest, indices: ReadonlySet<number>): ReadonlySet<number> {
  const all = new Set(indices);
  for (const index of indices) {
    for (const ancestor of ancestorsOf(forest, index)) {
      if (all.has(ancestor)) break;
      all.add(ancestor);
    }
  }
  return all;
}
