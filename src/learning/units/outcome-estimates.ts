import type { OutcomeEstimate } from '../../model/learned';
import { weightedMean } from '../../stats';
import { outcomeOf } from './outcome-column';
import { sampledRun, type UnitTable } from './unit-table';

const level = 0.95;

/**
 * Mean outcome of all runs that ended, from those that are here: each stands for as many as its inclusion probability
 * says (LEARNING 3, "Sampling"). Dimensions of which nothing is known are left out.
 */
export function estimateOutcomes(
  { everyRun, sampling }: Pick<UnitTable, 'everyRun' | 'sampling'>,
  dimensions: readonly string[],
): OutcomeEstimate[] {
  const runs = everyRun.map((unit) => {
    const run = sampledRun(unit);
    return { unit, weight: sampling.weightOf(run), kind: sampling.classOf?.(run) ?? 0 };
  });
  return dimensions.flatMap((dimension) => {
    const values: number[] = [];
    const weights: number[] = [];
    const classes: number[] = [];
    for (const { unit, weight, kind } of runs) {
      const value = outcomeOf(unit, dimension);
      if (value === null || !(weight > 0)) continue;
      values.push(value);
      weights.push(weight);
      classes.push(kind);
    }
    const byClass = sampling.classOf === null ? undefined : classes;
    const estimate = weightedMean(values, weights, level, byClass);
    if (estimate === null) return [];
    const { mean, interval } = estimate;
    const weighted = weights.some((weight) => weight !== weights[0]);
    return [{ dimension, runs: values.length, mean, interval, weighted, basis: sampling.basis }];
  });
}
