import { createLab } from '../../../bench/learning/harness';
import { draws, makeRun, numberReplications } from '../../../bench/learning/streams';
import type { Pattern } from '../../../src/model/pattern';

/** Of a knob that is drawn for each run and moves success by `effect`, what is confirmed at the first look. */
async function confirmedKnob(seed: number, effect: number): Promise<Pattern[]> {
  const { uniform } = draws(`bets ${seed}`);
  const runs = Array.from({ length: 500 }, (_, i) => {
    const style = uniform() < 0.5 ? 'a' : 'b';
    return makeRun(i, {
      taskId: `task-${Math.floor(100 * uniform())}`,
      config: { style },
      propensities: { style: 0.5 },
      tags: Array.from({ length: 60 }, (__, f) => `f${f}`).filter(() => uniform() < 0.3),
      outcome: { reward: uniform() < (style === 'a' ? 0.45 + effect : 0.45) ? 1 : 0 },
    });
  });
  numberReplications(runs);
  const lab = createLab(runs, { maxConjunctions: 0 });
  await lab.learn();
  return lab.withStatus('confirmed');
}

test('wrong today: an interval that includes 0 stood beside what bets confirm, without a word', async () => {
  const confirmed = (
    await Promise.all(Array.from({ length: 30 }, (_, seed) => confirmedKnob(seed, 0.15)))
  ).flat();
  const includesZero = ({ effect: { interval } }: Pattern): boolean =>
    interval.lower * interval.upper < 0;
  const says = ({ explanation }: Pattern): boolean => /confirmed by bets/.test(explanation.reason);
  expect(confirmed.filter(includesZero).length).toBeGreaterThan(0);
  expect(confirmed.filter((pattern) => !includesZero(pattern)).length).toBeGreaterThan(0);
  for (const pattern of confirmed) expect(says(pattern)).toBe(includesZero(pattern));
});
