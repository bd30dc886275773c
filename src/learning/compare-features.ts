import type { Difference } from '../model/differences';
import type { PredicateTerm } from '../model/pattern';
import { cmhTest, momentsOf, stratifiedWelch } from '../stats';
import { makePredicate } from './predicate';

/** A run of one of two selections, and what it shows. */
export interface SidedRun {
  readonly inA: boolean;
  readonly taskId: string;
  readonly taskType: string | null;
  readonly agentId: string | null;
  readonly terms: ReadonlyMap<string, PredicateTerm>;
  readonly numbers: ReadonlyMap<string, { readonly term: PredicateTerm; readonly value: number }>;
}

/** A feature that fewer runs have, or lack, is no difference to speak of. */
const minSupport = 5;
/** Features kept, the commonest first: a bound on what hostile names can cost. */
const maxFeatures = 20_000;
const level = 0.95;

/** Every feature and number that can be compared; `codes` name each run's stratum. */
export function compareFeatures(
  runs: readonly SidedRun[],
  codes: readonly string[],
): Omit<Difference, 'qValue'>[] {
  const comparable = countComparable(runs, codes);
  const strata = new Map<string, number>();
  const stratumOf = codes.map((code) => {
    const known = strata.get(code) ?? strata.size;
    strata.set(code, known);
    return known;
  });
  const shares = groupTerms(runs).flatMap(({ term, alsoSeenAs, has }) => {
    const difference = compareShares(runs, stratumOf, strata.size, has);
    const measured = { predicate: makePredicate([term]), measure: 'share' as const, alsoSeenAs };
    return difference === null ? [] : [{ ...measured, ...difference, comparable }];
  });
  const means = numberTerms(runs).flatMap(([text, term]) => {
    const difference = compareMeans(runs, stratumOf, text);
    const measured = { predicate: makePredicate([term]), measure: 'mean' as const, alsoSeenAs: [] };
    return difference === null ? [] : [{ ...measured, ...difference, comparable }];
  });
  return [...shares, ...means];
}

/** Features that the same runs have are one; what only restates the selection is left out. */
function groupTerms(
  runs: readonly SidedRun[],
): { term: PredicateTerm; alsoSeenAs: string[]; has: readonly boolean[] }[] {
  const bits = (has: readonly boolean[]): string => has.map(Number).join('');
  const groups = new Map<
    string,
    { term: PredicateTerm; alsoSeenAs: string[]; has: readonly boolean[] }
  >();
  for (const [text, term] of frequentTerms(runs)) {
    const has = runs.map(({ terms }) => terms.has(text));
    const known = groups.get(bits(has));
    if (known !== undefined) known.alsoSeenAs.push(text);
    else groups.set(bits(has), { term, alsoSeenAs: [], has });
  }
  groups.delete(bits(runs.map(({ inA }) => inA)));
  groups.delete(bits(runs.map(({ inA }) => !inA)));
  return [...groups.values()];
}

/** Of features that the same runs have the simplest names them. */
const simplestFirst = ['config', 'agent', 'model', 'attr', 'tag', 'tool', 'error', 'loop'];

function rankOf({ kind, op }: PredicateTerm): number {
  const place = simplestFirst.indexOf(kind);
  return (place < 0 ? simplestFirst.length : place) + (op === '>=' ? 0.5 : 0);
}

function frequentTerms(runs: readonly SidedRun[]): (readonly [string, PredicateTerm])[] {
  const counts = new Map<string, { readonly term: PredicateTerm; count: number }>();
  for (const { terms } of runs) {
    for (const [text, term] of terms) {
      const known = counts.get(text);
      if (known !== undefined) known.count += 1;
      else counts.set(text, { term, count: 1 });
    }
  }
  return [...counts]
    .filter(([, { count }]) => count >= minSupport && runs.length - count >= minSupport)
    .sort(
      ([x, one], [y, other]) =>
        other.count - one.count || rankOf(one.term) - rankOf(other.term) || (x < y ? -1 : 1),
    )
    .slice(0, maxFeatures)
    .map(([text, { term }]) => [text, term] as const);
}

function numberTerms(runs: readonly SidedRun[]): (readonly [string, PredicateTerm])[] {
  const terms = new Map<string, PredicateTerm>();
  for (const { numbers } of runs) for (const [text, { term }] of numbers) terms.set(text, term);
  return [...terms].slice(0, maxFeatures);
}

type Compared = Pick<Difference, 'inA' | 'inB' | 'difference' | 'interval' | 'pValue'>;

function compareShares(
  runs: readonly SidedRun[],
  stratumOf: readonly number[],
  strata: number,
  has: readonly boolean[],
): Compared | null {
  const tables = Array.from({ length: strata }, () => ({ a: 0, b: 0, c: 0, d: 0 }));
  runs.forEach(({ inA }, i) => {
    const table = tables[stratumOf[i]!]!;
    if (inA) table[has[i] ? 'a' : 'b'] += 1;
    else table[has[i] ? 'c' : 'd'] += 1;
  });
  const { pValue, riskDifference } = cmhTest(tables, { continuity: false });
  if (pValue === null || riskDifference === null) return null;
  const share = (yes: 'a' | 'c', no: 'b' | 'd'): number => {
    const having = tables.reduce((sum, table) => sum + table[yes], 0);
    const lacking = tables.reduce((sum, table) => sum + table[no], 0);
    return having / (having + lacking);
  };
  const { estimate, interval } = riskDifference;
  return { inA: share('a', 'b'), inB: share('c', 'd'), difference: estimate, interval, pValue };
}

function compareMeans(
  runs: readonly SidedRun[],
  stratumOf: readonly number[],
  text: string,
): Compared | null {
  const cells = new Map<number, { readonly a: number[]; readonly b: number[] }>();
  const all = { a: [] as number[], b: [] as number[] };
  runs.forEach(({ inA, numbers }, i) => {
    const value = numbers.get(text)?.value;
    if (value === undefined) return;
    const cell = cells.get(stratumOf[i]!) ?? { a: [], b: [] };
    cells.set(stratumOf[i]!, cell);
    cell[inA ? 'a' : 'b'].push(value);
    all[inA ? 'a' : 'b'].push(value);
  });
  const strata = [...cells.values()].map(({ a, b }) => ({
    withFeature: momentsOf(a),
    without: momentsOf(b),
  }));
  const { estimate, interval, pValue } = stratifiedWelch(strata, level, 'mantel-haenszel');
  if (estimate === null || interval === null || pValue === null) return null;
  const [inA, inB] = [momentsOf(all.a).mean, momentsOf(all.b).mean];
  return { inA, inB, difference: estimate, interval, pValue };
}

/** Runs in strata that hold both sides. */
export function countComparable(runs: readonly SidedRun[], codes: readonly string[]): number {
  const sides = new Map<string, { a: number; b: number }>();
  runs.forEach(({ inA }, i) => {
    const side = sides.get(codes[i]!) ?? { a: 0, b: 0 };
    sides.set(codes[i]!, side);
    if (inA) side.a += 1;
    else side.b += 1;
  });
  return [...sides.values()].reduce((sum, { a, b }) => sum + (a > 0 && b > 0 ? a + b : 0), 0);
}
