import type { Difference } from '../../model/differences';
import type { Interval } from '../../model/interval';
import type { PredicateTerm } from '../../model/pattern';
import { clopperPearson, cmhTest, momentsOf, stratifiedWelch } from '../../stats';
import type { FeatureTables, NumberTable } from '../features/feature-tables';
import { makePredicate } from '../features/predicate';

/** A run of one of two selections. */
export interface SidedRun {
  readonly inA: boolean;
  readonly taskId: string;
  readonly taskType: string | null;
  readonly agentId: string | null;
}

/** A feature that fewer runs have, or lack, is no difference to speak of. */
const minSupport = 5;
/** Features compared, the commonest first: a bound on what hostile names can cost. */
const maxFeatures = 2_000;
const level = 0.95;

/**
 * Every feature and number that can be compared; `codes` name each run's stratum.
 *
 * @param tables - of the runs, by their place in `runs`
 */
export function compareFeatures(
  runs: readonly SidedRun[],
  codes: readonly string[],
  tables: FeatureTables,
): Omit<Difference, 'qValue'>[] {
  const comparable = countComparable(runs, codes);
  const strata = numberStrata(runs, codes);
  const shares = groupTerms(runs, tables).flatMap(({ term, alsoSeenAs, positions }) => {
    const difference = compareShares(runs, strata, positions);
    const measured = { predicate: makePredicate([term]), measure: 'share' as const, alsoSeenAs };
    return difference === null ? [] : [{ ...measured, ...difference, comparable }];
  });
  const means = [...tables.numbers.values()].slice(0, maxFeatures).flatMap((table) => {
    const difference = compareMeans(runs, strata, table);
    const term: PredicateTerm = { kind: table.kind, key: table.key, op: 'present', value: true };
    const measured = { predicate: makePredicate([term]), measure: 'mean' as const, alsoSeenAs: [] };
    return difference === null ? [] : [{ ...measured, ...difference, comparable }];
  });
  return [...shares, ...means];
}

interface Strata {
  readonly of: Int32Array;
  /** Runs of each side. */
  readonly inA: Int32Array;
  readonly inB: Int32Array;
}

function numberStrata(runs: readonly SidedRun[], codes: readonly string[]): Strata {
  const known = new Map<string, number>();
  const of = Int32Array.from(codes, (code) => {
    const number = known.get(code) ?? known.size;
    known.set(code, number);
    return number;
  });
  const [inA, inB] = [new Int32Array(known.size), new Int32Array(known.size)];
  runs.forEach((run, i) => {
    const side = run.inA ? inA : inB;
    side[of[i]!]! += 1;
  });
  return { of, inA, inB };
}

interface NamedRuns {
  readonly term: PredicateTerm;
  readonly text: string;
  /** Of the runs that have it, ascending. */
  readonly positions: readonly number[];
}

/** Features that the same runs have are one; what only restates the selection is left out. */
function groupTerms(
  runs: readonly SidedRun[],
  tables: FeatureTables,
): (NamedRuns & { readonly alsoSeenAs: string[] })[] {
  const groups = new Map<number, (NamedRuns & { readonly alsoSeenAs: string[] })[]>();
  const restates = ({ positions }: NamedRuns): boolean => {
    const side = runs[positions[0]!]!.inA;
    const members = runs.reduce((sum, { inA }) => sum + (inA === side ? 1 : 0), 0);
    return positions.length === members && positions.every((i) => runs[i]!.inA === side);
  };
  for (const named of frequentTerms(runs.length, tables)) {
    const hash = named.positions.reduce((sum, i) => (Math.imul(sum, 16_777_619) ^ i) >>> 0, 0);
    const same = groups.get(hash) ?? [];
    groups.set(hash, same);
    const known = same.find(({ positions }) => isSame(positions, named.positions));
    if (known !== undefined) known.alsoSeenAs.push(named.text);
    else same.push({ ...named, alsoSeenAs: [] });
  }
  return [...groups.values()].flat().filter((group) => !restates(group));
}

const isSame = (x: readonly number[], y: readonly number[]): boolean =>
  x.length === y.length && x.every((value, i) => value === y[i]);

/** Of features that the same runs have the simplest names them. */
const simplestFirst = ['config', 'agent', 'model', 'attr', 'tag', 'tool', 'error', 'loop'];

function rankOf({ kind, op }: PredicateTerm): number {
  const place = simplestFirst.indexOf(kind);
  return (place < 0 ? simplestFirst.length : place) + (op === '>=' ? 0.5 : 0);
}

function frequentTerms(runs: number, { present, levels }: FeatureTables): NamedRuns[] {
  const named: NamedRuns[] = [];
  const keep = (term: PredicateTerm, positions: readonly number[]): void => {
    if (positions.length < minSupport || runs - positions.length < minSupport) return;
    named.push({ term, text: makePredicate([term]).text, positions });
  };
  for (const { of, positions } of present.values()) keep(of, positions);
  for (const { kind, key, values } of levels.values()) {
    for (const { of, positions } of values.values()) {
      keep({ kind, key, op: '=', value: of }, positions);
    }
  }
  return named
    .sort(
      (x, y) =>
        y.positions.length - x.positions.length ||
        rankOf(x.term) - rankOf(y.term) ||
        (x.text < y.text ? -1 : 1),
    )
    .slice(0, maxFeatures);
}

type Compared = Pick<Difference, 'inA' | 'inB' | 'difference' | 'interval' | 'pValue'>;

function compareShares(
  runs: readonly SidedRun[],
  strata: Strata,
  positions: readonly number[],
): Compared | null {
  const [withA, withB] = [new Int32Array(strata.inA.length), new Int32Array(strata.inA.length)];
  let [havingA, havingB] = [0, 0];
  for (const position of positions) {
    const stratum = strata.of[position]!;
    if (runs[position]!.inA) {
      withA[stratum]! += 1;
      havingA += 1;
    } else {
      withB[stratum]! += 1;
      havingB += 1;
    }
  }
  const tables = Array.from(strata.inA, (inA, s) => ({
    a: withA[s]!,
    b: inA - withA[s]!,
    c: withB[s]!,
    d: strata.inB[s]! - withB[s]!,
  }));
  const { pValue, riskDifference, informativeStrata } = cmhTest(tables, { continuity: false });
  if (pValue === null || riskDifference === null) return null;
  const [allA, allB] = [strata.inA, strata.inB].map((counts) =>
    counts.reduce((sum, count) => sum + count, 0),
  ) as [number, number];
  const { estimate } = riskDifference;
  const interval =
    Math.abs(estimate) < 1
      ? riskDifference.interval
      : intervalAtTheEnd(estimate, informativeStrata);
  return { inA: havingA / allA, inB: havingB / allB, difference: estimate, interval, pValue };
}

/** Where every stratum says the same, all of it, no variance is left: each counts as one trial (Clopper and Pearson). */
function intervalAtTheEnd(estimate: number, strata: number): Interval {
  const bound = 2 * clopperPearson(strata, strata, level).lower - 1;
  return estimate > 0 ? { lower: bound, upper: 1 } : { lower: -1, upper: 0 - bound };
}

function compareMeans(
  runs: readonly SidedRun[],
  strata: Strata,
  table: NumberTable,
): Compared | null {
  const cells = new Map<number, { readonly a: number[]; readonly b: number[] }>();
  const all = { a: [] as number[], b: [] as number[] };
  for (const { position, value } of table.values) {
    const stratum = strata.of[position]!;
    const cell = cells.get(stratum) ?? { a: [], b: [] };
    cells.set(stratum, cell);
    const side = runs[position]!.inA ? 'a' : 'b';
    cell[side].push(value);
    all[side].push(value);
  }
  const samples = [...cells.values()].map(({ a, b }) => ({
    withFeature: momentsOf(a),
    without: momentsOf(b),
  }));
  const { estimate, interval, pValue } = stratifiedWelch(samples, level, 'mantel-haenszel');
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
