/** Values of one outcome, in the groups within which they may be exchanged; made once for many features. */
export interface ExchangeableValues {
  /** Group of each value, from 0; -1 for one that is left out. */
  readonly groupOf: Int32Array;
  readonly groups: readonly SortedGroup[];
  /** ln n! up to the largest group. */
  readonly logFactorials: Float64Array;
}

interface SortedGroup {
  readonly size: number;
  /** By place among the values in ascending order: where its equals begin, and end. */
  readonly tieFrom: Int32Array;
  readonly tieTo: Int32Array;
}

export function exchangeableValues(
  values: ArrayLike<number>,
  groupOf: Int32Array,
): ExchangeableValues {
  const byGroup: number[][] = [];
  groupOf.forEach((group, i) => {
    if (group >= 0) (byGroup[group] ??= []).push(values[i] as number);
  });
  let largest = 0;
  const groups = Array.from(byGroup, (own = []) => {
    largest = Math.max(largest, own.length);
    return sortGroup(own);
  });
  const logFactorials = new Float64Array(largest + 1);
  for (let n = 2; n <= largest; n += 1) {
    logFactorials[n] = (logFactorials[n - 1] as number) + Math.log(n);
  }
  return { groupOf, groups, logFactorials };
}

function sortGroup(values: number[]): SortedGroup {
  values.sort((a, b) => a - b);
  const size = values.length;
  const [tieFrom, tieTo] = [new Int32Array(size), new Int32Array(size)];
  for (let from = 0; from < size;) {
    let to = from + 1;
    while (to < size && values[to] === values[from]) to += 1;
    tieFrom.fill(from, from, to);
    tieTo.fill(to, from, to);
    from = to;
  }
  return { size, tieFrom, tieTo };
}

/**
 * Least two-sided p-value that any arrangement of the outcomes could give (Tarone 1990): how probable it is, when the
 * values of each group are dealt out at random, that those with the feature get the largest throughout, or the
 * smallest. For 0 and 1 in one group it is the least p of Fisher's test with these margins; over groups of the exact
 * conditional Cochran-Mantel-Haenszel test. It reads how many outcomes of which value there are, not who had them.
 *
 * @param has - whether each value, by its place, has the feature
 */
export function minimalAttainableP(
  { groupOf, groups, logFactorials }: ExchangeableValues,
  has: (place: number) => boolean,
): number {
  const counts = new Int32Array(groups.length);
  for (let i = 0; i < groupOf.length; i += 1) {
    const group = groupOf[i] as number;
    if (group >= 0 && has(i)) counts[group] = (counts[group] as number) + 1;
  }
  const logChoose = (n: number, k: number): number =>
    (logFactorials[n] as number) - (logFactorials[k] as number) - (logFactorials[n - k] as number);
  let [highest, lowest] = [0, 0];
  groups.forEach(({ size, tieFrom, tieTo }, g) => {
    const count = counts[g] as number;
    if (count === 0 || count === size) return;
    const all = logChoose(size, count);
    // The last value that is dealt has equals: so many of them, in any choice.
    const top = size - count;
    const equals = (tieTo[top] as number) - (tieFrom[top] as number);
    highest += logChoose(equals, (tieTo[top] as number) - top) - all;
    const bottom = count - 1;
    const same = (tieTo[bottom] as number) - (tieFrom[bottom] as number);
    lowest += logChoose(same, count - (tieFrom[bottom] as number)) - all;
  });
  const least = Math.min(highest, lowest);
  const other = Math.max(highest, lowest);
  // Two-sided as Fisher's: the other end counts where it is no likelier.
  const isAsRare = other - least < 1e-9 * Math.max(1, Math.abs(least));
  return Math.min(1, Math.exp(least) * (isAsRare ? 2 : 1));
}

/**
 * Tarone's bar (1990): the largest `alpha / k` at which no more than k hypotheses can be significant at all. The others
 * need no correction and bring none.
 *
 * @param minimal - least attainable p of each hypothesis
 * @param others - hypotheses that count whatever they could reach
 */
export function taroneBar(minimal: readonly number[], alpha: number, others = 0): number {
  const sorted = [...minimal].sort((a, b) => a - b);
  let reach = sorted.length;
  for (let k = Math.max(1, others); ; k += 1) {
    const bar = alpha / k;
    while (reach > 0 && (sorted[reach - 1] as number) > bar) reach -= 1;
    if (reach + others <= k) return bar;
  }
}
