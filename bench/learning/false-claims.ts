/** Targets 1b: any false claim at one look over null streams of every kind. */
import type { Pattern } from '../../src/model/pattern';
import { createLab, print, readOptions, share } from './harness';
import { makeStream, nullKinds } from './streams';

const options = readOptions({ units: [300, 1000], features: 60 });
const kinds = options.kinds ?? Object.keys(nullKinds);
const cells = [];
for (const name of kinds) {
  for (const units of options.units) {
    const result = await measure(name, units);
    console.error(`${name} n=${units}: ${JSON.stringify(result)}`);
    cells.push({ kind: name, units, ...result });
  }
}
print({ target: '1b', seed: options.seed, features: options.features, gate: 0.05, cells });

async function measure(name: string, units: number): Promise<object> {
  const kind = nullKinds[name] ?? {};
  let [claims, apart, testable] = [0, 0, 0];
  const heads = { confounded: 0, clean: 0 };
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
  }
  return {
    falseClaim: share(claims, options.streams),
    unadjustedList: share(apart, options.streams),
    heads,
    meanTested: Math.round(testable),
  };
}
