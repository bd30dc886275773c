import type { Forest } from './span-forest';

/** Siblings that follow each other again and again, e.g. `chat → search` 37 times. */
export interface RepeatGroup {
  /** Stable within a trace: id of the first span. */
  readonly id: string;
  readonly parent: number;
  /** Names of one round, in order. */
  readonly round: readonly string[];
  readonly times: number;
  /** The siblings, in order: `round.length × times` of them. */
  readonly members: readonly number[];
  readonly start: number;
  readonly end: number;
  /** Members and what lies below them that ended in an error. */
  readonly errors: number;
}

const longestRound = 4;

/** Runs of siblings that repeat a round of one to four names at least `atLeast` times; O(n). */
export function findRepeats(forest: Forest, atLeast = 5): readonly RepeatGroup[] {
  const groups: RepeatGroup[] = [];
  const errorsBefore = countErrors(forest);
  const lists: [number, readonly number[]][] = [[-1, forest.roots]];
  for (const node of forest.nodes) {
    if (node.children.length >= atLeast) lists.push([node.index, node.children]);
  }
  for (const [parent, siblings] of lists) {
    const names = siblings.map((index) => forest.nodes[index]!.span.name);
    let at = 0;
    while (at < names.length) {
      const { length, times } = bestRound(names, at);
      if (times < atLeast) {
        at += 1;
        continue;
      }
      const members = siblings.slice(at, at + length * times);
      groups.push(describe(forest, parent, members, names.slice(at, at + length), errorsBefore));
      at += length * times;
    }
  }
  return groups;
}

/** The round that covers most; the shorter of two that cover as much. */
function bestRound(names: readonly string[], from: number): { length: number; times: number } {
  let best = { length: 1, times: 0 };
  for (let length = 1; length <= longestRound; length += 1) {
    let same = 0;
    while (
      names[from + length + same] !== undefined &&
      names[from + length + same] === names[from + same]
    ) {
      same += 1;
    }
    const times = Math.floor(same / length) + 1;
    if (times > 1 && length * times > best.length * best.times) best = { length, times };
  }
  return best;
}

function describe(
  forest: Forest,
  parent: number,
  members: readonly number[],
  round: readonly string[],
  errorsBefore: Int32Array,
): RepeatGroup {
  const first = forest.nodes[members[0]!]!;
  const last = forest.nodes[members.at(-1)!]!;
  return {
    id: first.span.id,
    parent,
    round,
    times: members.length / round.length,
    members,
    start: first.start,
    end: members.reduce((most, index) => Math.max(most, forest.nodes[index]!.end), first.end),
    errors: errorsBefore[last.subtreeEnd]! - errorsBefore[first.index]!,
  };
}

/** Errors among the nodes before an index. */
function countErrors(forest: Forest): Int32Array {
  const before = new Int32Array(forest.nodes.length + 1);
  forest.nodes.forEach((node, index) => {
    before[index + 1] = before[index]! + (node.span.error ? 1 : 0);
  });
  return before;
}
