import type { Forest, ForestNode, LayoutSpan } from './span-forest';

/** Nodes whose text holds every word of the query, in the forest's order; none for an empty query. */
export function findSpans<S extends LayoutSpan>(
  forest: Forest<S>,
  query: string,
  textOf: (span: S) => string,
): readonly number[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const matches = (node: ForestNode<S>): boolean => {
    const text = textOf(node.span).toLowerCase();
    return words.every((word) => text.includes(word));
  };
  return forest.nodes.filter(matches).map((node) => node.index);
}

/** Nodes that last at least `share` (0..1) of the trace. */
export function findLongSpans(forest: Forest, share: number): readonly number[] {
  const least = (forest.end - forest.start) * share;
  return forest.nodes.filter((n) => n.end - n.start >= least).map((node) => node.index);
}

/** The match after (or before) a node, around the corner; `null` without matches. */
export function nextMatch(
  matches: readonly number[],
  current: number | null,
  step: 1 | -1,
): number | null {
  if (matches.length === 0) return null;
  if (step === 1) return matches.find((at) => at > (current ?? -1)) ?? matches[0]!;
  return matches.findLast((at) => at < (current ?? Infinity)) ?? matches.at(-1)!;
}
