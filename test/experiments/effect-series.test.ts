import { createExperiment } from '../../src/experiments/create-experiment';
import { effectSeries } from '../../src/experiments/effect-series';
import type { ExperimentUnitRuns } from '../../src/experiments/read-units';
import type { ExperimentInput } from '../../src/model/experiment';
import { seededRandom } from '../../src/stats';

const made = (change: Partial<ExperimentInput> = {}) =>
  createExperiment(
    {
      name: 'two tones',
      variants: [{ name: 'plain' }, { name: 'formal' }, { name: 'warm' }],
      trafficSplit: [0.4, 0.3, 0.3],
      successMetric: 'success',
      ...change,
    },
    { id: 'e', nowUnixNano: 0n, running: [], dimensions: [] },
  );

const rates: Readonly<Record<string, number>> = { plain: 0.4, formal: 0.4, warm: 0.7 };

function units(count: number): ExperimentUnitRuns[] {
  const random = seededRandom('series');
  return Array.from({ length: count }, (_, i) => {
    const variant = ['plain', 'formal', 'warm'][i % 3]!;
    return {
      ...{ id: `${i}`, taskId: `${i}`, variant, taskType: null, measures: {}, outcome: {} },
      startUnixNano: BigInt(i),
      value: i % 10 === 0 ? null : random() < rates[variant]! ? 1 : 0,
    };
  });
}

test('at evenly many units with an outcome, and at the last; the last lift is that of all', () => {
  const all = units(1_000);
  const series = effectSeries(made(), all);
  expect(series.length).toBeLessThanOrEqual(61);
  expect(series.length).toBeGreaterThan(50);
  const known = all.filter(({ value }) => value !== null);
  const last = series.at(-1)!;
  expect(last).toMatchObject({ units: known.length, atUnixNano: known.at(-1)!.startUnixNano });
  const meanOf = (name: string): number => {
    const own = known.filter(({ variant }) => variant === name);
    return own.reduce((sum, { value }) => sum + value!, 0) / own.length;
  };
  expect(last.lifts.map(({ name }) => name)).toEqual(['formal', 'warm']);
  for (const { name, estimate, interval } of last.lifts) {
    expect(estimate).toBeCloseTo(meanOf(name) - meanOf('plain'), 12);
    expect((interval.lower + interval.upper) / 2).toBeCloseTo(estimate, 12);
  }
});

test('the band narrows, and what comes later moves no point', () => {
  const all = units(1_000);
  const widths = effectSeries(made(), all).map(({ lifts: [, warm] }) => {
    return warm!.interval.upper - warm!.interval.lower;
  });
  expect(widths.at(-1)!).toBeLessThan(widths[5]! / 2);
  const half = effectSeries(made(), all.slice(0, 60));
  const whole = effectSeries(made(), all.slice(0, 66));
  const shared = new Map(whole.map((point) => [point.units, point]));
  const same = half.filter(({ units: n }) => shared.has(n));
  expect(same.length).toBeGreaterThan(20);
  for (const point of same) expect(point).toEqual(shared.get(point.units));
});

test.each([
  ['no unit', []],
  ['one unit an arm', units(6).slice(0, 4)],
  ['no outcome', units(300).map((unit) => ({ ...unit, value: null }))],
])('nothing to draw: %s', (_, some) => {
  expect(effectSeries(made(), some)).toEqual([]);
});

test('shares that follow outcomes have none: their plain means are biased', () => {
  expect(effectSeries(made({ allocation: 'thompson' }), units(300))).toEqual([]);
});
