import type { Pattern } from '../../model/pattern';
import type { FamilyVerdicts } from './judge-family';
import type { Member } from './member';

const noticeLevel = 0.05;

/**
 * What a look says of patterns that it does not promote again: a finding stays while its difference is
 * still there, with the new numbers; else it is no pattern any more, and says why.
 */
export function retirePatterns(
  stored: readonly Pattern[],
  written: readonly Pattern[],
  { verdicts }: FamilyVerdicts,
  look: number,
  atUnixNano: bigint,
): Pattern[] {
  const promoted = new Set(written.map(({ id }) => id));
  const members = new Map(
    [...verdicts].map(([member, verdict]) => [member.id, { member, verdict }]),
  );
  return stored
    .filter(({ id, status }) => !promoted.has(id) && shown.has(status))
    .map((pattern) => {
      const now = members.get(pattern.id);
      const reason = pattern.explanation.reason.replace(/^At look \d+ .*? — /s, '');
      const [text, stays] = describe(pattern, now?.member, now?.verdict.reason ?? null);
      return {
        ...pattern,
        status: stays ? pattern.status : 'candidate',
        confidence: stays ? pattern.confidence : 0,
        explanation: { ...pattern.explanation, reason: `At look ${look} ${text} — ${reason}` },
        lastTestedUnixNano: atUnixNano,
      };
    });
}

const shown: ReadonlySet<Pattern['status']> = new Set(['unadjusted', 'observed', 'confirmed']);

function describe(
  { effect, strata }: Pattern,
  member: Member | undefined,
  reason: string | null,
): readonly [text: string, stays: boolean] {
  if (member === undefined) {
    return [
      `it is no longer compared within ${strata.by}: too few runs, or tasks repeat now`,
      false,
    ];
  }
  if (member.objection !== null) return [`it is held back: ${member.objection}`, false];
  const estimate = member.score.effect?.estimate ?? 0;
  const numbers = `the difference is ${estimate.toFixed(3)} (p ${member.pValue.toPrecision(2)})`;
  if (member.pValue >= noticeLevel || estimate * effect.estimate <= 0) {
    return [`it is not seen any more: ${numbers}`, false];
  }
  const isListed = reason?.startsWith('says the same as') === true;
  return isListed ? [`it ${reason ?? ''}: ${numbers}`, false] : [`${numbers}`, true];
}
