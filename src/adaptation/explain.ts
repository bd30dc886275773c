import { isSpent, type Adaptation } from '../model/adaptation';
import type { AuditEntry } from '../model/ports-experiments';

/** Reason of the audit rows that say what an adaptation shows by now. */
export const OUTCOME = 'outcome';

/** Why it was made, applied, not applied, rolled back: sentences, oldest first. */
export function explainAdaptation(
  { knob, from, to, expected, uncertain, outcome, dimension }: Adaptation,
  history: readonly AuditEntry[],
  { declared, enabled }: { readonly declared: boolean; readonly enabled: boolean },
): readonly string[] {
  const points = (value: number): string => (100 * value).toFixed(1);
  const { lower, upper } = expected.interval;
  const unit = isSpent(dimension) ? `% of ${dimension}` : 'points';
  return [
    `${knob}: ${JSON.stringify(from)} → ${JSON.stringify(to)}, expected ${points(expected.effect)} ${unit} [${points(lower)}, ${points(upper)}]; ${uncertain}.`,
    // What it shows by and by is one sentence at the end.
    ...history
      .filter(({ reason }) => reason !== OUTCOME)
      .map(({ actor, from: before, to: after, reason }) =>
        before === after
          ? `${actor}: ${reason}.`
          : `${actor}: ${before ?? 'new'} → ${after}, ${reason}.`,
      ),
    ...(outcome?.interval == null
      ? []
      : [
          `Changed ${outcome.treated.units}, held back ${outcome.heldBack.units}: ${points(outcome.effect ?? 0)} ${unit} [${points(outcome.interval.lower)}, ${points(outcome.interval.upper)}].`,
        ]),
    ...(declared ? [] : [`Not applied: the lever ${knob} no longer allows ${JSON.stringify(to)}.`]),
    ...(enabled ? [] : ['Not applied: adaptations are switched off.']),
  ];
}
