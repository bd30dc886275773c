/**
 * Targets 1b and 1g, at one look over null streams of every kind: any false claim; and how often the statistic of a
 * behaviour that does nothing falls below a level, as a multiple of that level.
 *
 *   --streams N  of each cell (40); the targets ask for 300 · --seed S · --units 300,1000,2000 · --kinds drift,skill
 */
import type { Pattern } from '../../src/model/pattern';
import { createLab, print, readOptions, share } from './harness';
import { makeStream, nullKinds } from './streams';

const options = readOptions({ units: [300, 1000, 2000], features: 60 });
const kinds = options.kinds ?? Object.keys(nullKinds);
const levels = [0.05, 0.01, 0.001];

interface Sizes {
  tests: number;
  readonly below: number[];
}

const cells = [];
const sizesByUnits = new Map<number, Sizes>();
for (const name of kinds) {
  for (const units of options.units) {
    const sizes = sizesByUnits.get(units) ?? { tests: 0, below: levels.map(() => 0) };
    sizesByUnits.set(units, sizes);
    const result = await measure(name, units, sizes);
    console.error(`${name} n=${units}: ${JSON.stringify(result)}`);
    cells.push({ kind: name, units, ...result });
  }
}
print({
  target: '1b, 1g',
  seed: options.seed,
  features: options.features,
  gate: { falseClaim: 0.05, timesNominal: [1.15, 1.25, 1.6] },
  cells,
  size: [...sizesByUnits].map(([units, { tests, below }]) => ({
    units,
    tests,
    below,
    levels,
    timesNominal: levels.map((level, l) => (below[l] ?? 0) / Math.max(1, tests) / level),
  })),
});

async function measure(name: string, units: number, sizes: Sizes): Promise<object> {
  const kind = nullKinds[name] ?? {};
  let [claims, apart, testable] = [0, 0, 0];
  const heads = { confounded: 0, clean: 0 };
  const here: Sizes = { tests: 0, below: levels.map(() => 0) };
  for (let stream = 0; stream < options.streams; stream += 1) {
    const seed = `${options.seed}/${name}/${units}/${stream}`;
    const { executions } = makeStream(kind, { ...options, seed, units, repeats: 5, effect: 0 });
    const lab = createLab(executions);
    const summary = await lab.learn();
    testable += summary.tested / options.streams;
    // That agents and versions differ is true; the tags do nothing.
    const isTag = ({ predicate }: Pattern): boolean => predicate.text.startsWith('tag:');
    const claimed = lab.withStatus('observed', 'confirmed').filter(isTag);
    if (claimed.length > 0) claims += 1;
    // Features of an even number follow what makes success likely.
    for (const { predicate } of claimed) {
      const isClean = Number(/^tag:f(\d+)/.exec(predicate.text)?.[1]) % 2 === 1;
      heads[isClean ? 'clean' : 'confounded'] += 1;
    }
    if (lab.withStatus('unadjusted').some(isTag)) apart += 1;
    // What is compared between single tasks is adjusted for nothing, and makes no claim.
    for (const { predicate, pValue, strata } of lab.entries) {
      if (!/^tag:f\d+$/.test(predicate) || pValue === null || !strata.startsWith('task x'))
        continue;
      for (const size of [here, sizes]) {
        size.tests += 1;
        levels.forEach((level, l) => (size.below[l]! += pValue <= level ? 1 : 0));
      }
    }
  }
  return {
    falseClaim: share(claims, options.streams),
    unadjustedList: share(apart, options.streams),
    heads,
    meanTested: Math.round(testable),
    tests: here.tests,
    below: here.below,
  };
}
