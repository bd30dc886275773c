import type { Adaptation } from '../model/adaptation';
import type { AuditEntry } from '../model/ports-experiments';

/** Why it was made, applied, not applied, rolled back: sentences, oldest first. */
export function explainAdaptation(
  { knob, from, to, expected, uncertain }: Adaptation,
  history: readonly AuditEntry[],
  { declared, enabled }: { readonly declared: boolean; readonly enabled: boolean },
): readonly string[] {
  const points = (value: number): string => (100 * value).toFixed(1);
  const { lower, upper } = expected.interval;
  return [
    `${knob}: ${JSON.stringify(from)} → ${JSON.stringify(to)}, expected ${points(expected.effect)} points [${points(lower)}, ${points(upper)}]; ${uncertain}.`,
    ...history.map(({ actor, from: before, to: after, reason }) =>
      before === after
        ? `${actor}: ${reason}.`
        : `${actor}: ${before ?? 'new'} → ${after}, ${reason}.`,
    ),
    ...(declared ? [] : [`Not applied: the lever ${knob} no longer allows ${JSON.stringify(to)}.`]),
    ...(enabled ? [] : ['Not applied: adaptations are switched off.']),
  ];
}
