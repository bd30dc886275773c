import type { Span } from '../model/span';

export interface FlameBar {
  readonly span: Span;
  /** From 0, the outermost. */
  readonly row: number;
  /** Levels under the run's outermost step. */
  readonly depth: number;
  /** Milliseconds from the first start; an end before the start counts as the start. */
  readonly startMs: number;
  readonly durationMs: number;
}

/**
 * Steps under their callers, in the order of their start; what runs at the same time as a sibling gets a row of
 * its own. A step whose parent is unknown, or only reached through itself, is outermost.
 */
export function layOutFlame(spans: readonly Span[]): readonly FlameBar[] {
  const byStart = [...spans].sort(
    (a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano) || (a.spanId < b.spanId ? -1 : 1),
  );
  const origin = byStart[0]?.startTimeUnixNano ?? 0n;
  const occupiedUntil: number[] = [];
  const bars = new Map<string, FlameBar>();
  for (const { span, parent } of parentsFirst(byStart)) {
    const above = parent === null ? undefined : bars.get(keyOf(parent));
    const startMs = Number(span.startTimeUnixNano - origin) / 1e6;
    const end = span.endTimeUnixNano ?? span.startTimeUnixNano;
    const durationMs = Math.max(0, Number(end - span.startTimeUnixNano) / 1e6);
    let row = above === undefined ? 0 : above.row + 1;
    while ((occupiedUntil[row] ?? -Infinity) > startMs) row += 1;
    occupiedUntil[row] = Math.max(occupiedUntil[row] ?? -Infinity, startMs + durationMs);
    const depth = above === undefined ? 0 : above.depth + 1;
    bars.set(keyOf(span), { span, row, depth, startMs, durationMs });
  }
  return [...bars.values()];
}

interface Placed {
  readonly span: Span;
  readonly parent: Span | null;
}

/** Without recursion: steps may be nested as deep as somebody likes. */
function parentsFirst(spans: readonly Span[]): Placed[] {
  const known = new Map(spans.map((span) => [keyOf(span), span]));
  const children = new Map<Span | null, Span[]>();
  for (const span of spans) {
    const parent = known.get(`${span.traceId}:${span.parentSpanId}`) ?? null;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [span]);
    else siblings.push(span);
  }
  const placed: Placed[] = [];
  const seen = new Set<Span>();
  const visit = (roots: readonly Span[]): void => {
    const waiting: Placed[] = roots.map((span) => ({ span, parent: null })).reverse();
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { span } = next;
      if (seen.has(span)) continue;
      seen.add(span);
      placed.push(next);
      for (const child of [...(children.get(span) ?? [])].reverse()) {
        waiting.push({ span: child, parent: span });
      }
    }
  };
  visit(children.get(null) ?? []);
  visit(spans); // what is left stands in rings
  return placed;
}

function keyOf({ traceId, spanId }: Span): string {
  return `${traceId}:${spanId}`;
}
