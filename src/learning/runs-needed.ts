import { normalQuantile } from '../stats';

const plannedPower = 0.8;

/**
 * Further runs, at the present mix, until an effect of the size seen is found with probability .8: its z grows with the
 * root of the runs.
 *
 * @param pValue - two-sided, of what was seen in `runs` runs
 * @param level - that one test must reach
 */
export function runsNeeded(runs: number, pValue: number, level: number): number {
  const wanted = normalQuantile(1 - level / 2) + normalQuantile(plannedPower);
  const reached = normalQuantile(1 - pValue / 2);
  return Math.max(1, Math.ceil(runs * ((wanted / reached) ** 2 - 1)));
}
