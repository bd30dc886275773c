import type { EffectPoint, Experiment } from '../model/experiment';
import {
  addValue,
  asymptoticConfidenceSequence,
  emptyMoments,
  sampleVariance,
  type Moments,
} from '../stats';
import type { ExperimentUnitRuns } from './read-units';

/** Points of a picture: more would not be told apart. */
const MOST_POINTS = 60;

/**
 * How the lift of each challenger came about, at evenly many units from each other and at the last one, with the interval
 * that is valid whenever one looks. Empty where shares follow outcomes, under which plain means are biased.
 */
export function effectSeries(
  { variants, rules, allocation }: Experiment,
  units: readonly ExperimentUnitRuns[],
): EffectPoint[] {
  if (allocation === 'thompson') return [];
  const known = units.filter(({ value }) => value !== null);
  const step = Math.max(1, Math.ceil(known.length / MOST_POINTS));
  const places = new Map(variants.map(({ name }, index) => [name, index]));
  const arms = variants.map(() => emptyMoments());
  return known.flatMap(({ variant, value, startUnixNano }, i): EffectPoint[] => {
    const place = places.get(variant) ?? 0;
    arms[place] = addValue(arms[place] ?? emptyMoments(), value ?? 0);
    const n = i + 1;
    if (n % step !== 0 && n !== known.length) return [];
    const [control = emptyMoments()] = arms;
    const lifts = variants.slice(1).flatMap(({ name }, j) => {
      const lift = liftOf(arms[j + 1] ?? emptyMoments(), control, rules);
      return lift === null ? [] : [{ name, ...lift }];
    });
    return lifts.length === 0 ? [] : [{ units: n, atUnixNano: startUnixNano, lifts }];
  });
}

function liftOf(
  arm: Moments,
  control: Moments,
  { alpha, cap }: Experiment['rules'],
): Omit<EffectPoint['lifts'][number], 'name'> | null {
  if (arm.n < 2 || control.n < 2) return null;
  const estimate = arm.mean - control.mean;
  const variance = sampleVariance(arm) / arm.n + sampleVariance(control) / control.n;
  const measured = { estimate, standardError: Math.sqrt(variance), n: arm.n + control.n };
  const options = { alpha, plannedN: Math.max(1, cap) };
  return { estimate, interval: asymptoticConfidenceSequence(measured, options) };
}
