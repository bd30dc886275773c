import { phiCoefficient } from '../../stats';
import { countCommonBits } from '../units/bitset';
import type { Candidate } from '../candidates/candidate';
import type { DraftMember } from './member';
import type { OutcomeColumn } from '../units/outcome-column';
import { predicateText } from '../features/predicate';
import { countTables } from '../comparison/sample';
import { compareWithin, type Workbench } from '../comparison/workbench';

export interface Scrutinised {
  readonly objection: string | null;
  /** As tested; the larger of two where outcomes are missing; 1 with an objection. */
  readonly pValue: number;
}

const restatesPhi = 0.95;
const missingLevel = 0.001;
const nextFlaggedLevel = 0.01;
const mostFlagged = 5;
const impliesShare = 0.8;
const flipLevel = 0.05;

/**
 * What speaks against a member, before any correction, so that what is held back buys nothing: it
 * cannot be compared, it restates the outcome, its outcomes are missing, its sign depends on what is
 * compared.
 */
export function findObjections(
  members: readonly DraftMember[],
  column: OutcomeColumn,
  bench: Workbench,
): Scrutinised[] {
  const missing = describeMissing(members, column, bench);
  const restating = new Map(
    members.flatMap((member) => {
      const said = restates(member, column, bench);
      return said === null ? [] : [[member.candidate.predicate.text, said] as const];
    }),
  );
  return members.map((member) => {
    const objection =
      member.score.reason ??
      restatingObjection(member, restating) ??
      missingObjection(member, missing) ??
      signObjection(member, bench);
    if (objection !== null) return { objection, pValue: 1 };
    const beside = missing.beside.filter((other) => other !== member.candidate);
    if (beside.length === 0) return { objection, pValue: member.score.pValue };
    const freed = bench.score(member.candidate, column, member.comparison, { beside });
    return { objection, pValue: Math.max(member.score.pValue, freed.pValue) };
  });
}

function restates(
  { candidate }: DraftMember,
  column: OutcomeColumn,
  bench: Workbench,
): string | null {
  if (column.guard !== undefined) return null;
  const [table] = countTables(candidate, column, bench.strataOf([], candidate));
  const phi = table === undefined ? null : phiCoefficient(table);
  if (phi === null || Math.abs(phi) <= restatesPhi) return null;
  return `restates the outcome (phi ${phi.toFixed(2)})`;
}

/** Also of a conjunction, whose part restates it. */
function restatingObjection(
  { candidate: { predicate } }: DraftMember,
  restating: ReadonlyMap<string, string>,
): string | null {
  const own = restating.get(predicate.text);
  if (own !== undefined) return own;
  for (const term of predicate.terms) {
    const part = predicateText([term]);
    if (restating.has(part)) return `its part ${part} restates the outcome`;
  }
  return null;
}

interface Missing {
  /** Candidates with which outcomes are missing, and the p-value of that. */
  readonly flagged: ReadonlyMap<Candidate, number>;
  /** The few of them that every other candidate must stand beside. */
  readonly beside: readonly Candidate[];
}

const nothingMissing: Missing = { flagged: new Map(), beside: [] };

/** The members' own test with "no outcome" in place of the outcome. */
function describeMissing(
  members: readonly DraftMember[],
  column: OutcomeColumn,
  bench: Workbench,
): Missing {
  if (column.known === column.values.length) return nothingMissing;
  const values = column.values.map((value) => (Number.isNaN(value) ? 1 : 0));
  const gaps: OutcomeColumn = { ...column, values, binary: true, known: values.length };
  const missingP = (member: DraftMember, beside: readonly Candidate[]): number =>
    bench.score(member.candidate, gaps, member.comparison, { beside }).pValue;
  const flagged = members
    .map((member) => ({ member, p: missingP(member, []) }))
    .filter(({ p }) => p < missingLevel)
    .sort((a, b) => a.p - b.p);
  const beside: Candidate[] = [];
  for (const { member } of flagged) {
    if (beside.length === mostFlagged) break;
    if (beside.length === 0 || missingP(member, beside) < nextFlaggedLevel) {
      beside.push(member.candidate);
    }
  }
  return {
    flagged: new Map(flagged.map(({ member, p }) => [member.candidate, p] as const)),
    beside,
  };
}

function missingObjection({ candidate }: DraftMember, { flagged }: Missing): string | null {
  const own = flagged.get(candidate);
  if (own !== undefined) {
    return `outcomes are missing more often on one side (p ${own.toPrecision(2)})`;
  }
  for (const other of flagged.keys()) {
    const common = countCommonBits(candidate.bits, other.bits);
    if (common >= impliesShare * candidate.support) {
      return `it implies ${other.predicate.text}, with which outcomes are missing`;
    }
  }
  return null;
}

/** The sign must not hang on what is compared. */
function signObjection({ candidate, column, comparison, score }: DraftMember, bench: Workbench) {
  if (score.effect === null || score.pValue >= flipLevel) return null;
  if (candidate.notStratifiedBy.includes('task.type')) return null;
  const crude = bench.score(candidate, column, compareWithin(['task.type']));
  if (crude.effect === null || crude.pValue >= flipLevel) return null;
  if (crude.effect.estimate * score.effect.estimate >= 0) return null;
  const keys = comparison.groups.join(' x ');
  return `depends on what is compared: ${score.effect.estimate.toFixed(2)} within ${keys}, ${crude.effect.estimate.toFixed(2)} within task.type`;
}
