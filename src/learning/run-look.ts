import type { ClosedExecution } from '../model/learning';
import type { LedgerEntry, Look, Pattern } from '../model/pattern';
import { buildPattern } from './findings/build-pattern';
import type { Candidate } from './candidates/candidate';
import { comparisonText } from './comparison/comparison';
import { testMembers } from './look/family';
import { groupByList } from './look/finding-lists';
import type { Member } from './look/member';
import { judgeFamily, type FamilyVerdicts, type Verdict } from './look/judge-family';
import type { MergedFinding } from './look/merge-findings';
import type { OutcomeColumn } from './units/outcome-column';
import type { Registry } from './look/registry';
import { chooseEvidenceRuns, locateEvidence, type EvidenceRuns } from './findings/span-evidence';
import { positionOfUnit } from './units/unit-position';
import type { Workbench } from './comparison/workbench';

export interface LookInput {
  readonly number: number;
  readonly alpha: number;
  readonly atUnixNano: bigint;
  readonly units: number;
  readonly candidates: readonly Candidate[];
  readonly columns: readonly OutcomeColumn[];
  readonly registry: Registry;
  readonly earlierLooks: readonly Look[];
  /** Some of the executions once more, for the spans of what is promoted. */
  readonly readAgain: (executionIds: readonly string[]) => AsyncIterable<ClosedExecution>;
}

/** What one look leaves behind; `null` where nothing could be tested, which spends nothing. */
export interface LookResult {
  readonly look: Look;
  readonly patterns: readonly Pattern[];
  readonly entries: readonly LedgerEntry[];
  readonly judgements: FamilyVerdicts;
}

/** Tests the family once and writes up what it promotes. */
export async function runLook(input: LookInput, bench: Workbench): Promise<LookResult | null> {
  const { number, alpha, atUnixNano, units, candidates, columns, registry } = input;
  const members = testMembers(candidates, columns, bench);
  const tested = members.filter(({ score }) => score.reason === null).length;
  if (tested === 0) return null;
  const lifetimeAlpha = bench.settings.alpha;
  const judgements = judgeFamily(members, registry, { number, alpha, lifetimeAlpha }, bench);
  const last = bench.table.units.at(-1);
  const look: Look = {
    number,
    atUnixNano,
    units,
    alpha,
    candidates: candidates.length,
    tested,
    promoted: judgements.findings.length,
    ...(last === undefined ? {} : { through: positionOfUnit(last) }),
    settings: { ...bench.settings, sampling: JSON.stringify(bench.settings.sampling) },
  };
  const patterns = await writePatterns(judgements, input, bench);
  return { look, patterns, entries: ledgerEntries(members, judgements, number), judgements };
}

async function writePatterns(
  { findings, unadjusted, verdicts, familySize, apartSize }: FamilyVerdicts,
  { registry, earlierLooks, atUnixNano, readAgain, alpha, columns }: LookInput,
  bench: Workbench,
): Promise<Pattern[]> {
  const written = [...findings, ...unadjusted];
  if (written.length === 0) return [];
  const runs = new Map<Member, EvidenceRuns>(
    written.map(({ head }) => [head, chooseEvidenceRuns(head, bench.table)]),
  );
  const spans = await locateEvidence(runs, readAgain);
  const levels = new Map([
    ...adjustedLevels(findings, alpha / familySize),
    ...adjustedLevels(unadjusted, alpha / apartSize),
  ]);
  return written.map((finding) => {
    const { head } = finding;
    const firstLook = registry.get(head.id)?.firstObservedLook;
    const first = earlierLooks.find((look) => look.number === firstLook)?.atUnixNano;
    return buildPattern(
      finding,
      verdictOf(verdicts, head),
      spans.get(head) ?? { supporting: [], contradicting: [] },
      {
        level: levels.get(finding) ?? 1 - alpha,
        columns,
        firstSeenUnixNano: first ?? atUnixNano,
        lastTestedUnixNano: atUnixNano,
      },
      bench,
    );
  });
}

/** LEARNING target 15: intervals of what was selected cover at 1 - alpha·R/M, R of the same list. */
function adjustedLevels(
  findings: readonly MergedFinding[],
  single: number,
): (readonly [MergedFinding, number])[] {
  return groupByList(findings, ({ head }) => head).flatMap((list) =>
    list.map((finding) => [finding, 1 - single * list.length] as const),
  );
}

function verdictOf(verdicts: ReadonlyMap<Member, Verdict>, member: Member): Verdict {
  const verdict = verdicts.get(member);
  if (verdict === undefined) throw new Error(`no verdict on ${member.candidate.predicate.text}`);
  return verdict;
}

/** Every member of the family is registered with what it is compared within. */
function ledgerEntries(
  members: readonly Member[],
  { verdicts }: FamilyVerdicts,
  look: number,
): LedgerEntry[] {
  return members.map((member) => {
    const { status, qValue, reason, finding } = verdictOf(verdicts, member);
    const isTested = member.score.reason === null;
    return {
      look,
      patternId: member.id,
      predicate: member.candidate.predicate.text,
      dimension: member.column.dimension,
      strata: comparisonText(member.comparison),
      pValue: isTested ? member.score.pValue : null,
      qValue: isTested ? qValue : null,
      estimate: member.score.effect?.estimate ?? null,
      status,
      reason,
      finding: finding?.head.id ?? null,
    };
  });
}
