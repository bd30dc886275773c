import type { LearnSummary } from '../../model/learned';
import type { Look, Pattern } from '../../model/pattern';
import type { LearningSettings } from '../units/learning-settings';
import type { LookDecision } from './look-schedule';
import type { UnitTable } from '../units/unit-table';
import { runsText } from '../units/runs-text';

export function describeLook(
  look: Look,
  patterns: readonly Pattern[],
  notYetKnown: readonly string[],
): Omit<LookReport, 'nextLookAtUnits'> {
  const count = (status: Pattern['status']): number =>
    patterns.filter((pattern) => pattern.status === status).length;
  const [observed, confirmed, apart] = [count('observed'), count('confirmed'), count('unadjusted')];
  const beside =
    apart === 0
      ? ''
      : ` ${apart === 1 ? '1 goes' : `${apart} go`} with success but may only show which tasks are hard.`;
  return {
    candidates: look.candidates,
    tested: look.tested,
    promoted: { observed, confirmed, causal: 0 },
    look: { number: look.number, alpha: look.alpha },
    message: `Look ${look.number} at level ${look.alpha.toPrecision(3)}: ${look.tested} tests, ${observed + confirmed === 1 ? '1 finding' : `${observed + confirmed} findings`}.${beside}`,
    notYetKnown,
  };
}

/** What a call of `learn` says of the look it took, or did not. */
export type LookReport = Pick<
  LearnSummary,
  'candidates' | 'tested' | 'promoted' | 'look' | 'nextLookAtUnits' | 'message' | 'notYetKnown'
>;

export function describeUnits(
  table: UnitTable,
  units: number,
): Pick<LearnSummary, 'executions' | 'units' | 'leftOut'> {
  const { executions, kept, retries, attemptsUnknown, sampled } = table.counts;
  const leftOut = { older: executions - kept, retries, attemptsUnknown, sampled };
  return { executions, units, leftOut: { ...leftOut, withoutOutcome: table.units.length - units } };
}

const nothingPromoted = { observed: 0, confirmed: 0, causal: 0 };

export function notDue(
  { nextAtUnits }: LookDecision & { due: false },
  units: number,
  looks: readonly Look[],
  executions: number,
): LookReport {
  return {
    candidates: looks.at(-1)?.candidates ?? 0,
    tested: 0,
    promoted: nothingPromoted,
    look: null,
    nextLookAtUnits: nextAtUnits,
    message:
      units === 0
        ? nothingToLearnFrom(executions)
        : `The next look is due at ${nextAtUnits} runs; there ${units === 1 ? 'is' : 'are'} ${units}. Patterns stay as they are.`,
    notYetKnown: [],
  };
}

function nothingToLearnFrom(executions: number): string {
  if (executions === 0) return 'Nothing to learn from: no closed execution is stored.';
  return (
    'Nothing to learn from: no run has a usable outcome. Judge runs (linkReward(span, { value: 0.8 }), or POST /api/v1/rewards), ' +
    'or learn from how they ended: "dimensions": ["status"].'
  );
}

/** Runs that were kept because of how they went teach nothing. */
export function refused(message: string, units: number): LookReport {
  const counts = { candidates: 0, tested: 0, promoted: nothingPromoted };
  return { ...counts, look: null, nextLookAtUnits: units + 1, message, notYetKnown: [] };
}

/** A look that tests nothing spends nothing. */
export function nothingTestable(
  candidates: number,
  units: number,
  nextLookAtUnits: number,
  { minSupport }: LearningSettings,
): LookReport {
  return {
    candidates,
    tested: 0,
    promoted: nothingPromoted,
    look: null,
    nextLookAtUnits,
    message: `Not enough evidence: ${runsText(units)} with an outcome, and no candidate that ${minSupport} of them have and ${minSupport} lack.`,
    notYetKnown: [],
  };
}
