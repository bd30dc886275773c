import type { AttributeValue } from '../../model/attributes';
import type { PredicateTerm } from '../../model/pattern';

/** What one execution says about every candidate, without a look at its outcome. */
export interface FeatureSet {
  /** Conditions that hold, by the text of their predicate. */
  readonly present: ReadonlyMap<string, PredicateTerm>;
  /** Values of attributes and knobs; which of them become candidates depends on all units. */
  readonly levels: readonly Level[];
  /** Numbers that are cut into quantile bins over all units. */
  readonly numbers: readonly NumberFeature[];
  /** Pairs (A, B) with a B after the first A; `never_after:A,B` is tool A without such a pair. */
  readonly follows: ReadonlyMap<string, readonly [string, string]>;
}

export interface Level {
  readonly kind: 'attr' | 'config';
  readonly key: string;
  readonly value: AttributeValue;
}

export interface NumberFeature {
  readonly kind: 'num' | 'config';
  readonly key: string;
  readonly value: number;
}

/** One text for two names, whatever they contain. */
export function pairKey(a: string, b: string): string {
  return `${a.length}:${a}${b}`;
}

/** What the single extractors write into. */
export interface FeatureCollector {
  add(term: PredicateTerm): void;
  addLevel(level: Level): void;
  addNumber(feature: NumberFeature): void;
  addFollows(a: string, b: string): void;
}
