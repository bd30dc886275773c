/** How a scale is divided: into thousands, or into what clocks count by. */
export type ScaleUnit = 'number' | 'count' | 'millis';

const minute = 60_000;
const hour = 60 * minute;
const clockSteps = [2, 4, 6, 10, 20, 30]
  .map((n) => n * minute)
  .concat([2, 4, 6, 12, 24].map((n) => n * hour));

/** The least round number from `most` on whose half is round as well; both ends of a scale are written beside it. */
export function roundTop(most: number, unit: ScaleUnit): number {
  if (!(most > 0)) return 1;
  if (unit === 'count' && most <= 2) return 2;
  if (unit === 'millis' && most > minute) {
    return clockSteps.find((step) => step >= most) ?? Math.ceil(most / (24 * hour)) * 24 * hour;
  }
  const power = 10 ** Math.floor(Math.log10(most));
  const steps = [1, 2, 4, 6, 8, 10].map((n) => n * power);
  return steps.find((step) => step >= most * (1 - 1e-12))!;
}
