/** A span as the layouts need it. Times in nanoseconds since the start of the trace. */
export interface LayoutSpan {
  readonly id: string;
  readonly parentId: string | null;
  readonly name: string;
  readonly role: string;
  readonly start: number;
  /** `null` while the span has not ended. */
  readonly end: number | null;
  readonly error: boolean;
}

export interface ForestNode<S extends LayoutSpan = LayoutSpan> {
  readonly span: S;
  /** Place in the forest's order: depth first, siblings by start. */
  readonly index: number;
  /** Index of the parent; -1 for a root. */
  readonly parent: number;
  readonly depth: number;
  /** Index after the last node of the subtree. */
  readonly subtreeEnd: number;
  readonly children: readonly number[];
  readonly start: number;
  /** Never before the start: of an unfinished span, the end of the trace. */
  readonly end: number;
  /** Its parent is named and is not in the trace. */
  readonly orphan: boolean;
  /** The clocks disagree: it says that it ended before it started. */
  readonly endsBeforeStart: boolean;
  readonly unfinished: boolean;
}

/** All spans of a trace as trees, in one flat array. */
export interface Forest<S extends LayoutSpan = LayoutSpan> {
  readonly nodes: readonly ForestNode<S>[];
  readonly roots: readonly number[];
  readonly byId: ReadonlyMap<string, number>;
  readonly start: number;
  readonly end: number;
  readonly depth: number;
}

/**
 * Orders spans into trees: O(n log n), without recursion, so that a chain of thousands is no deeper
 * than a list. A span whose parent is absent is a root; a ring of parents is cut at its earliest span.
 */
export function growForest<S extends LayoutSpan>(spans: readonly S[]): Forest<S> {
  const unique = [...new Map(spans.map((span) => [span.id, span])).values()];
  const start = unique.reduce((least, span) => Math.min(least, span.start), Infinity);
  const end = unique.reduce((most, s) => Math.max(most, s.start, s.end ?? s.start), -Infinity);
  const sorted = unique.sort((a, b) => a.start - b.start || (a.id < b.id ? -1 : 1));
  const place = new Map(sorted.map((span, position) => [span.id, position]));
  const parents = sorted.map((span) =>
    span.parentId === null ? -1 : (place.get(span.parentId) ?? -1),
  );
  cutRings(parents);
  const children: number[][] = sorted.map(() => []);
  parents.forEach((parent, position) => children[parent]?.push(position));
  return flatten(sorted, parents, children, {
    start: Number.isFinite(start) ? start : 0,
    end: Number.isFinite(end) ? end : 0,
  });
}

/** Makes a root of the first span of every ring. */
function cutRings(parents: number[]): void {
  // 0: not seen, otherwise the walk that saw it.
  const seen = new Int32Array(parents.length);
  parents.forEach((_, first) => {
    let position = first;
    while (position !== -1 && seen[position] === 0) {
      seen[position] = first + 1;
      position = parents[position] ?? -1;
    }
    if (position !== -1 && seen[position] === first + 1)
      parents[earliestOfRing(parents, position)] = -1;
  });
}

function earliestOfRing(parents: readonly number[], member: number): number {
  let earliest = member;
  for (let at = parents[member] ?? member; at !== member; at = parents[at] ?? member) {
    earliest = Math.min(earliest, at);
  }
  return earliest;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function flatten<S extends LayoutSpan>(
  sorted: readonly S[],
  parents: readonly number[],
  children: readonly (readonly number[])[],
  range: { readonly start: number; readonly end: number },
): Forest<S> {
  const nodes: Mutable<ForestNode<S>>[] = [];
  const indexOf = new Int32Array(sorted.length).fill(-1);
  const rootPositions = sorted.map((_, at) => at).filter((at) => parents[at] === -1);
  const stack = rootPositions.toReversed();
  let depth = 0;
  while (stack.length > 0) {
    const position = stack.pop()!;
    const node = makeNode(sorted[position]!, nodes.length, range.end);
    const parent = parents[position]!;
    if (parent !== -1) {
      node.parent = indexOf[parent]!;
      node.depth = nodes[node.parent]!.depth + 1;
      depth = Math.max(depth, node.depth);
      (nodes[node.parent]!.children as number[]).push(node.index);
    } else {
      node.orphan = node.span.parentId !== null;
    }
    indexOf[position] = node.index;
    nodes.push(node);
    const own = children[position]!;
    for (let at = own.length - 1; at >= 0; at -= 1) stack.push(own[at]!);
  }
  for (let at = nodes.length - 1; at >= 0; at -= 1) {
    const node = nodes[at]!;
    const last = node.children.at(-1);
    node.subtreeEnd = last === undefined ? at + 1 : nodes[last]!.subtreeEnd;
  }
  return {
    nodes,
    roots: nodes.filter((node) => node.parent === -1).map((node) => node.index),
    byId: new Map(nodes.map((node) => [node.span.id, node.index])),
    ...range,
    depth: nodes.length === 0 ? 0 : depth + 1,
  };
}

function makeNode<S extends LayoutSpan>(
  span: S,
  index: number,
  traceEnd: number,
): Mutable<ForestNode<S>> {
  return {
    span,
    index,
    parent: -1,
    depth: 0,
    subtreeEnd: index + 1,
    children: [],
    start: span.start,
    end: Math.max(span.start, span.end ?? traceEnd),
    orphan: false,
    endsBeforeStart: span.end !== null && span.end < span.start,
    unfinished: span.end === null,
  };
}

/** From the parent up to the root. */
export function* ancestorsOf(forest: Forest, index: number): Generator<number> {
  for (let at = forest.nodes[index]?.parent ?? -1; at !== -1; at = forest.nodes[at]!.parent)
    yield at;
}
