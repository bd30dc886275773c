import type { LedgerEntry, Look, Pattern } from '../../model/pattern';
import type { Candidate } from '../candidates/candidate';
import { comparisonText } from '../comparison/comparison';
import { runFreshTests, type FreshTest, type Promotion } from './confirmation';
import { watchForDemotion, type Demotion, type Watches } from './demotion';
import type { OutcomeColumn } from '../units/outcome-column';
import { patternIdOf, type Registry } from '../look/registry';
import { isAfter } from '../units/unit-position';
import type { UnitTable } from '../units/unit-table';
import { watchResolved } from './watch-resolved';
import type { Workbench } from '../comparison/workbench';

export interface FollowUp {
  readonly patterns: readonly Pattern[];
  readonly entries: readonly LedgerEntry[];
  readonly confirmed: number;
  readonly demoted: number;
  /** Findings that were marked as resolved and are seen again. */
  readonly reopened: number;
}

export interface FollowUpInput {
  readonly candidates: readonly Candidate[];
  readonly columns: readonly OutcomeColumn[];
  readonly registry: Registry;
  readonly looks: readonly Look[];
  /** As they are stored. */
  readonly patterns: readonly Pattern[];
  readonly atUnixNano: bigint;
  readonly watches: Watches;
}

/**
 * What became of the promoted findings on the units that came after their look: tested again on these
 * alone, which confirms, and watched for reversal and fading, which demotes.
 */
export function followUp(input: FollowUpInput, bench: Workbench): FollowUp {
  const { candidates, columns, registry, patterns: stored, atUnixNano } = input;
  const entries: LedgerEntry[] = [];
  const patterns: Pattern[] = [];
  const counts = { confirmed: 0, demoted: 0, reopened: 0 };
  const open = new Map(
    stored
      .filter(({ status }) => status === 'observed' || status === 'confirmed')
      .map((pattern) => [pattern.id, pattern] as const),
  );
  for (const column of open.size === 0 ? [] : columns) {
    for (const candidate of candidates) {
      const comparison = bench.comparisonOf(candidate);
      const pattern = open.get(patternIdOf(candidate, column.dimension, comparison));
      if (pattern === undefined) continue;
      const promotion = promotionOf(pattern, { candidate, column, comparison }, input, bench.table);
      if (promotion === null) continue;
      const again = watchResolved(pattern, promotion, registry, bench, atUnixNano);
      entries.push(...again);
      if (again.some(({ life }) => life !== undefined)) counts.reopened += 1;
      const watched = watchForDemotion(
        pattern.id,
        promotion,
        nearEnd(pattern),
        input.watches,
        bench,
      );
      const fresh =
        comparison.rule === 'randomised' || pattern.status === 'confirmed'
          ? []
          : runFreshTests(promotion, registry.get(pattern.id)?.confirmationSteps ?? 0, bench);
      const last = fresh.at(-1);
      const isConfirmed = last !== undefined && last.pValue <= last.bar;
      entries.push(...fresh.map((test) => freshEntry(test, pattern, promotion)));
      if (watched !== null) {
        counts.demoted += 1;
        entries.push(demotionEntry(watched, pattern, promotion));
        patterns.push(demote(pattern, watched, atUnixNano));
      } else if (isConfirmed) {
        counts.confirmed += 1;
        patterns.push(confirm(pattern, last, atUnixNano));
      }
    }
  }
  return { patterns, entries, ...counts };
}

function promotionOf(
  { id, effect }: Pattern,
  tested: Pick<Promotion, 'candidate' | 'column' | 'comparison'>,
  { registry, looks }: FollowUpInput,
  table: UnitTable,
): Promotion | null {
  const number = registry.get(id)?.firstObservedLook ?? null;
  const look = looks.find((each) => each.number === number);
  if (look?.through === undefined) return null;
  const { through } = look;
  const freshFrom = table.units.findIndex((unit) => isAfter(unit, through));
  if (freshFrom < 0) return null;
  return {
    ...tested,
    look: look.number,
    heads: Math.max(1, look.promoted),
    sign: Math.sign(effect.estimate),
    freshFrom,
  };
}

function nearEnd({ effect: { estimate, interval, measure } }: Pattern): number {
  // Watched on the scale that it was tested on.
  if (measure === 'relative_change') return -Math.log1p(interval.upper);
  return estimate > 0 ? interval.lower : -interval.upper;
}

function freshEntry(test: FreshTest, pattern: Pattern, promotion: Promotion): LedgerEntry {
  const reached = test.pValue <= test.bar;
  return {
    look: promotion.look,
    test: 'confirmation',
    step: test.step,
    patternId: pattern.id,
    predicate: pattern.predicate.text,
    dimension: pattern.dimension,
    strata: comparisonText(promotion.comparison),
    pValue: test.pValue,
    qValue: null,
    estimate: test.estimate,
    status: reached ? 'confirmed' : 'observed',
    reason: `${test.units} fresh runs: p ${test.pValue.toPrecision(2)} against ${test.bar.toPrecision(2)}`,
  };
}

function demotionEntry(demotion: Demotion, pattern: Pattern, promotion: Promotion): LedgerEntry {
  return {
    look: promotion.look,
    test: 'demotion',
    patternId: pattern.id,
    predicate: pattern.predicate.text,
    dimension: pattern.dimension,
    strata: comparisonText(promotion.comparison),
    pValue: null,
    qValue: null,
    estimate: demotion.estimate,
    status: 'demoted',
    reason: demotionText(demotion),
  };
}

function demotionText({ units, reversed, estimate }: Demotion): string {
  const what = reversed ? 'reversed' : 'fades';
  return `${what}: ${estimate.toFixed(3)} over the last runs, seen ${units} runs after it was promoted`;
}

function demote(pattern: Pattern, demotion: Demotion, atUnixNano: bigint): Pattern {
  const reason = `Demoted, it ${demotionText(demotion)}. ${pattern.explanation.reason}`;
  return {
    ...pattern,
    status: 'demoted',
    confidence: 0,
    explanation: { ...pattern.explanation, reason },
    lastTestedUnixNano: atUnixNano,
  };
}

const mostConfident = 0.999;

function confirm(pattern: Pattern, { units, pValue, bar }: FreshTest, atUnixNano: bigint): Pattern {
  const { reason } = pattern.explanation;
  const again = `Found again on ${units} fresh runs alone (one-sided p ${pValue.toPrecision(2)}).`;
  return {
    ...pattern,
    status: 'confirmed',
    confidence: Math.min(mostConfident, 1 - (0.05 * pValue) / bar),
    explanation: { ...pattern.explanation, reason: `${reason} ${again}` },
    lastTestedUnixNano: atUnixNano,
  };
}
