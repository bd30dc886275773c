import type { PatternJson } from '../../wire';
import { formatChange, formatPoints } from '../format/format';

const measures: Readonly<Record<string, string>> = {
  risk_difference_mh: 'difference of success, within strata',
  mean_difference: 'difference of the mean outcome, within strata',
  relative_change: 'change in per cent of what it is without, within strata',
};

export function measureName(measure: string): string {
  return measures[measure] ?? measure.replaceAll('_', ' ');
}

export function effectText({ effect }: PatternJson): string {
  if (effect.estimate === null) return 'not estimated';
  const interval = effect.interval;
  const range = interval === null ? '' : ` (${bare(interval[0])} to ${bare(interval[1])})`;
  return `${effectFormat(effect)(effect.estimate)}${range}`;
}

/** A relative change is in per cent; every other measure is a difference in points. */
export function effectFormat({
  measure,
}: Pick<PatternJson['effect'], 'measure'>): (value: number) => string {
  return measure === 'relative_change' ? formatChange : formatPoints;
}

const bare = (value: number): string => formatPoints(value).replace(' pp', '');

const tests: Readonly<Record<string, string>> = {
  cmh: 'Cochran–Mantel–Haenszel',
  cmh_exact: 'Cochran–Mantel–Haenszel, exact',
};

export function testName(name: string): string {
  return tests[name] ?? name.replaceAll('_', ' ');
}

/** Ends of an axis that holds all effects and no effect, with a margin. */
export function effectAxis(patterns: readonly PatternJson[]): { from: number; to: number } {
  const values = patterns.flatMap(({ effect }) => [
    effect.estimate ?? 0,
    ...(effect.interval ?? []),
  ]);
  const from = Math.min(0, ...values);
  const to = Math.max(0, ...values);
  const margin = (to - from || 1) * 0.05;
  // No difference of shares is beyond one.
  const most = patterns.some(({ effect }) => effect.measure === 'relative_change') ? Infinity : 1;
  return { from: Math.max(-most, from - margin), to: Math.min(most, to + margin) };
}

/** What effects are counted in. */
export function effectUnit(patterns: readonly PatternJson[]): string {
  const relative = patterns.filter(({ effect }) => effect.measure === 'relative_change').length;
  if (relative === 0) return 'pp';
  return relative === patterns.length ? '%' : 'pp or %';
}

export const typeNames: Readonly<Record<PatternJson['type'], string>> = {
  success: 'goes with success',
  anti_pattern: 'goes with failure',
  optimization: 'cheaper or faster',
};

/** What a status means, in words. */
export const statusNotes: Readonly<Record<PatternJson['status'], string>> = {
  candidate: 'not tested yet',
  unadjusted: 'on tasks that never repeat: task difficulty is not ruled out',
  imported: 'brought from elsewhere, not tested here',
  observed: 'passed the tests of one look',
  confirmed: 'seen again on fresh runs alone',
  causal: 'shown by a randomised draw',
  demoted: 'no longer holds',
};
