import type { Pattern, PatternContext } from '../model/pattern';
import { normalSf } from '../stats';
import type { Candidate } from './candidate';
import type { ConfidenceScore } from './confidence-scorer';
import { explain } from './explain';
import { valueText } from './predicate';
import { summariseArms } from './sample';
import type { SpanEvidence } from './span-evidence';
import { strataText } from './strata';
import type { Finding } from './test-family';
import type { Workbench } from './workbench';

export interface PatternFrame {
  /** Level of the interval, adjusted for what the look promotes: 1 - alpha·R/M. */
  readonly level: number;
  readonly firstSeenUnixNano: bigint;
  readonly lastTestedUnixNano: bigint;
}

/** The pattern of an observed finding. */
export function buildPattern(
  finding: Finding,
  spans: SpanEvidence,
  frame: PatternFrame,
  bench: Workbench,
): Pattern {
  const { candidate, column, plan } = finding;
  const score = bench.score(candidate, column, plan, frame.level);
  const support = summariseArms(candidate, column, bench.strataOf(plan, candidate));
  const estimate = score.effect?.estimate ?? 0;
  const qValue = finding.qValue ?? 1;
  return {
    id: finding.id,
    type: estimate > 0 ? 'success' : 'anti_pattern',
    status: 'observed',
    predicate: candidate.predicate,
    dimension: column.dimension,
    effect: {
      measure: score.effect?.measure ?? 'mean_difference',
      estimate,
      interval: score.interval ?? { lower: -1, upper: 1 },
      level: frame.level,
      adjusted: true,
    },
    support,
    test: {
      name: score.test,
      statistic: score.statistic,
      df: score.df,
      pValue: score.pValue,
      qValue,
      eValue: null,
    },
    strata: { by: strataText(plan), ...score.strata },
    confidence: 1 - qValue,
    controllable: candidate.controllable,
    context: contextOf(candidate),
    applicabilityScore: applicability(score, support.with.n),
    explanation: explain(finding, { score, support, spans }, bench),
    firstSeenUnixNano: frame.firstSeenUnixNano,
    lastTestedUnixNano: frame.lastTestedUnixNano,
  };
}

/** What the predicate itself restricts; other attributes of a context stand in its text only. */
function contextOf(candidate: Candidate): PatternContext {
  const [, ...context] = candidate.predicate.terms;
  const valueOf = (key: string): string | null => {
    const term = context.find((each) => each.kind === 'attr' && each.key === key);
    return term === undefined ? null : valueText(term.value);
  };
  return {
    agentType: valueOf('agent.type'),
    taskType: valueOf('task.type'),
    configRange: null,
    tags: [],
  };
}

const fullSupport = 30;

/** Probability that the effect has its sign, damped below 30 runs (LEARNING 4 d with one cell). */
function applicability({ effect }: ConfidenceScore, nWith: number): number {
  if (effect === null || effect.standardError === 0) return 0;
  const sure = 1 - normalSf(Math.abs(effect.estimate) / effect.standardError);
  return sure * Math.min(1, nWith / fullSupport);
}
