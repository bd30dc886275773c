/**
 * Targets 3f, 2b, 15: three planted facts at one look; recall of each, beside that of an oracle over the same runs,
 * false discoveries among heads, heads a stream, and how often the interval shown misses the truth: `falseCoverage` is
 * the mean share a stream, 0 where nothing is promoted (the rate that Benjamini and Yekutieli 2005 bound); beside it the
 * share of all promoted, which streams with many weigh more in.
 *
 *   --streams N · --seed S · --units 500,1000 · --agents 1 · --features 60 · --effect .2
 *   --supports .5,.3,.5  of the three facts, which then follow nothing; else drawn, and two of them follow difficulty
 */
import type { Pattern } from '../../src/model/pattern';
import { createLab, mean, print, readOptions, share } from './harness';
import { factsFoundByOracle, trueEffectOf } from './oracle';
import { makeStream } from './streams';

const round = (value: number): number => Math.round(value * 1e4) / 1e4;
const options = readOptions({ units: [500, 1000], features: 60, effect: 0.2 });
const cells = [];
for (const units of options.units) {
  const found = [0, 0, 0];
  const atBest = [0, 0, 0];
  const shares: number[] = [];
  const heads: number[] = [];
  const missed = { ofTrue: 0, true: 0, ofAll: 0, all: 0, shares: [] as number[] };
  for (let stream = 0; stream < options.streams; stream += 1) {
    const seed = `${options.seed}/recall/${options.agents}/${units}/${stream}`;
    const planted = makeStream({}, { ...options, seed, units, repeats: 5 });
    const { executions, facts } = planted;
    const lab = createLab(executions);
    await lab.learn();
    const [look] = lab.looks;
    if (look === undefined) throw new Error(`no look over ${units} runs`);
    const effectOf = (text: string): number => {
      const fact = facts.indexOf(text);
      return fact < 0 ? 0 : fact === 2 ? -options.effect : options.effect;
    };
    const best = factsFoundByOracle(planted, options.features, effectOf, look);
    const tags = lab
      .withStatus('observed', 'confirmed')
      .filter(({ predicate }) => predicate.text.startsWith('tag:'));
    facts.forEach((fact, f) => {
      if (tags.some(({ predicate }) => predicate.text === fact)) found[f] = (found[f] ?? 0) + 1;
      if (best.includes(fact)) atBest[f] = (atBest[f] ?? 0) + 1;
    });
    const wrong = tags.filter(({ predicate }) => !facts.includes(predicate.text)).length;
    shares.push(wrong / Math.max(1, tags.length));
    heads.push(tags.length);
    const misses = tags.filter(({ predicate, effect: { interval } }) => {
      const truth = trueEffectOf(predicate.text, planted, effectOf);
      return truth < interval.lower || truth > interval.upper;
    });
    const isFact = ({ predicate }: Pattern): boolean => facts.includes(predicate.text);
    missed.shares.push(misses.length / Math.max(1, tags.length));
    missed.all += misses.length;
    missed.ofAll += tags.length;
    missed.true += misses.filter(isFact).length;
    missed.ofTrue += tags.filter(isFact).length;
  }
  const cell = {
    units,
    agents: options.agents,
    recall: found.map((count) => share(count, options.streams)),
    oracle: atBest.map((count) => share(count, options.streams)),
    falseDiscoveries: round(mean(shares)),
    headsAStream: Math.round(mean(heads) * 100) / 100,
    exactFactsAStream: found.reduce((sum, count) => sum + count, 0) / options.streams,
    falseCoverage: round(mean(missed.shares)),
    falseCoverageOfAll: share(missed.all, missed.ofAll),
    falseCoverageOfTrueFacts: share(missed.true, missed.ofTrue),
  };
  console.error(JSON.stringify(cell));
  cells.push(cell);
}
print({
  target: '3f, 2b, 15',
  seed: options.seed,
  effect: options.effect,
  features: options.features,
  factSupports: options.factSupports,
  cells,
});
