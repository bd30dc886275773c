import type { AttributeValue } from '../../model/attributes';
import type { PredicateTerm } from '../../model/pattern';

/** For every feature the positions of the units that have it, ascending. */
export interface FeatureTables {
  readonly present: ReadonlyMap<string, Posting<PredicateTerm>>;
  /** By `attr:KEY` and `config:KEY`. */
  readonly levels: ReadonlyMap<string, LevelTable>;
  /** By `num:KEY` and `config:KEY`. */
  readonly numbers: ReadonlyMap<string, NumberTable>;
  readonly follows: ReadonlyMap<string, Posting<readonly [string, string]>>;
}

export interface Posting<T> {
  readonly of: T;
  readonly positions: readonly number[];
}

export interface LevelTable {
  readonly kind: 'attr' | 'config';
  readonly key: string;
  /** By the value's text. */
  readonly values: ReadonlyMap<string, Posting<AttributeValue>>;
}

export interface NumberTable {
  readonly kind: 'num' | 'config';
  readonly key: string;
  readonly values: readonly { readonly position: number; readonly value: number }[];
  /** Of the first units ever, where these are forgotten. */
  readonly first?: readonly number[];
}
