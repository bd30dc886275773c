import { isInformative, marginsOf, type Margins, type Table2x2 } from '../../stats';

/**
 * Mantel and Fleiss' (1980) rule: the chi-square distribution of the CMH statistic holds when the sum
 * of the expected counts lies at least 5 from both of its possible ends.
 */
export function cmhIsAsymptotic(strata: readonly Table2x2[]): boolean {
  let below = 0;
  let above = 0;
  for (const margins of informativeMargins(strata)) {
    const expected = (margins.withFeature * margins.successes) / margins.n;
    below += expected - lowest(margins);
    above += highest(margins) - expected;
  }
  return Math.min(below, above) >= 5;
}

/**
 * Exact conditional test of no association over strata: given all margins, the sum of the cells a is
 * a sum of independent hypergeometric counts. Two-sided as Fisher's test: the summed probability of
 * all sums at most as probable as the one observed (R's `mantelhaen.test(exact = TRUE)`).
 */
export function exactCmhPValue(strata: readonly Table2x2[]): number {
  let distribution = [1];
  let observed = 0;
  for (const table of strata) {
    const margins = marginsOf(table);
    if (!isInformative(margins)) continue;
    observed += table.a - lowest(margins);
    distribution = convolve(distribution, hypergeometric(margins));
  }
  const limit = (distribution[observed] ?? 0) * (1 + 1e-7);
  const p = distribution.filter((probability) => probability <= limit).sort((x, y) => x - y);
  return Math.min(
    1,
    p.reduce((sum, probability) => sum + probability, 0),
  );
}

function informativeMargins(strata: readonly Table2x2[]): Margins[] {
  return strata.map(marginsOf).filter(isInformative);
}

function lowest({ withFeature, successes, n }: Margins): number {
  return Math.max(0, withFeature + successes - n);
}

function highest({ withFeature, successes }: Margins): number {
  return Math.min(withFeature, successes);
}

/** Probabilities of the cell a from its lowest value up, by their ratios outwards from the mode. */
function hypergeometric(margins: Margins): number[] {
  const { n, withFeature, successes } = margins;
  const [from, to] = [lowest(margins), highest(margins)];
  const mode = Math.floor(((withFeature + 1) * (successes + 1)) / (n + 2));
  const ratio = (k: number): number =>
    (((withFeature - k) / (k + 1)) * (successes - k)) / (n - withFeature - successes + k + 1);
  const weights = new Array<number>(to - from + 1).fill(0);
  weights[mode - from] = 1;
  for (let k = mode; k < to; k += 1) weights[k + 1 - from] = (weights[k - from] ?? 0) * ratio(k);
  for (let k = mode; k > from; k -= 1) {
    weights[k - 1 - from] = (weights[k - from] ?? 0) / ratio(k - 1);
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

function convolve(x: readonly number[], y: readonly number[]): number[] {
  const result = new Array<number>(x.length + y.length - 1).fill(0);
  x.forEach((p, i) => {
    y.forEach((q, j) => {
      result[i + j] = (result[i + j] ?? 0) + p * q;
    });
  });
  return result;
}
