import type { FoldSpan } from './fold-span';
import { compareTops, topKey } from './order';

/**
 * What a trace's spans say together; a commutative merge like `ExecutionState`. Feedback (carriers) is no span of
 * a trace: one that holds nothing else is not listed.
 */
export interface TraceState {
  readonly spans: number;
  readonly errors: number;
  /** Decimal nanoseconds. */
  readonly start: string;
  readonly end?: string;
  readonly top: TopSpan;
  /** The execution id that its spans name, where they name one. */
  readonly explicit?: string;
  /** Its spans name more than one, so that membership goes by ancestors. */
  readonly many?: true;
  /** It is an agent's. */
  readonly agentic?: true;
}

interface TopSpan {
  readonly key: string;
  readonly name: string;
  readonly ended: boolean;
  readonly agentId: string | null;
}

/** `null` where there are carriers only. */
export function traceStateOf(spans: readonly FoldSpan[]): TraceState | null {
  let top: FoldSpan | null = null;
  let count = 0;
  let errors = 0;
  let start: bigint | null = null;
  let end: bigint | null = null;
  let explicit: string | undefined;
  let many = false;
  let agentic = false;
  for (const span of spans) {
    if (span.carrier) continue;
    count += 1;
    if (span.error) errors += 1;
    const { startTimeUnixNano: starts, endTimeUnixNano: ends, meaning, role } = span;
    if (start === null || starts < start) start = starts;
    if (ends !== null && (end === null || ends > end)) end = ends;
    if (top === null || compareTops(span, top) < 0) top = span;
    if (meaning.executionId !== undefined) {
      if (explicit !== undefined && explicit !== meaning.executionId) many = true;
      if (explicit === undefined || meaning.executionId < explicit) explicit = meaning.executionId;
    }
    agentic ||=
      role === 'agent' || role === 'llm' || role === 'tool' || meaning.taskId !== undefined;
  }
  if (top === null) return null;
  return {
    spans: count,
    errors,
    start: String(start),
    ...(end !== null && { end: String(end) }),
    top: {
      key: topKey(top),
      name: top.name,
      ended: top.endTimeUnixNano !== null,
      agentId: top.agentId,
    },
    ...(explicit !== undefined && { explicit }),
    ...(many && { many: true }),
    ...(agentic && { agentic: true }),
  };
}

export function mergeTraceStates(a: TraceState | null, b: TraceState | null): TraceState | null {
  if (!a || !b) return a ?? b;
  const end = latest(a.end, b.end);
  const explicit =
    a.explicit !== undefined && b.explicit !== undefined
      ? a.explicit < b.explicit
        ? a.explicit
        : b.explicit
      : (a.explicit ?? b.explicit);
  const differ = a.explicit !== undefined && b.explicit !== undefined && a.explicit !== b.explicit;
  return {
    spans: a.spans + b.spans,
    errors: a.errors + b.errors,
    start: BigInt(a.start) <= BigInt(b.start) ? a.start : b.start,
    ...(end !== undefined && { end }),
    top: a.top.key <= b.top.key ? a.top : b.top,
    ...(explicit !== undefined && { explicit }),
    ...((differ || (a.many ?? b.many)) && { many: true }),
    ...((a.agentic ?? b.agentic) && { agentic: true }),
  };
}

/** The one execution that all spans of the trace belong to, if any; not to be asked of `many`. */
export function onlyExecution(state: TraceState | null, traceId: string): string | null {
  return state?.explicit ?? (state?.agentic ? traceId : null);
}

function latest(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return BigInt(a) >= BigInt(b) ? a : b;
}
