/**
 * LEARNING target 8: `experiments/regret [runs] [units]`: successes lost against always choosing the better of two
 * arms (gap .1), by Thompson sampling, by an A/B test that ships what it decides, and by equal shares for ever;
 * and the coverage of intervals from Thompson's logged propensities, rewards late by up to 500 units.
 */
import {
  armMeanByPropensity,
  Decider,
  decisionRules,
  thompsonPropensities,
} from '../../src/experiments';
import { seededRandom } from '../../src/stats';
import { rounded, shareOf } from '../measure/share';

const [runsText = '100', unitsText = '10000'] = process.argv.slice(2);
const runs = Number(runsText);
const units = Number(unitsText);
const rates = [0.5, 0.6];
const rules = decisionRules({
  arms: [
    { name: 'control', share: 0.5 },
    { name: 'treatment', share: 0.5 },
  ],
});

/** Expected successes lost. */
function abRegret(seed: string): number {
  const random = seededRandom(seed);
  const decider = new Decider(rules);
  let regret = 0;
  for (let unit = 0; unit < units; unit += 1) {
    const { decision } = { decision: decider.add(draw(random, unit)) };
    const lost = (rates[1] ?? 0) - (rates[0] ?? 0);
    regret += lost / 2;
    if (decision !== 'continue') return regret + (decision === 'ship' ? 0 : (units - unit) * lost);
  }
  return regret;
}

function draw(random: () => number, unit: number): Parameters<Decider['add']>[0] {
  const arm = random() < 0.5 ? 0 : 1;
  const value = random() < (rates[arm] ?? 0) ? 1 : 0;
  return { unit: String(unit), arm: arm === 0 ? 'control' : 'treatment', value };
}

/** Propensities follow every 50 outcomes that are in. */
function thompson(
  seed: string,
  truth: readonly number[],
  delay: number,
  length: number,
): { readonly regret: number; readonly covered: readonly boolean[] } {
  const random = seededRandom(seed);
  const counts = truth.map(() => ({ successes: 0, n: 0 }));
  let propensities = truth.map(() => 1 / truth.length);
  const outcomes: {
    arm: number;
    propensities: readonly number[];
    predictions: readonly number[];
    value: number;
  }[] = [];
  const arriving = new Map<number, { arm: number; value: number }[]>();
  let regret = 0;
  const best = Math.max(...truth);
  for (let unit = 0; unit < length; unit += 1) {
    for (const { arm, value } of arriving.get(unit) ?? []) {
      const count = counts[arm]!;
      count.n += 1;
      count.successes += value;
    }
    arriving.delete(unit);
    if (unit % 50 === 0) propensities = thompsonPropensities(counts);
    let at = random();
    let arm = truth.length - 1;
    for (let i = 0; i < truth.length; i += 1) {
      at -= propensities[i] ?? 0;
      if (at < 0) {
        arm = i;
        break;
      }
    }
    const value = random() < (truth[arm] ?? 0) ? 1 : 0;
    const predictions = counts.map(({ successes, n }) => (successes + 1) / (n + 2));
    outcomes.push({ arm, propensities, predictions, value });
    regret += best - (truth[arm] ?? 0);
    const when = unit + 1 + Math.floor(random() * delay);
    arriving.set(when, [...(arriving.get(when) ?? []), { arm, value }]);
  }
  const covered = truth.map((mean, arm) => {
    const { estimate, standardError } = armMeanByPropensity(outcomes, arm);
    return Math.abs(estimate - mean) <= 1.96 * standardError;
  });
  return { regret, covered };
}

const seeds = Array.from({ length: runs }, (_, i) => i);
const mean = (values: readonly number[]): number =>
  rounded(values.reduce((sum, value) => sum + value, 0) / values.length);
const ts = seeds.map((i) => thompson(`ts-${i}`, rates, 1, units).regret);
const delayed = seeds.map((i) => thompson(`late-${i}`, [0.5, 0.55, 0.6], 500, 3_000).covered);
console.log(
  JSON.stringify({
    bench: 'experiments/regret',
    runs,
    units,
    thompson: mean(ts),
    ab: mean(seeds.map((i) => abRegret(`ab-${i}`))),
    uniform: units * 0.05,
    coverageOfDelayedIntervals: [0, 1, 2].map((arm) =>
      shareOf(delayed.filter((covered) => covered[arm]).length, runs),
    ),
  }),
);
