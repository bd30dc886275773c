import type { OutcomeColumn } from '../units/outcome-column';

/** Outcomes lie in 0..1, so that no difference is beyond 1; a linear estimate may be, where data are thin. */
export function withinOne(difference: number): number {
  return Math.max(-1, Math.min(1, difference));
}

/** How a difference in a column is shown: one of logarithms as the change that it is, -.3 for 30 % less. */
export function shownIn({ guard }: OutcomeColumn): (difference: number) => number {
  return guard === undefined ? withinOne : Math.expm1;
}
