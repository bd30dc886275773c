import {
  openLife,
  type Pattern,
  type PatternContext,
  type PatternEffect,
  type PatternType,
  type TestResult,
} from '../../model/pattern';
import { normalSf } from '../../stats';
import type { Candidate } from '../candidates/candidate';
import { comparisonText } from '../comparison/comparison';
import type { ConfidenceScore } from '../comparison/confidence-scorer';
import { shownIn } from './differences-shown';
import { effectsElsewhere } from './elsewhere';
import { contextOfEvidence } from './evidence-context';
import { explain } from './explain';
import { flagsOf } from '../candidates/flags';
import { levelsOf } from './finding-levels';
import type { Verdict } from '../look/judge-family';
import type { OutcomeColumn } from '../units/outcome-column';
import type { MergedFinding } from '../look/merge-findings';
import { attributeText } from '../../model/attributes';
import { summariseArms } from '../comparison/sample';
import type { SpanEvidence } from './span-evidence';
import type { Workbench } from '../comparison/workbench';

export interface PatternFrame {
  /** Level of the interval, adjusted for what the look promotes: 1 - alpha·R/M. */
  readonly level: number;
  /** All that the look tested in. */
  readonly columns: readonly OutcomeColumn[];
  readonly firstSeenUnixNano: bigint;
  readonly lastTestedUnixNano: bigint;
}

/** The pattern of a finding: its head's evidence, and what is listed under it. */
export function buildPattern(
  finding: MergedFinding,
  verdict: Verdict,
  spans: SpanEvidence,
  frame: PatternFrame,
  bench: Workbench,
): Pattern {
  const { head, also } = finding;
  const { candidate, column, comparison } = head;
  const score = bench.score(candidate, column, comparison, { level: frame.level });
  const { weights } = bench.table;
  const support = summariseArms(candidate, column, bench.strataOf([], candidate), weights);
  const estimate = score.effect?.estimate ?? 0;
  return {
    id: head.id,
    type: typeOf(column, estimate),
    status: verdict.status,
    predicate: candidate.predicate,
    dimension: column.dimension,
    effect: effectOf(score, column, frame.level),
    support,
    test: testOf(score, verdict),
    strata: { by: comparisonText(comparison), ...score.strata },
    adjustedFor: adjustedFor(finding, bench),
    nEffective: score.nEffective,
    finding: {
      id: head.id,
      head: candidate.predicate.text,
      alsoSeenAs: [
        ...new Set([...candidate.aliases, ...also.map((other) => other.candidate.predicate.text)]),
      ],
      alsoSeenAsMore: candidate.moreAliases,
      levels: levelsOf(head, bench.table),
    },
    life: openLife,
    sampling: { basis: bench.table.sampling.basis, weighted: weights !== null },
    confidence: confidenceOf(verdict),
    controllable: candidate.controllable,
    flags: flagsOf(candidate),
    context: { ...contextOf(candidate), ...contextOfEvidence(candidate, column, bench.table) },
    applicabilityScore: applicability(score, support.with.n),
    explanation: {
      ...explain(head, { score, support, spans, verdict }, bench),
      elsewhere: effectsElsewhere(head, frame.columns, bench),
    },
    firstSeenUnixNano: frame.firstSeenUnixNano,
    lastTestedUnixNano: frame.lastTestedUnixNano,
  };
}

function typeOf({ guard }: OutcomeColumn, estimate: number): PatternType {
  if (guard !== undefined) return 'optimization';
  return estimate > 0 ? 'success' : 'anti_pattern';
}

function effectOf(
  { effect, interval }: ConfidenceScore,
  column: OutcomeColumn,
  level: number,
): PatternEffect {
  const shown = shownIn(column);
  const { lower, upper } = interval ?? { lower: -1, upper: 1 };
  return {
    measure:
      column.guard === undefined ? (effect?.measure ?? 'mean_difference') : 'relative_change',
    estimate: shown(effect?.estimate ?? 0),
    interval: { lower: shown(lower), upper: shown(upper) },
    level,
    adjusted: true,
  };
}

function testOf(
  { test, statistic, df, pValue }: ConfidenceScore,
  { qValue, logE }: Verdict,
): TestResult {
  const eValue = logE === null ? null : Math.exp(Math.min(700, logE));
  return { name: test, statistic, df, pValue, qValue, eValue };
}

/** LEARNING 3: 1 - q while observed, 1 - 1/max(1, E) when confirmed by betting. */
function confidenceOf({ status, qValue, logE }: Verdict): number {
  if (status === 'confirmed' && logE !== null) return 1 - Math.exp(-Math.max(0, logE));
  return 1 - qValue;
}

function adjustedFor({ head }: MergedFinding, bench: Workbench): string[] {
  const { candidate, column, comparison } = head;
  if (comparison.rule === 'randomised') return [];
  const { freedOf } = bench.frameOf(comparison, candidate, column);
  const cells = comparison.cells.length === 0 ? [] : [comparison.cells.join(' x ')];
  return [...cells, ...freedOf.map(({ key }) => `config.${key}`)];
}

/** What the predicate itself restricts; other attributes of a context stand in its text only. */
function contextOf(candidate: Candidate): Pick<PatternContext, 'agentType' | 'taskType'> {
  const [, ...context] = candidate.predicate.terms;
  const valueOf = (key: string): string | null => {
    const term = context.find((each) => each.kind === 'attr' && each.key === key);
    return term === undefined ? null : attributeText(term.value);
  };
  return { agentType: valueOf('agent.type'), taskType: valueOf('task.type') };
}

const fullSupport = 30;

/** Probability that the effect has its sign, damped below 30 runs (LEARNING 4 d with one cell). */
function applicability({ effect }: ConfidenceScore, nWith: number): number {
  if (effect === null || effect.standardError === 0) return 0;
  const sure = 1 - normalSf(Math.abs(effect.estimate) / effect.standardError);
  return sure * Math.min(1, nWith / fullSupport);
}
