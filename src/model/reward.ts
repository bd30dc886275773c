import type { Attributes } from './attributes';
import type { SpanAddress } from './span-address';

export type RewardSource = 'human' | 'llm' | 'code';

/** One `attribute = value` that a target span must carry; `trace_id` and `span_id` match the ids. */
export interface AttributeMatch {
  readonly key: string;
  readonly value: string;
}

export type RewardTarget =
  | ({ readonly kind: 'span' } & SpanAddress)
  | { readonly kind: 'execution'; readonly executionId: string }
  | { readonly kind: 'task'; readonly taskId: string }
  | { readonly kind: 'trace'; readonly traceId: string }
  | { readonly kind: 'session'; readonly sessionId: string }
  /** All must match; the span may come later. */
  | { readonly kind: 'query'; readonly matches: readonly AttributeMatch[] };

/** A judgement as it was sent; the store resolves its target whenever the other side arrives. */
export interface RewardClaim {
  /** Stable: the same judgement sent twice has the same id. */
  readonly id: string;
  readonly target: RewardTarget;
  /** Metric, and the dimension of `value`; `reward` is the primary one. */
  readonly name: string;
  /** 0..1; `null` where only a label or feedback came, or the score lies outside 0..1. */
  readonly value: number | null;
  /** The score as sent, of any range. */
  readonly rawValue: number | null;
  /** Further dimensions, each 0..1. */
  readonly dimensions: Readonly<Record<string, number>>;
  readonly feedback: string | null;
  readonly label: string | null;
  readonly source: RewardSource;
  readonly evaluator: string | null;
  readonly timestampUnixNano: bigint;
  /** Id of the reward that this one replaces. */
  readonly supersedes: string | null;
}

export interface Reward extends RewardClaim {
  /** A later reward named this one in `supersedes`. */
  readonly superseded: boolean;
  /** The target exists in the store. */
  readonly resolved: boolean;
}

export type LinkTarget =
  | ({ readonly kind: 'span' } & SpanAddress)
  | { readonly kind: 'query'; readonly matches: readonly AttributeMatch[] };

/** A typed relation that a span states: `reward_for_operation`, `tags_for_operation`, `related`, … */
export interface LinkClaim {
  readonly target: LinkTarget;
  readonly type: string;
  readonly attributes: Attributes;
  /** Tags for the target (`tags_for_operation`), else empty. */
  readonly tags: readonly string[];
}

export interface Link {
  readonly traceId: string;
  readonly spanId: string;
  /** `null` while a link by query has not met its target. */
  readonly linkedTraceId: string | null;
  readonly linkedSpanId: string | null;
  readonly type: string;
  readonly attributes: Attributes;
  /** The linked span is in the store. */
  readonly resolved: boolean;
}
