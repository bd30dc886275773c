import { seededRandom } from '../../src/stats';

/** What each case is made of: a name and its levels. */
export type Factors = Readonly<Record<string, readonly string[]>>;
export type Case = Readonly<Record<string, string>>;

/**
 * Cases in which every pair of levels of two factors occurs, made greedily: each next case is the one of many drawn that
 * has the most pairs not seen yet. Then drawn ones up to `atLeast`.
 */
export function pairwiseCases(factors: Factors, atLeast: number, seed: number): readonly Case[] {
  const random = seededRandom(seed);
  const names = Object.keys(factors);
  const draw = (): Case =>
    Object.fromEntries(
      names.map((name) => {
        const levels = factors[name]!;
        return [name, levels[Math.floor(random() * levels.length)]!];
      }),
    );
  const missing = new Set(allPairs(factors));
  const cases: Case[] = [];
  while (missing.size > 0 || cases.length < atLeast) {
    const drawn = Array.from({ length: 60 }, draw);
    // One pair that is missing is put into each, so that every round makes progress.
    const [wanted] = missing;
    const candidates = wanted === undefined ? drawn : drawn.map((one) => withPair(one, wanted));
    const gain = (one: Case): number => pairsOf(one).filter((pair) => missing.has(pair)).length;
    const best = candidates.reduce((a, b) => (gain(b) > gain(a) ? b : a));
    for (const pair of pairsOf(best)) missing.delete(pair);
    cases.push(best);
  }
  return cases;
}

export function allPairs(factors: Factors): string[] {
  const levels = Object.entries(factors).flatMap(([name, values]) =>
    values.map((value) => ({ name, value })),
  );
  return levels.flatMap((a) =>
    levels.filter((b) => a.name < b.name).map((b) => pairOf([a.name, a.value], [b.name, b.value])),
  );
}

export function pairsOf(one: Case): string[] {
  const entries = Object.entries(one);
  return entries.flatMap((a) => entries.filter((b) => a[0] < b[0]).map((b) => pairOf(a, b)));
}

function pairOf(a: readonly [string, string], b: readonly [string, string]): string {
  return JSON.stringify([a, b]);
}

function withPair(one: Case, pair: string): Case {
  return { ...one, ...Object.fromEntries(JSON.parse(pair) as [string, string][]) };
}
