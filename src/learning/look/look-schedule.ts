import type { Look } from '../../model/pattern';

/** Units at which background learning looks first. */
const firstScheduledLook = 250;

export type LookSchedule = 'manual' | 'background';

export type LookDecision =
  | { readonly due: true; readonly number: number; readonly alpha: number }
  | { readonly due: false; readonly nextAtUnits: number };

/**
 * Whether a look is due (LEARNING 3). Background learning looks at 250 units first; a manual `learn`
 * or a finite import looks at whatever there is. After that every look waits until the units of the
 * last one have doubled. Look j spends α·6/(π² j²), which sums to α over all looks.
 */
export function decideLook(
  looks: readonly Look[],
  units: number,
  alpha: number,
  schedule: LookSchedule,
): LookDecision {
  const nextAtUnits = nextLookAtUnits(looks, schedule);
  if (units < nextAtUnits) return { due: false, nextAtUnits };
  const number = looks.length + 1;
  return { due: true, number, alpha: alphaOfLook(number, alpha) };
}

export function nextLookAtUnits(looks: readonly Look[], schedule: LookSchedule): number {
  const last = looks.at(-1);
  if (last !== undefined) return 2 * last.units;
  return schedule === 'manual' ? 1 : firstScheduledLook;
}

export function alphaOfLook(number: number, alpha: number): number {
  return (alpha * 6) / (Math.PI * number) ** 2;
}
