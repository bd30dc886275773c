import { benjaminiHochberg, cmhTest, normalSf, phiCoefficient } from '../stats';
import type { Candidate } from './candidate';
import type { ConfidenceScore } from './confidence-scorer';
import type { OutcomeColumn } from './outcome-column';
import { patternIdOf, type Registry } from './registry';
import { countMissing, countTables } from './sample';
import { everyUnit, type StrataPlan } from './strata';
import type { StratumKey } from './stratum-keys';
import { planBy, type Workbench } from './workbench';

/** One hypothesis of the family, candidate × dimension, with its test at this look. */
export interface Finding {
  readonly id: string;
  readonly candidate: Candidate;
  readonly column: OutcomeColumn;
  /** As registered. */
  readonly plan: StrataPlan;
  readonly score: ConfidenceScore;
  /** Over all testable members of the family; `null` where this one is not. */
  readonly qValue: number | null;
  readonly verdict: Verdict;
}

export type Verdict =
  { readonly status: 'observed' } | { readonly status: 'candidate'; readonly reason: string };

export interface Family {
  readonly findings: readonly Finding[];
  /** Members that were testable: the family's size in the correction. */
  readonly tested: number;
}

const restatesPhi = 0.95;
const missingnessLevel = 0.01;
const comparisonLevel = 0.05;

/**
 * Tests candidates × dimensions under their registered strata and says which of them the look
 * promotes: Benjamini-Hochberg at the look's alpha over all testable members, then whatever speaks
 * against a member although its p-value is small.
 */
export function testFamily(
  candidates: readonly Candidate[],
  columns: readonly OutcomeColumn[],
  registry: Registry,
  alpha: number,
  bench: Workbench,
): Family {
  const members = columns.flatMap((column) =>
    candidates.map((candidate) => testMember(candidate, column, registry, bench)),
  );
  const testable = members.filter(({ obstacle }) => obstacle === null);
  const qValues = benjaminiHochberg(testable.map(({ score }) => score.pValue));
  const qOf = new Map(testable.map((member, i) => [member, qValues[i] ?? 1]));
  const judged = members.map((member): Finding => {
    const qValue = qOf.get(member) ?? null;
    return { ...member, qValue, verdict: judge(member, qValue, alpha, bench) };
  });
  return { findings: groupUnderParents(judged, bench), tested: testable.length };
}

type Member = Omit<Finding, 'qValue' | 'verdict'> & {
  /** Why it is not part of the family at this look. */
  readonly obstacle: string | null;
};

function testMember(
  candidate: Candidate,
  column: OutcomeColumn,
  registry: Registry,
  bench: Workbench,
): Member {
  const id = patternIdOf(candidate, column.dimension);
  const plan = bench.planOf(candidate, registry.get(id));
  const score = bench.score(candidate, column, plan);
  return {
    id,
    candidate,
    column,
    plan,
    score,
    obstacle: score.reason ?? restates(candidate, column, bench),
  };
}

function restates(candidate: Candidate, column: OutcomeColumn, bench: Workbench): string | null {
  const strata = bench.strataOf(everyUnit, candidate);
  const [table] = countTables(candidate, column, strata);
  const phi = table === undefined ? null : phiCoefficient(table);
  if (phi === null || Math.abs(phi) <= restatesPhi) return null;
  return `restates the outcome (phi ${phi.toFixed(2)})`;
}

function judge(member: Member, qValue: number | null, alpha: number, bench: Workbench): Verdict {
  if (qValue === null) {
    return { status: 'candidate', reason: member.obstacle ?? 'not tested' };
  }
  if (qValue > alpha) {
    return {
      status: 'candidate',
      reason: `q ${qValue.toPrecision(2)} is above this look's ${alpha.toPrecision(2)}`,
    };
  }
  const objection =
    member.score.effect === null ? 'no effect could be estimated' : objectionTo(member, bench);
  return objection === null ? { status: 'observed' } : { status: 'candidate', reason: objection };
}

function objectionTo(member: Member, bench: Workbench): string | null {
  return missingnessObjection(member, bench) ?? signObjection(member, bench);
}

function missingnessObjection(
  { candidate, column, plan }: Member,
  bench: Workbench,
): string | null {
  if (column.known === bench.table.units.length) return null;
  const strata = bench.strataOf({ ...plan, unit: 'run' }, candidate);
  const { pValue } = cmhTest(countMissing(candidate, column, strata), { continuity: false });
  if (pValue === null || pValue >= missingnessLevel) return null;
  return `outcomes are missing more often on one side (p ${pValue.toPrecision(2)})`;
}

/** The sign must not hang on what is compared: runs of one task, or runs of one agent. */
function signObjection({ candidate, column }: Member, bench: Workbench): string | null {
  const byTask = compareBy('task', candidate, column, bench);
  const byAgent = compareBy('agent', candidate, column, bench);
  if (byTask === null || byAgent === null || byTask.estimate * byAgent.estimate >= 0) return null;
  return `depends on what is compared: ${byTask.text} by task, ${byAgent.text} by agent`;
}

function compareBy(
  key: StratumKey,
  candidate: Candidate,
  column: OutcomeColumn,
  bench: Workbench,
): { readonly estimate: number; readonly text: string } | null {
  if (candidate.notStratifiedBy.includes(key)) return null;
  const { effect, oddsRatio, pValue } = bench.score(candidate, column, planBy([key]));
  if (effect === null || pValue >= comparisonLevel) return null;
  const text =
    oddsRatio === null
      ? `difference ${effect.estimate.toFixed(2)}`
      : `odds ratio ${oddsRatio.toPrecision(2)}`;
  return { estimate: effect.estimate, text };
}

/**
 * An interaction that says no more than its knob's own finding is grouped under that: it has the same
 * sign and does not differ from the other contexts (Bonferroni over the interactions so compared).
 */
function groupUnderParents(findings: readonly Finding[], bench: Workbench): Finding[] {
  const observed = findings.filter(({ verdict }) => verdict.status === 'observed');
  const byName = new Map(
    observed.map((finding) => [nameOf(finding.column, finding.candidate.predicate.text), finding]),
  );
  const parents = new Map<Finding, Finding>();
  for (const finding of observed) {
    const { parent } = finding.candidate;
    const found = parent === null ? undefined : byName.get(nameOf(finding.column, parent));
    if (found !== undefined && sameSign(finding, found)) parents.set(finding, found);
  }
  return findings.map((finding) => {
    const parent = parents.get(finding);
    if (parent === undefined) return finding;
    const pValue = contrastWithRest(finding, parent, bench);
    if (pValue === null || pValue * parents.size < comparisonLevel) return finding;
    const reason = `adds nothing beyond ${parent.candidate.predicate.text} (difference to the other contexts: p ${pValue.toPrecision(2)})`;
    return { ...finding, verdict: { status: 'candidate', reason } };
  });
}

function nameOf(column: OutcomeColumn, predicate: string): string {
  return JSON.stringify([column.dimension, predicate]);
}

function sameSign(x: Finding, y: Finding): boolean {
  return (x.score.effect?.estimate ?? 0) * (y.score.effect?.estimate ?? 0) > 0;
}

/** z test of the effect in the context against the effect outside it; `null` where one is unknown. */
function contrastWithRest(interaction: Finding, parent: Finding, bench: Workbench): number | null {
  const rest = bench.outsideContext(interaction.candidate, parent.candidate);
  const inside = interaction.score.effect;
  const outside = bench.score(rest, interaction.column, interaction.plan).effect;
  if (inside === null || outside === null) return null;
  const error = Math.hypot(inside.standardError, outside.standardError);
  if (error === 0) return null;
  return Math.min(1, 2 * normalSf(Math.abs(inside.estimate - outside.estimate) / error));
}
