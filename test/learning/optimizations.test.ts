import { createPatternLearner } from '../../src/learning';
import { makeConjunctions } from '../../src/learning/candidates/conjunctions';
import { generateCandidates } from '../../src/learning/candidates/candidates';
import { resolveLearningSettings } from '../../src/learning/units/learning-settings';
import { collectUnits } from '../../src/learning/units/unit-collector';
import type { ClosedExecution } from '../../src/model/learning';
import { seededRandom } from '../../src/stats';
import { makeExecution } from '../support/make-execution';
import { attributes } from '../support/make-span';
import { listMemory, readerOf, steppingClock } from '../support/memory-learning';

/** A model drawn per run: the small one costs a third less, and its reward moves by `harm`. */
function runs(n: number, harm: number, saving: number): ClosedExecution[] {
  const random = seededRandom(`optimizations/${harm}/${saving}`);
  return Array.from({ length: n }, (_, i) => {
    const small = random() < 0.5;
    const noise = Math.exp(random() + random() - 1);
    return makeExecution(i, {
      config: attributes({ engine: small ? 'small' : 'large' }),
      propensities: { engine: 0.5 },
      costUsd: (small ? 0.01 * (1 - saving) : 0.01) * noise,
      durationNano: BigInt(Math.round(1e9 * noise)),
      outcome: { reward: random() < 0.6 - (small ? harm : 0) ? 1 : 0 },
    });
  });
}

async function learnt(n: number, harm: number, saving: number) {
  const memory = listMemory();
  const reader = readerOf(runs(n, harm, saving));
  await createPatternLearner({ reader, memory, clock: steppingClock() }).learn();
  const patterns = [...memory.patterns.values()];
  return { memory, optimizations: patterns.filter(({ type }) => type === 'optimization') };
}

test('a setting that is cheaper and not worse by the margin is an optimization, shown as a change', async () => {
  const { optimizations } = await learnt(6_000, 0, 1 / 3);
  expect(optimizations.map(({ dimension }) => dimension)).toEqual(['cost_usd']);
  const [found] = optimizations;
  expect(found?.predicate.text).toBe('config:engine=small');
  expect(found?.effect.measure).toBe('relative_change');
  expect(found?.effect.estimate).toBeCloseTo(-1 / 3, 1);
  expect(found?.effect.interval.upper).toBeLessThan(0);
  expect(found?.support.with.mean).toBeGreaterThan(0.005);
  expect(found?.support.with.mean).toBeLessThan(0.008);
  expect(found?.explanation.reason).toMatch(
    /lower cost_usd: typically .* reward is not worse by 0\.05/,
  );
});

test('one that is cheaper and worse is none, nor one whose harm these runs cannot rule out', async () => {
  expect((await learnt(6_000, 0.1, 1 / 3)).optimizations).toEqual([]);
  const few = await learnt(400, 0, 1 / 3);
  expect(few.optimizations).toEqual([]);
  const entry = few.memory.entries.find(
    ({ dimension, predicate }) => dimension === 'cost_usd' && predicate === 'config:engine=small',
  );
  expect(entry?.pValue).toBeGreaterThan(0.05);
});

test('null streams: neither cost nor duration is claimed', async () => {
  for (let stream = 0; stream < 5; stream += 1) {
    const { optimizations } = await learnt(1_000 + stream, 0, 0);
    expect(optimizations).toEqual([]);
  }
});

test('conjunctions go to depth three, by support alone, and none says what a part or another says', async () => {
  const random = seededRandom('conjunctions');
  const table = await collectUnits(
    Array.from({ length: 400 }, (_, i) => {
      const a = random() < 0.7;
      const tags = [...(a ? ['a', 'twin'] : []), ...['b', 'c'].filter(() => random() < 0.8)];
      return makeExecution(i, { tags, outcome: { reward: random() < 0.5 ? 1 : 0 } });
    }),
  );
  const settings = resolveLearningSettings();
  const texts = (all: readonly { readonly predicate: { readonly text: string } }[]): string[] =>
    all.map(({ predicate }) => predicate.text);
  const candidates = generateCandidates(table, settings);
  expect(texts(candidates)).toEqual(
    expect.arrayContaining([
      'tag:a & tag:b',
      'tag:a & tag:c',
      'tag:b & tag:c',
      'tag:a & tag:b & tag:c',
    ]),
  );
  // `twin` is an alias of `a`, so nothing is said of it twice.
  expect(texts(candidates).filter((text) => text.includes('twin'))).toEqual([]);
  const other = { ...table, units: table.units.map((unit) => ({ ...unit, outcome: {} })) };
  expect(texts(generateCandidates(other, settings))).toEqual(texts(candidates));
  const none = makeConjunctions(candidates, 400, { ...settings, maxConjunctions: 0 });
  expect(none.made).toEqual([]);
});

test('wrong today: a conjunction that restates a part is named as its alias, five of them, the others counted', async () => {
  const random = seededRandom('restating');
  // Whoever has `rare` has all of the others, which some runs without it have too.
  const table = await collectUnits(
    Array.from({ length: 400 }, (_, i) => {
      const rare = random() < 0.4;
      const implied = ['v', 'w', 'x', 'y', 'z'].filter(() => rare || random() < 0.4);
      return makeExecution(i, { tags: [...(rare ? ['rare'] : []), ...implied] });
    }),
  );
  const candidates = generateCandidates(table, resolveLearningSettings());
  const found = candidates.find(({ predicate }) => predicate.text === 'tag:rare')!;
  expect(found.aliases).toEqual(
    ['v', 'w', 'x', 'y', 'z'].map((implied) => `tag:rare & tag:${implied}`),
  );
  // Some three of the five together, which are nearly the same runs.
  expect(found.moreAliases).toBe(4);
  const others = candidates.filter(({ predicate }) => predicate.text.includes('tag:rare & '));
  expect(others).toEqual([]);
});

test('a finding says what goes with it in every other dimension, by the same comparison', async () => {
  const random = seededRandom('elsewhere');
  const runs = Array.from({ length: 600 }, (_, i) => {
    const checks = random() < 0.5;
    return makeExecution(i, {
      taskId: `task-${i % 60}`,
      replication: Math.floor(i / 60),
      tags: checks ? ['checks'] : [],
      costUsd: (checks ? 1.5 : 1) * (0.8 + 0.4 * random()),
      outcome: {
        reward: random() < (checks ? 0.75 : 0.35) ? 1 : 0,
        satisfaction: random() < 0.5 ? 1 : 0,
      },
    });
  });
  const memory = listMemory();
  await createPatternLearner({ reader: readerOf(runs), memory, clock: steppingClock() }).learn();
  const head = [...memory.patterns.values()].find(
    ({ predicate, dimension }) => predicate.text === 'tag:checks' && dimension === 'reward',
  );
  const elsewhere = new Map(head?.explanation.elsewhere.map((each) => [each.dimension, each]));
  expect([...elsewhere.keys()].sort()).toEqual(['cost_usd', 'satisfaction']);
  const cost = elsewhere.get('cost_usd')!;
  expect(cost.measure).toBe('relative_change');
  expect(cost.estimate).toBeGreaterThan(0.4);
  expect(cost.estimate).toBeLessThan(0.6);
  expect(cost.pValue).toBeLessThan(1e-6);
  expect(cost.runs).toBe(600);
  const { interval } = elsewhere.get('satisfaction')!;
  expect(interval.lower).toBeLessThan(0.05);
  expect(interval.upper).toBeGreaterThan(-0.05);
});
