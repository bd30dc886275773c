/** Outcomes lie in 0..1, so that no difference is beyond 1; a linear estimate may be, where data are thin. */
export function withinOne(difference: number): number {
  return Math.max(-1, Math.min(1, difference));
}
