import type { TraceJson, TraceSpanJson } from '../../wire';
import type { CriticalPart } from '../trace-layout/critical-path';
import { findCriticalPath } from '../trace-layout/critical-path';
import type { RepeatGroup } from '../trace-layout/fold-repeats';
import { findRepeats } from '../trace-layout/fold-repeats';
import type { Forest, LayoutSpan } from '../trace-layout/span-forest';
import { growForest } from '../trace-layout/span-forest';
import type { Gap } from '../trace-layout/time-axis';
import { findIdleGaps } from '../trace-layout/time-axis';

export interface ViewSpan extends LayoutSpan {
  readonly json: TraceSpanJson;
}

/** A trace with all that is computed once for it. */
export interface TraceModel {
  readonly traceId: string;
  readonly forest: Forest<ViewSpan>;
  /** Unix nanoseconds of the forest's time 0. */
  readonly origin: bigint;
  readonly repeats: readonly RepeatGroup[];
  readonly gaps: readonly Gap[];
  readonly criticalPath: readonly CriticalPart[];
  readonly totals: TraceTotals;
}

export interface TraceTotals {
  readonly spans: number;
  readonly errors: number;
  /** `null` where no span tells. */
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly costUsd: number | null;
  readonly unfinished: number;
  readonly orphans: number;
  readonly endBeforeStart: number;
}

export function makeTraceModel({ trace_id: traceId, items }: TraceJson): TraceModel {
  const origin = items.reduce(
    (least, span) => {
      const start = BigInt(span.start_time_unix_nano);
      return least === null || start < least ? start : least;
    },
    null as bigint | null,
  );
  const forest = growForest(items.map((span) => toViewSpan(span, origin ?? 0n)));
  return {
    traceId,
    forest,
    origin: origin ?? 0n,
    repeats: findRepeats(forest),
    gaps: findIdleGaps(forest),
    criticalPath: findCriticalPath(forest),
    totals: sumUp(forest),
  };
}

function toViewSpan(json: TraceSpanJson, origin: bigint): ViewSpan {
  const { end_time_unix_nano: end } = json;
  return {
    id: json.span_id,
    parentId: json.parent_span_id,
    name: json.name,
    role: json.role,
    start: Number(BigInt(json.start_time_unix_nano) - origin),
    end: end === null ? null : Number(BigInt(end) - origin),
    error: json.status.code === 2,
    json,
  };
}

function sumUp({ nodes }: Forest<ViewSpan>): TraceTotals {
  const sum = (pick: (json: TraceSpanJson) => number | null): number | null =>
    nodes.reduce<number | null>((total, { span }) => {
      const value = pick(span.json);
      return value === null ? total : (total ?? 0) + value;
    }, null);
  return {
    spans: nodes.length,
    errors: nodes.filter((n) => n.span.error).length,
    inputTokens: sum((json) => json.input_tokens),
    outputTokens: sum((json) => json.output_tokens),
    costUsd: sum((json) => json.cost_usd),
    unfinished: nodes.filter((n) => n.unfinished).length,
    orphans: nodes.filter((n) => n.orphan).length,
    endBeforeStart: nodes.filter((n) => n.endsBeforeStart).length,
  };
}

/** What the search looks at. */
export function textOfSpan({ json }: ViewSpan): string {
  return [
    json.name,
    json.role,
    json.tool,
    json.model,
    json.error_type,
    json.status.message,
    json.span_id,
    ...json.tags,
  ]
    .filter(Boolean)
    .join(' ');
}
