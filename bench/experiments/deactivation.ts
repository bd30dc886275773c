/**
 * LEARNING target 9: an adaptation that helped turns harmful (-.20 against the held back).
 * `experiments/deactivation [runs] [base] [alarm] [closer]`: 10 % hold-back, 20 % from `closer` on, one half after the alert.
 */
import { ALARM_UNITS, CLOSER_UNITS } from '../../src/adaptation';
import { HarmWatch, seededRandom } from '../../src/stats';
import { median, shareOf } from '../measure/share';

const [
  runsText = '200',
  baseText = '0.5',
  alarmText = String(ALARM_UNITS),
  closerText = String(CLOSER_UNITS),
] = process.argv.slice(2);
const runs = Number(runsText);
const base = Number(baseText);
const alarmAt = Number(alarmText);
const closerAt = Number(closerText);
const BEFORE = 1_000;

interface Life {
  /** Units after the change (or after the start), `null` if never. */
  readonly alert: number | null;
  readonly rollBack: number | null;
  readonly closer: boolean;
  /** Before the change. */
  readonly early: { readonly alert: boolean; readonly rollBack: boolean };
}

function live(
  seed: string,
  effects: { readonly before: number; readonly after: number },
  units: number,
  change: number,
): Life {
  const random = seededRandom(seed);
  const watch = new HarmWatch();
  let holdBack = 0.1;
  let alert: number | null = null;
  let closer = false;
  for (let unit = 1; unit <= units; unit += 1) {
    const treated = random() >= holdBack;
    const effect = unit <= change ? effects.before : effects.after;
    watch.add(treated, 1 - holdBack, random() < base + (treated ? effect : 0) ? 1 : 0);
    if (!closer && watch.alarm >= closerAt) {
      closer = true;
      holdBack = 0.2;
    }
    if (alert === null && watch.alarm >= alarmAt) {
      alert = unit;
      holdBack = 0.5;
    }
    if (watch.eValue >= 20) {
      const early = { alert: alert !== null && alert <= change, rollBack: unit <= change };
      return {
        alert: alert === null ? null : alert - change,
        rollBack: unit - change,
        closer,
        early,
      };
    }
  }
  const early = { alert: alert !== null && alert <= change, rollBack: false };
  return { alert: alert === null ? null : alert - change, rollBack: null, closer, early };
}

function many<T>(make: (i: number) => T): T[] {
  return Array.from({ length: runs }, (_, i) => make(i));
}

const startedAt = performance.now();
const reversals = many((i) =>
  live(`reversal-${i}`, { before: 0.1, after: -0.2 }, BEFORE + 6_000, BEFORE),
);
const fromStart = many((i) => live(`start-${i}`, { before: -0.2, after: -0.2 }, 6_000, 0));
const nulls = many((i) => live(`null-${i}`, { before: 0, after: 0 }, 2_000, 2_000));
const helping = many((i) => live(`helping-${i}`, { before: 0.1, after: 0.1 }, 2_000, 2_000));
const longNulls = many((i) => live(`life-${i}`, { before: 0, after: 0 }, 20_000, 20_000));
const orLate = (value: number | null): number => value ?? Infinity;
const describe = (lives: readonly Life[]): object => {
  const counted = lives.filter(({ early }) => !early.alert && !early.rollBack);
  return {
    runs: counted.length,
    medianAlert: median(
      counted.map(({ alert, rollBack }) => Math.min(orLate(alert), orLate(rollBack))),
    ),
    p90Alert: [...counted.map(({ alert }) => orLate(alert))].sort((a, b) => a - b)[
      Math.floor(0.9 * counted.length)
    ],
    medianRollBack: median(counted.map(({ rollBack }) => orLate(rollBack))),
    alertBy450: shareOf(counted.filter(({ alert }) => orLate(alert) <= 450).length, counted.length),
    rollBackBy800: shareOf(
      counted.filter(({ rollBack }) => orLate(rollBack) <= 800).length,
      counted.length,
    ),
  };
};
console.log(
  JSON.stringify(
    {
      bench: 'experiments/deactivation',
      base,
      alarmAt,
      reversal: describe(reversals),
      harmfulFromTheStart: describe(fromStart),
      falseAlertPer2000WhileItHelps: shareOf(
        helping.filter(({ early }) => early.alert).length,
        runs,
      ),
      closerLookPer2000WhileItHelps: shareOf(helping.filter(({ closer }) => closer).length, runs),
      closerLookPer2000: shareOf(nulls.filter(({ closer }) => closer).length, runs),
      falseAlertPer2000: shareOf(nulls.filter(({ early }) => early.alert).length, runs),
      falseRollBackPer2000: shareOf(nulls.filter(({ early }) => early.rollBack).length, runs),
      falseRollBackPer20000: shareOf(longNulls.filter(({ early }) => early.rollBack).length, runs),
      seconds: (performance.now() - startedAt) / 1000,
    },
    null,
    2,
  ),
);
