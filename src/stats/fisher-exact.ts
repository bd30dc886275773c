import { marginsOf, type Table2x2 } from './table-2x2';

/** Result of {@link fisherExact}. */
export interface FisherExact {
  /** Two-sided: the summed probability of all tables at most as probable as the observed one. */
  readonly pValue: number;
  /** P(A >= a): the feature goes with success. */
  readonly oneSidedGreater: number;
  /** P(A <= a): the feature goes with failure. */
  readonly oneSidedLess: number;
  /** Sample odds ratio ad / bc; null when bc is 0. */
  readonly oddsRatio: number | null;
}

/**
 * Fisher's exact test of a 2x2 table, conditional on its margins.
 *
 * The hypergeometric probabilities are built by their ratios outwards from the mode, where they
 * are largest, so that nothing cancels. Tables count as "at most as probable" up to a factor of
 * 1 + 1e-7, as in R and SciPy. A table with an empty margin has p = 1. Probabilities below about
 * 1e-300 of the most probable one count as 0.
 *
 * @throws RangeError when a cell is not an integer count >= 0
 */
export function fisherExact(table: Table2x2): FisherExact {
  const { a, b, c, d } = table;
  const { n, withFeature, successes } = marginsOf(table);
  const support = {
    lowest: Math.max(0, withFeature + successes - n),
    highest: Math.min(withFeature, successes),
  };
  const mode = Math.floor(((withFeature + 1) * (successes + 1)) / (n + 2));
  const ratio = (k: number): number =>
    (((withFeature - k) / (k + 1)) * (successes - k)) / (n - withFeature - successes + k + 1);
  const weights = weightsFromMode(mode, support, ratio);
  const observed = weights.find(({ k }) => k === a)?.weight ?? 0;
  const limit = observed * (1 + 1e-7);
  const total = sumWhere(weights, () => true);
  const share = (keep: (entry: Weight) => boolean): number =>
    Math.min(1, sumWhere(weights, keep) / total);
  return {
    pValue: share(({ weight }) => weight <= limit),
    oneSidedGreater: share(({ k }) => k >= a),
    oneSidedLess: share(({ k }) => k <= a),
    oddsRatio: b * c === 0 ? null : (a * d) / (b * c),
  };
}

interface Weight {
  readonly k: number;
  readonly weight: number;
}

/** Probabilities relative to the mode's, outwards until they vanish; `ratio(k)` = w(k+1)/w(k). */
function weightsFromMode(
  mode: number,
  support: { readonly lowest: number; readonly highest: number },
  ratio: (k: number) => number,
): readonly Weight[] {
  const weights: Weight[] = [{ k: mode, weight: 1 }];
  for (let k = mode, weight = 1; k < support.highest && weight > 0; k += 1) {
    weight *= ratio(k);
    weights.push({ k: k + 1, weight });
  }
  for (let k = mode, weight = 1; k > support.lowest && weight > 0; k -= 1) {
    weight /= ratio(k - 1);
    weights.push({ k: k - 1, weight });
  }
  return weights;
}

/** Sum from the far tails inwards, small terms first. */
function sumWhere(weights: readonly Weight[], keep: (entry: Weight) => boolean): number {
  let sum = 0;
  for (let i = weights.length - 1; i >= 0; i -= 1) {
    const entry = weights[i];
    if (entry !== undefined && keep(entry)) sum += entry.weight;
  }
  return sum;
}
