import type { ClosedExecution } from '../model/learning';
import type { LedgerEntry, Look, Pattern } from '../model/pattern';
import { buildPattern } from './build-pattern';
import type { Candidate } from './candidate';
import type { OutcomeColumn } from './outcome-column';
import type { Registry } from './registry';
import { chooseEvidenceRuns, locateEvidence } from './span-evidence';
import { strataText } from './strata';
import { testFamily, type Family, type Finding } from './test-family';
import type { Workbench } from './workbench';

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
}

/** Tests the family once and writes up what it promotes. */
export async function runLook(input: LookInput, bench: Workbench): Promise<LookResult | null> {
  const { number, alpha, atUnixNano, units, candidates, columns, registry } = input;
  const family = testFamily(candidates, columns, registry, alpha, bench);
  if (family.tested === 0) return null;
  const observed = family.findings.filter(({ verdict }) => verdict.status === 'observed');
  const look: Look = {
    number,
    atUnixNano,
    units,
    alpha,
    candidates: candidates.length,
    tested: family.tested,
    promoted: observed.length,
    settings: { ...bench.settings },
  };
  // LEARNING target 15: intervals of what was selected cover at this level.
  const level = 1 - (alpha * observed.length) / family.tested;
  const patterns = await writePatterns(observed, level, input, bench);
  return { look, patterns, entries: ledgerEntries(family, number) };
}

async function writePatterns(
  observed: readonly Finding[],
  level: number,
  { registry, earlierLooks, atUnixNano, readAgain }: LookInput,
  bench: Workbench,
): Promise<Pattern[]> {
  if (observed.length === 0) return [];
  const runs = new Map(
    observed.map((finding) => [finding, chooseEvidenceRuns(finding, bench.table)] as const),
  );
  const spans = await locateEvidence(runs, readAgain);
  return observed.map((finding) => {
    const firstLook = registry.get(finding.id)?.firstObservedLook;
    const first = earlierLooks.find((look) => look.number === firstLook)?.atUnixNano;
    const evidence = spans.get(finding) ?? { supporting: [], contradicting: [] };
    const frame = {
      level,
      firstSeenUnixNano: first ?? atUnixNano,
      lastTestedUnixNano: atUnixNano,
    };
    return buildPattern(finding, evidence, frame, bench);
  });
}

/** Every member of the family is registered with its strata; a p-value only where it was tested. */
function ledgerEntries({ findings }: Family, look: number): LedgerEntry[] {
  return findings.map(({ id, candidate, column, plan, score, qValue, verdict }) => ({
    look,
    patternId: id,
    predicate: candidate.predicate.text,
    dimension: column.dimension,
    strata: strataText(plan),
    pValue: qValue === null ? null : score.pValue,
    qValue,
    status: verdict.status,
    reason: verdict.status === 'observed' ? null : verdict.reason,
  }));
}
