import { compareSpans, type FoldSpan } from './fold-span';

/**
 * The root of an execution: the topmost span with role agent (fewest ancestors inside the execution,
 * then the earliest), else the topmost of all. `members` are of one execution, maybe of many traces.
 */
export function findRoot(members: readonly FoldSpan[]): FoldSpan | null {
  const agents = members.filter((span) => span.role === 'agent');
  return topmostOf(agents.length > 0 ? agents : members, members);
}

/** The topmost span of all: fewest ancestors among `members`, then the earliest. */
export function findTopmost(members: readonly FoldSpan[]): FoldSpan | null {
  return topmostOf(members, members);
}

function topmostOf(candidates: readonly FoldSpan[], members: readonly FoldSpan[]): FoldSpan | null {
  const depths = ancestorCounts(members);
  let best: FoldSpan | null = null;
  for (const span of candidates) {
    if (best === null) {
      best = span;
      continue;
    }
    const deeper = depths.get(addressOf(span))! - depths.get(addressOf(best))!;
    if (deeper < 0 || (deeper === 0 && compareSpans(span, best) < 0)) best = span;
  }
  return best;
}

/** How many ancestors each span has among `members`; the spans of a ring count as many as it has. */
function ancestorCounts(members: readonly FoldSpan[]): ReadonlyMap<string, number> {
  const byAddress = new Map(members.map((span) => [addressOf(span), span]));
  const counts = new Map<string, number>();
  for (const span of members) {
    const path: string[] = [];
    const onPath = new Set<string>();
    let at: FoldSpan | undefined = span;
    let count = 0;
    while (at) {
      const address = addressOf(at);
      const known = counts.get(address);
      if (known !== undefined) {
        count = known + 1;
        break;
      }
      if (onPath.has(address)) {
        const ring = path.splice(path.indexOf(address));
        for (const member of ring) counts.set(member, ring.length);
        count = ring.length + 1;
        break;
      }
      path.push(address);
      onPath.add(address);
      at = at.parentSpanId === null ? undefined : byAddress.get(at.traceId + at.parentSpanId);
    }
    while (path.length > 0) counts.set(path.pop()!, count++);
  }
  return counts;
}

const addressOf = (span: FoldSpan): string => span.traceId + span.spanId;
