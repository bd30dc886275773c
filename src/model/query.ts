import type { Interval } from './interval';
import type { PatternStatus, PatternType } from './pattern';
import type { RewardSource } from './reward';
import type { SpanRole } from './span';
import type { Status } from './status';

/** The one filter of every list, of `export` and of `--where`; conditions are joined by AND. */
export interface RecordFilter {
  readonly taskId?: string | undefined;
  readonly executionId?: string | undefined;
  readonly traceId?: string | undefined;
  readonly taskType?: string | undefined;
  readonly agentId?: string | undefined;
  readonly model?: string | undefined;
  readonly tool?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  /** @defaultValue `all` */
  readonly tagMatch?: 'all' | 'any' | 'prefix' | 'fuzzy' | undefined;
  readonly sessionId?: string | undefined;
  /** Executions that one exposure has all three of these of. */
  readonly experimentId?: string | undefined;
  readonly variant?: string | undefined;
  readonly adaptationId?: string | undefined;
  /** Of the execution, for spans and executions; of the task, for tasks. */
  readonly status?: Status | undefined;
  readonly role?: SpanRole | undefined;
  /** Equality on the execution's config, values as text. */
  readonly config?: Readonly<Record<string, string>> | undefined;
  /** Equality on span attributes, values as text. */
  readonly attributes?: Readonly<Record<string, string>> | undefined;
  /** Start time, inclusive. */
  readonly sinceUnixNano?: bigint | undefined;
  /** Start time, exclusive. */
  readonly untilUnixNano?: bigint | undefined;
  /** Of an execution with real times, inclusive, milliseconds. */
  readonly minDurationMs?: number | undefined;
  /** Exclusive. */
  readonly maxDurationMs?: number | undefined;
}

export interface PageRequest {
  /** 1..1,000. @defaultValue 100 */
  readonly limit?: number | undefined;
  /** Opaque, from the page before. */
  readonly cursor?: string | undefined;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

export type SpanQuery = RecordFilter & PageRequest;

export interface RewardQuery extends PageRequest {
  readonly id?: string | undefined;
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
  readonly executionId?: string | undefined;
  readonly taskId?: string | undefined;
  readonly name?: string | undefined;
  readonly source?: RewardSource | undefined;
  readonly sinceUnixNano?: bigint | undefined;
  readonly untilUnixNano?: bigint | undefined;
}

/**
 * What a pattern is about: agent, model, tool, tag, knob or attribute that its predicate names, the task
 * type that it holds in, and when it was tested last.
 */
export type PatternFilter = Pick<
  RecordFilter,
  | 'taskType'
  | 'agentId'
  | 'model'
  | 'tool'
  | 'tags'
  | 'config'
  | 'attributes'
  | 'sinceUnixNano'
  | 'untilUnixNano'
>;

export interface PatternQuery extends PatternFilter, PageRequest {
  readonly type?: PatternType | undefined;
  readonly status?: PatternStatus | undefined;
  /** 0..1. */
  readonly minConfidence?: number | undefined;
  readonly dimension?: string | undefined;
  /** `open`: without what was marked as resolved or not useful. @defaultValue `all` */
  readonly life?: 'open' | 'all' | undefined;
}

export interface StatsQuery {
  readonly agentId?: string | undefined;
  /** Latency and tools are of the latest runs that have so many spans together. @defaultValue 10,000 */
  readonly latestSpans?: number | undefined;
  readonly sinceUnixNano?: bigint | undefined;
  readonly untilUnixNano?: bigint | undefined;
}

export interface TraceSummary {
  readonly traceId: string;
  readonly rootName: string | null;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint | null;
  readonly spans: number;
  readonly errors: number;
  readonly taskId: string | null;
  readonly executionId: string | null;
  readonly agentId: string | null;
}

export interface StoreTotals {
  readonly tasks: number;
  readonly executions: number;
  readonly spans: number;
  readonly links: number;
  readonly rewards: number;
  /** Distinct tags. */
  readonly tags: number;
}

export interface ToolStats {
  readonly name: string;
  readonly calls: number;
  readonly errors: number;
}

export interface EvolutionStats {
  readonly agentId: string | null;
  readonly timeRange: {
    readonly startUnixNano: bigint | null;
    readonly endUnixNano: bigint | null;
  };
  readonly executions: number;
  /** Whose success is known. */
  readonly judged: number;
  /** That have a reward. */
  readonly rewarded: number;
  /** Of those judged; Wilson interval at 95 %; `null` without an outcome. */
  readonly successRate: {
    readonly value: number;
    readonly interval: Interval;
  } | null;
  readonly meanReward: number | null;
  /** Milliseconds, over the finished ones with real times of the latest runs. */
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number } | null;
  /** Sum over executions whose cost is known. */
  readonly costUsd: number | null;
  readonly tokens: { readonly input: number | null; readonly output: number | null };
  readonly errors: number;
  /** Of the latest runs. */
  readonly tools: readonly ToolStats[];
  /** Runs that latency and tools are of: the latest, at most 2,000. */
  readonly latestRuns: number;
  /** How many of these began after the last one that has a reward. */
  readonly latestUnrewarded: number;
}
