import type { TraceJson, TraceSpanJson } from '../../wire';
import type { LiveTrace } from '../api/use-live';
import type { CriticalPart } from '../trace-layout/critical-path';
import { findCriticalPath } from '../trace-layout/critical-path';
import type { RepeatGroup } from '../trace-layout/fold-repeats';
import { findRepeats } from '../trace-layout/fold-repeats';
import type { Forest, LayoutSpan } from '../trace-layout/span-forest';
import { growForest } from '../trace-layout/span-forest';
import type { Gap } from '../trace-layout/time-axis';
import { findIdleGaps } from '../trace-layout/time-axis';

/** What a trace shows of each of its spans: not the whole document, of which the page would hold tens of thousands. */
export interface ViewSpan extends LayoutSpan {
  readonly errorType: string | null;
  readonly message: string | null;
  readonly tool: string | null;
  readonly model: string | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly costUsd: number | null;
  readonly argumentsHash: string | null;
  readonly agentId: string | null;
  readonly taskId: string | null;
  readonly executionId: string | null;
  readonly tags: readonly string[];
}

/** A trace with all that is computed once for it. */
export interface TraceModel extends LiveTrace {
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
  const forest = growForest(toViewSpans(items, origin ?? 0n));
  return {
    traceId,
    taskIds: [...new Set(items.flatMap(({ task_id: id }) => id ?? []))],
    forest,
    origin: origin ?? 0n,
    repeats: findRepeats(forest),
    gaps: findIdleGaps(forest),
    criticalPath: findCriticalPath(forest),
    totals: sumUp(forest),
  };
}

function toViewSpans(items: readonly TraceSpanJson[], origin: bigint): ViewSpan[] {
  const known = new Map<string, string>();
  /** Most texts of a trace come again and again; a parser makes each anew. */
  const once = <T extends string | null>(text: T): T => {
    if (text === null) return text;
    const first = known.get(text);
    if (first === undefined) known.set(text, text);
    return (first ?? text) as T;
  };
  const sinceOrigin = (time: string): number => Number(BigInt(time) - origin);
  return items.map((json) => ({
    id: json.span_id,
    parentId: once(json.parent_span_id),
    name: once(json.name),
    role: once(json.role),
    start: sinceOrigin(json.start_time_unix_nano),
    end: json.end_time_unix_nano === null ? null : sinceOrigin(json.end_time_unix_nano),
    error: json.status.code === 2,
    errorType: once(json.error_type),
    message: once(json.status.message),
    tool: once(json.tool),
    model: once(json.model),
    inputTokens: json.input_tokens,
    outputTokens: json.output_tokens,
    costUsd: json.cost_usd,
    argumentsHash: once(json.tool_arguments_hash),
    agentId: once(json.agent_id),
    taskId: once(json.task_id),
    executionId: once(json.execution_id),
    tags: json.tags.length === 0 ? untagged : json.tags.map(once),
  }));
}

const untagged: readonly string[] = [];

/** Unix nanoseconds. */
export function startOf({ origin }: TraceModel, span: ViewSpan): string {
  return (origin + BigInt(span.start)).toString();
}

function sumUp({ nodes }: Forest<ViewSpan>): TraceTotals {
  const sum = (pick: (span: ViewSpan) => number | null): number | null =>
    nodes.reduce<number | null>((total, { span }) => {
      const value = pick(span);
      return value === null ? total : (total ?? 0) + value;
    }, null);
  return {
    spans: nodes.length,
    errors: nodes.filter((n) => n.span.error).length,
    inputTokens: sum((span) => span.inputTokens),
    outputTokens: sum((span) => span.outputTokens),
    costUsd: sum((span) => span.costUsd),
    unfinished: nodes.filter((n) => n.unfinished).length,
    orphans: nodes.filter((n) => n.orphan).length,
    endBeforeStart: nodes.filter((n) => n.endsBeforeStart).length,
  };
}

/** What the search looks at. */
export function textOfSpan(span: ViewSpan): string {
  const { name, role, tool, model, errorType, message, id, tags } = span;
  return [name, role, tool, model, errorType, message, id, ...tags].filter(Boolean).join(' ');
}
