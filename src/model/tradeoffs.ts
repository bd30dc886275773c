import type { Attributes } from './attributes';
import type { RecordFilter } from './query';

export interface TradeoffsQuery {
  readonly where?: RecordFilter | undefined;
  /**
   * Weight of each dimension in the score, any positive numbers: reward dimensions, `cost_usd`, `duration_ms`.
   * @defaultValue every dimension that all compared runs have, without a score
   */
  readonly weights?: Readonly<Record<string, number>> | undefined;
}

/** What was gained with one configuration or variant. */
export interface TradeoffArm {
  /** Variant of an experiment, or the settings. */
  readonly label: string;
  readonly config: Attributes | null;
  readonly variant: string | null;
  readonly runs: number;
  /** Mean by dimension, in its own unit. */
  readonly means: Readonly<Record<string, number>>;
  /** Weighted mean of the dimensions, each scaled to 0..1 over the arms; `null` without weights. */
  readonly score: number | null;
  /** Labels of arms that are better in every dimension, all bounds agreeing. */
  readonly dominatedBy: readonly string[];
}

export interface Tradeoffs {
  /** `lower` is better for cost and time. */
  readonly dimensions: readonly { readonly name: string; readonly better: 'higher' | 'lower' }[];
  /** The Pareto set first: what no other arm dominates. */
  readonly arms: readonly TradeoffArm[];
  /** Labels of the arms that no other dominates. */
  readonly pareto: readonly string[];
  /** Runs left out, by reason. */
  readonly leftOut: readonly { readonly reason: string; readonly runs: number }[];
  /** In words where two dimensions want different arms. */
  readonly conflicts: readonly string[];
  readonly sentence: string;
}
