import { judgeApplicability } from '../../../src/learning/questions/applicability';
import { fitContextEffects } from '../../../src/learning/questions/context-effects';
import type { ApplicabilityEvidence, ContextCell } from '../../../src/model/applicability';
import { derSimonianLaird } from '../../../src/stats';

const day = 86_400_000_000_000n;

function cell(agentId: string, taskType: string, effect: number, runs = 200): ContextCell {
  return { agentId, taskType, effect, standardError: 1 / Math.sqrt(runs), runs };
}

function evidenceOf(cells: readonly ContextCell[]): ApplicabilityEvidence {
  const settings = [
    { key: 'temperature', interval: { lower: 0, upper: 0.7 }, levels: [] },
    { key: 'window', interval: null, levels: ['tail', 'head'] },
  ];
  return { cells, settings, tags: ['production'], latestUnixNano: 1_000n * day };
}

/** Three agents at four types: the effect is there for all but agent `c`. */
const cells = ['a', 'b', 'c'].flatMap((agent) =>
  ['w', 'x', 'y', 'z'].map((type) => cell(agent, type, agent === 'c' ? 0 : 0.3, 400)),
);

describe('fitContextEffects', () => {
  test('one cell says what it says', () => {
    const { mean, interval } = fitContextEffects([cell('a', 'w', 0.2, 400)], 1).at({
      agentId: 'a',
      taskType: 'w',
    });
    expect(Math.abs(mean - 0.2)).toBeLessThan(0.005);
    expect(interval.lower).toBeLessThan(0.2 - 1.8 * 0.05);
    expect(interval.upper).toBeGreaterThan(0.2 + 1.9 * 0.05);
  });

  test('equal cells are pooled as by DerSimonian and Laird', () => {
    const equal = Array.from({ length: 12 }, (_, i) => cell(`a${i}`, `t${i}`, 0.2, 100));
    const pooled = derSimonianLaird(
      equal.map(({ effect }) => effect),
      equal.map(({ standardError }) => standardError ** 2),
    );
    const { mean, interval } = fitContextEffects(equal, 1).at({ agentId: 'a0', taskType: 't0' });
    expect(mean).toBeCloseTo(pooled.estimate, 5);
    expect(interval.upper - interval.lower).toBeLessThan(2 * 1.96 * 0.1);
  });

  test('a context that was not seen takes after its agent', () => {
    const fit = fitContextEffects(
      cells.filter(({ taskType }) => taskType !== 'z'),
      1,
    );
    const known = fit.at({ agentId: 'a', taskType: 'z' });
    const lacking = fit.at({ agentId: 'c', taskType: 'z' });
    expect(known.above(0.02, 1)).toBeGreaterThan(0.9);
    expect(lacking.above(0.02, 1)).toBeLessThan(0.6);
    expect(known.mean - lacking.mean).toBeGreaterThan(0.15);
  });

  test('the sign it was found with counts where contexts say little, and not against what they all show', () => {
    const little = [cell('a', 'w', 0.02, 100), cell('b', 'x', -0.01, 100)];
    const chances = ([1, -1] as const).map((sign) =>
      fitContextEffects(little, sign).at({ agentId: 'c', taskType: 'y' }).above(0.02, sign),
    );
    for (const chance of chances) expect(chance).toBeGreaterThan(0.5);
    const reversed = cells.map((each) => ({ ...each, effect: -0.3 }));
    const { above, mean } = fitContextEffects(reversed, 1).at({ agentId: 'd', taskType: 'v' });
    expect(above(0.02, 1)).toBeLessThan(0.1);
    expect(mean).toBeLessThan(-0.25);
  });

  test('the order of cells does not matter', () => {
    const question = { agentId: 'b', taskType: 'y' };
    const [one, other] = [cells, [...cells].reverse()].map((list) =>
      fitContextEffects(list, 1).at(question),
    );
    expect(one!.mean).toBeCloseTo(other!.mean, 10);
  });
});

describe('judgeApplicability', () => {
  test('holds where it was seen to, and says with how many runs', () => {
    const judged = judgeApplicability(evidenceOf(cells), 1, { agentId: 'a', taskType: 'x' });
    expect(judged).toMatchObject({ applicable: true, runs: 400 });
    expect(judged.reason).toMatch(
      /^Holds here: probability 1.00 that it has such an effect here, 400 runs of this context/,
    );
    expect(judged.score).toBeCloseTo(judged.probability, 10);
  });

  test('does not hold for the agent that lacks it', () => {
    const judged = judgeApplicability(evidenceOf(cells), 1, { agentId: 'c', taskType: 'x' });
    expect(judged.applicable).not.toBe(true);
    expect(judged.probability).toBeLessThan(0.5);
  });

  test('abstains where neither agent nor type was seen and contexts differ much', () => {
    const judged = judgeApplicability(evidenceOf(cells), 1, { agentId: 'n', taskType: 'n' });
    expect(judged).toMatchObject({ applicable: null, score: 0, runs: 0 });
    expect(judged.reason).toMatch(/neither this agent nor this type/);
  });

  test.each([
    [{ temperature: 1.2 }, 'temperature 1.2 lies outside of what was observed, 0 to 0.7'],
    [{ temperature: '-1' }, 'temperature -1 lies outside of what was observed, 0 to 0.7'],
    [{ window: 'middle' }, 'window middle lies outside of what was observed, tail or head'],
    [{ window: 3 }, 'window 3 lies outside of what was observed, tail or head'],
  ])('abstains outside the range of a setting: %p', (settings, why) => {
    const context = { agentId: 'a', taskType: 'x', settings };
    const judged = judgeApplicability(evidenceOf(cells), 1, context);
    expect(judged).toMatchObject({ applicable: null, score: 0, reason: `Cannot say: ${why}.` });
  });

  test.each([[{ temperature: '0.5', window: 'head' }], [{ another: 7 }], [{}]])(
    'says what it knows of settings %p',
    (settings) => {
      const context = { agentId: 'a', taskType: 'x', settings, tags: ['production', 'new'] };
      expect(judgeApplicability(evidenceOf(cells), 1, context).applicable).toBe(true);
    },
  );

  test('abstains where a tag is missing that nearly all runs have', () => {
    const context = { agentId: 'a', taskType: 'x', tags: ['staging'] };
    const judged = judgeApplicability(evidenceOf(cells), 1, context);
    expect(judged).toMatchObject({ applicable: null, score: 0 });
    expect(judged.reason).toMatch(/nearly all runs that it was found in are tagged production/);
  });

  test('few and old runs lower the score, not the probability', () => {
    const thin = [cell('a', 'x', 0.9, 15), ...cells.slice(4)];
    const context = { agentId: 'a', taskType: 'x' };
    const few = judgeApplicability(evidenceOf(thin), 1, context);
    expect(few.score).toBeCloseTo(few.probability / 2, 6);
    const fresh = judgeApplicability(evidenceOf(cells), 1, context);
    const old = judgeApplicability(evidenceOf(cells), 1, { ...context, atUnixNano: 1_090n * day });
    expect(old.probability).toBe(fresh.probability);
    expect(old.score).toBeCloseTo(fresh.score / 2, 6);
  });

  test('an anti-pattern holds where the effect is negative', () => {
    const negative = cells.map((one) => ({ ...one, effect: -one.effect }));
    const context = { agentId: 'a', taskType: 'x' };
    expect(judgeApplicability(evidenceOf(negative), -1, context).applicable).toBe(true);
    expect(judgeApplicability(evidenceOf(negative), 1, context).applicable).toBe(false);
  });

  test('without a context to compare in it says so', () => {
    const judged = judgeApplicability(evidenceOf([]), 1, {});
    expect(judged).toMatchObject({ applicable: null, score: 0 });
    expect(judged.reason).toMatch(/no context has runs on both sides/);
  });
});
