import type { Interval } from './interval';
import type { Predicate } from './pattern';
import type { RecordFilter } from './query';

export interface DifferencesQuery {
  /** @defaultValue the runs that failed */
  readonly a?: RecordFilter | undefined;
  /** @defaultValue of a given `a`: all other runs; else the runs that succeeded */
  readonly b?: RecordFilter | undefined;
  /** Differences shown, from 1. @defaultValue 20 */
  readonly limit?: number | undefined;
}

/** One feature that selection A has more, or less, often than B; or a number that is larger or smaller there. */
export interface Difference {
  readonly predicate: Predicate;
  /** Texts of features that exactly the same runs have. */
  readonly alsoSeenAs: readonly string[];
  /** `share`: of runs with the feature, 0..1. `mean`: of a number, in its own unit. */
  readonly measure: 'share' | 'mean';
  readonly inA: number;
  readonly inB: number;
  /** A minus B within strata, with its 95 % interval. */
  readonly difference: number;
  readonly interval: Interval;
  readonly pValue: number;
  /** Benjamini–Hochberg over the features of this call. */
  readonly qValue: number;
  /** Runs of strata that hold both sides. */
  readonly comparable: number;
}

/** What is different in one selection of runs: an exploration, which promotes nothing and spends nothing. */
export interface Differences {
  readonly a: { readonly runs: number; readonly truncated: boolean };
  readonly b: { readonly runs: number; readonly truncated: boolean };
  /** Runs were compared within the same: `task`, `agent`, `task.type`; empty: not at all. */
  readonly within: readonly string[];
  readonly features: number;
  /** The most telling first. */
  readonly differences: readonly Difference[];
  readonly sentence: string;
}
