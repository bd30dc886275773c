import { requireCount } from './argument-checks';

/** Counts of a binary feature against a binary outcome. */
export interface Table2x2 {
  /** With the feature, success. */
  readonly a: number;
  /** With the feature, failure. */
  readonly b: number;
  /** Without the feature, success. */
  readonly c: number;
  /** Without the feature, failure. */
  readonly d: number;
}

/** Row and column sums of a {@link Table2x2}. */
export interface Margins {
  readonly n: number;
  /** Row sum with the feature, a + b. */
  readonly withFeature: number;
  /** Row sum without the feature, c + d. */
  readonly without: number;
  /** Column sum of successes, a + c. */
  readonly successes: number;
  /** Column sum of failures, b + d. */
  readonly failures: number;
}

/**
 * Margins of a table.
 *
 * @throws RangeError when a cell is not an integer count >= 0
 */
export function marginsOf(table: Table2x2): Margins {
  const { a, b, c, d } = table;
  requireCount('a', a);
  requireCount('b', b);
  requireCount('c', c);
  requireCount('d', d);
  return {
    n: a + b + c + d,
    withFeature: a + b,
    without: c + d,
    successes: a + c,
    failures: b + d,
  };
}

/** Whether a table says anything on the association: all four margins are positive. */
export function isInformative(margins: Margins): boolean {
  const { withFeature, without, successes, failures } = margins;
  return withFeature > 0 && without > 0 && successes > 0 && failures > 0;
}
