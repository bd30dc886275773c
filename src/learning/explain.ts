import type { ArmSummary, Interval, PatternExplanation } from '../model/pattern';
import type { ConfidenceScore } from './confidence-scorer';
import type { SpanEvidence } from './span-evidence';
import { strataText } from './strata';
import type { StratumKey } from './stratum-keys';
import type { Finding } from './test-family';
import { planBy, type Workbench } from './workbench';

const comparisons: readonly StratumKey[] = ['task', 'agent', 'epoch'];
const comparisonLevel = 0.05;

export interface ShownEvidence {
  readonly score: ConfidenceScore;
  readonly support: { readonly with: ArmSummary; readonly without: ArmSummary };
  readonly spans: SpanEvidence;
}

/**
 * The explanation of an observed finding: one paragraph with the numbers, what it survives, what it
 * still needs, and spans on both sides. Nothing here is an experiment, so the word is "associated".
 */
export function explain(
  finding: Finding,
  { score, support, spans }: ShownEvidence,
  bench: Workbench,
): PatternExplanation {
  const rerun = rerunUnderComparisons(finding, bench);
  return {
    reason: [
      headline(finding, score, support),
      testSentence(finding, score),
      ...difficultySentence(finding, rerun),
      ...rerun.flatMap(({ sentence }) => (sentence === null ? [] : [sentence])),
      poisonSentence(score, support),
    ].join(' '),
    wording: 'associated_with',
    robustTo: rerun.filter(({ survives }) => survives).map(({ key }) => key),
    needs: needsSentence(finding),
    sourceSpanIds: spans.supporting,
    contradictingSpanIds: spans.contradicting,
  };
}

/** Share of rewards in an adversary's hand that could make the whole effect (LEARNING 4, limits). */
export function withstoodShare(
  effect: number,
  interval: Interval | null,
  support: ShownEvidence['support'],
): number {
  const nearEnd = interval === null ? 0 : effect > 0 ? interval.lower : -interval.upper;
  const total = support.with.n + support.without.n;
  const smaller = Math.min(support.with.n, support.without.n);
  return total === 0 ? 0 : (Math.max(0, nearEnd) * smaller) / total;
}

interface Rerun {
  readonly key: StratumKey;
  readonly survives: boolean;
  readonly score: ConfidenceScore;
  readonly sentence: string | null;
}

function rerunUnderComparisons(finding: Finding, bench: Workbench): Rerun[] {
  const { candidate, column, plan, score } = finding;
  const sign = Math.sign(score.effect?.estimate ?? 0);
  return comparisons
    .filter((key) => !candidate.notStratifiedBy.includes(key))
    .map((key) => {
      const rerun = bench.score(candidate, column, planBy([key]));
      const agrees = Math.sign(rerun.effect?.estimate ?? 0) === sign;
      const survives = agrees && rerun.pValue < comparisonLevel;
      const told = survives || (key === 'task' && plan.firstReplicationOnly);
      const sentence = told ? null : fadeSentence(key, rerun);
      return { key, survives, score: rerun, sentence };
    });
}

function fadeSentence(key: StratumKey, { effect, pValue, reason }: ConfidenceScore): string {
  if (reason !== null || effect === null) return `By ${key} it cannot be tested.`;
  const verb = pValue < comparisonLevel ? 'turns round' : 'is not seen';
  return `By ${key} it ${verb}: ${signed(effect.estimate)} (p ${pText(pValue)}).`;
}

function headline(
  { candidate, column }: Finding,
  { effect }: ConfidenceScore,
  support: ShownEvidence['support'],
): string {
  const direction = (effect?.estimate ?? 0) > 0 ? 'higher' : 'lower';
  const context = candidate.contextText === '' ? '' : `Among runs with ${candidate.contextText}, `;
  const subject = candidate.parent ?? candidate.predicate.text;
  return (
    `${context}${subject} is associated with ${direction} ${column.dimension}: ` +
    `${armText(support.with, column.binary)} with it, ` +
    `${armText(support.without, column.binary)} without.`
  );
}

function armText({ n, successes, mean }: ArmSummary, binary: boolean): string {
  if (mean === null) return 'no run';
  if (binary) return `${successes} of ${n} runs succeed (${(100 * mean).toFixed(1)} %)`;
  return `mean ${mean.toFixed(3)} of ${n} runs`;
}

function testSentence({ plan, qValue }: Finding, score: ConfidenceScore): string {
  const { effect, interval, statistic, df, pValue, strata, level } = score;
  const range = interval === null ? '' : ` [${signed(interval.lower)}, ${signed(interval.upper)}]`;
  const value =
    statistic === null ? '' : ` ${statistic.toPrecision(4)}, df ${(df ?? 1).toPrecision(3)},`;
  return (
    `Compared within ${strataText(plan)} (${strata.informative} of ${strata.used} strata say something) ` +
    `the difference is ${signed(effect?.estimate ?? 0)}${range} at level ${level.toFixed(4)}, ` +
    `adjusted for what this look promotes; ${testNames[score.test]}${value} p ${pText(pValue)}, q ${pText(qValue ?? 1)}.`
  );
}

const testNames: Readonly<Record<ConfidenceScore['test'], string>> = {
  cmh: 'Cochran-Mantel-Haenszel',
  cmh_exact: 'exact Cochran-Mantel-Haenszel,',
  chi_square: 'chi-square',
  fisher: 'Fisher,',
  mean_score: 'mean-score Mantel-Haenszel',
  none: 'no test,',
};

/** Rule (iv) cannot tell a behaviour from the tasks that ask for it. */
function difficultySentence({ plan }: Finding, rerun: readonly Rerun[]): string[] {
  if (!plan.firstReplicationOnly) return [];
  const byTask = rerun.find(({ key }) => key === 'task');
  const shown =
    byTask?.score.effect == null || byTask.score.reason !== null
      ? 'too few tasks were run more than once to say'
      : `by task ${signed(byTask.score.effect.estimate)} (p ${pText(byTask.score.pValue)})`;
  return [`Not adjusted for task difficulty: ${shown}.`];
}

function poisonSentence(
  { effect, interval }: ConfidenceScore,
  support: ShownEvidence['support'],
): string {
  const share = withstoodShare(effect?.estimate ?? 0, interval, support);
  return `Withstands up to ${(100 * share).toFixed(1)} % of the rewards being false.`;
}

function needsSentence({ candidate, plan }: Finding): string {
  if (candidate.controllable) {
    return `An experiment on ${candidate.predicate.terms[0]?.key ?? 'the knob'} would show whether it causes the difference.`;
  }
  const repeated = plan.firstReplicationOnly
    ? 'Several runs of the same tasks, to rule out task difficulty; then a'
    : 'A';
  return `${repeated} knob that changes it, and an experiment on that knob: unmeasured causes remain.`;
}

function signed(value: number): string {
  return `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(3)}`;
}

function pText(p: number): string {
  return p >= 0.001 ? p.toFixed(3) : p.toExponential(1);
}
