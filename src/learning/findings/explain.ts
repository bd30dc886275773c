import type { Interval } from '../../model/interval';
import type { ArmSummary, LeftOutSetting, PatternExplanation } from '../../model/pattern';
import { comparisonText } from '../comparison/comparison';
import type { ConfidenceScore } from '../comparison/confidence-scorer';
import { withinOne } from './differences-shown';
import { epochLength } from '../units/group-codes';
import type { Member } from '../look/member';
import { heldFixed, leaveOneOut } from './held-fixed';
import type { Verdict } from '../look/judge-family';
import type { OutcomeColumn } from '../units/outcome-column';
import { inWords } from '../features/predicate-words';
import type { SpanEvidence } from './span-evidence';
import type { Workbench } from '../comparison/workbench';

export interface ShownEvidence {
  readonly score: ConfidenceScore;
  readonly support: { readonly with: ArmSummary; readonly without: ArmSummary };
  readonly spans: SpanEvidence;
  readonly verdict: Verdict;
}

/**
 * The explanation of a finding's head: one paragraph with the numbers, what the comparison holds
 * fixed, what it still needs, and spans on both sides. Nothing here is an experiment, so the word is
 * "associated".
 */
export function explain(
  member: Member,
  { score, support, spans, verdict }: ShownEvidence,
  bench: Workbench,
): Omit<PatternExplanation, 'elsewhere'> {
  const leftOut = leaveOneOut(member, bench);
  return {
    reason: [
      headline(member, score, support, bench),
      ...weightsSentence(bench),
      testSentence(member, score, verdict),
      ...betSentence(score, verdict),
      ...marksSentence(member),
      ...consequenceSentence(member),
      ...leftOut.filter(({ moves }) => moves).map((left) => leftOutSentence(left, bench)),
      ...(member.column.guard === undefined ? [poisonSentence(score, support, member)] : []),
    ].join(' '),
    wording: 'associated_with',
    heldFixed: heldFixed(member, bench),
    leftOut,
    needs: needsSentence(member),
    sourceSpanIds: spans.supporting,
    contradictingSpanIds: spans.contradicting,
  };
}

function weightsSentence({ table: { weights, sampling } }: Workbench): string[] {
  if (weights === null) return [];
  return [
    `Shares and means are weighted by the inverse of the probability that a run was kept (${sampling.basis}); counts are of what is here.`,
  ];
}

/** Share of rewards in an adversary's hand that could make the whole effect (LEARNING 4, limits). */
function withstoodShare(
  effect: number,
  interval: Interval | null,
  support: ShownEvidence['support'],
): number {
  const nearEnd = interval === null ? 0 : effect > 0 ? interval.lower : -interval.upper;
  const total = support.with.n + support.without.n;
  const smaller = Math.min(support.with.n, support.without.n);
  return total === 0 ? 0 : (Math.max(0, nearEnd) * smaller) / total;
}

function headline(
  member: Member,
  { effect }: ConfidenceScore,
  support: ShownEvidence['support'],
  bench: Workbench,
): string {
  const { candidate, column } = member;
  const isMore = (effect?.estimate ?? 0) > 0;
  const what =
    column.dimension === 'status'
      ? `${isMore ? 'more' : 'fewer'} runs that complete`
      : `${isMore ? 'higher' : 'lower'} ${column.dimension}`;
  if (column.guard !== undefined) return savingHeadline(member, support);
  const context = candidate.contextText === '' ? '' : `Among runs with ${candidate.contextText}, `;
  const subject = `${candidate.parent ?? candidate.predicate.text}${inWords(candidate.predicate)}`;
  const estimate = effect?.estimate ?? 0;
  const arms =
    `${armText(support.with, column)} with it, ` + `${armText(support.without, column)} without`;
  return `${context}${subject} is associated with ${what}: ${arms}${asCompared(estimate, support, member, bench)}.`;
}

/** The share of an effect by which what all runs show may differ from it without a word. */
const mostMoved = 0.15;

/** Where the runs together say another thing than those that are compared, both are told at once. */
function asCompared(
  estimate: number,
  { with: withIt, without }: ShownEvidence['support'],
  { comparison }: Member,
  bench: Workbench,
): string {
  if (withIt.mean === null || without.mean === null) return '';
  const crude = withIt.mean - without.mean;
  if (crude * estimate >= 0 && Math.abs(crude - estimate) <= mostMoved) return '';
  const turned = crude * estimate < 0 ? ', the other way round' : '';
  const cells = comparison.cells.includes('epoch') ? ` and ${sameRuns(bench)}` : '';
  return `; compared within ${comparisonText(comparison)}${cells} the difference is ${signed(withinOne(estimate))}${turned}`;
}

function savingHeadline(
  { candidate, column }: Member,
  { with: withIt, without }: ShownEvidence['support'],
): string {
  const context = candidate.contextText === '' ? '' : `Among runs with ${candidate.contextText}, `;
  const typical = ({ n, mean }: ArmSummary): string =>
    mean === null ? 'no run' : `typically ${mean.toPrecision(3)} in ${n} runs`;
  const { column: outcome, margin } = column.guard ?? { column, margin: 0 };
  return (
    `${context}${candidate.parent ?? candidate.predicate.text} is associated with lower ${column.dimension}: ` +
    `${typical(withIt)} with it, ${typical(without)} without; ${outcome.dimension} is not worse by ${margin}.`
  );
}

const successWords: ReadonlyMap<string, string> = new Map([
  ['reward', 'succeed'],
  ['status', 'complete'],
]);

function armText(
  { n, successes, mean }: ArmSummary,
  { binary, dimension }: Pick<OutcomeColumn, 'binary' | 'dimension'>,
): string {
  if (mean === null) return 'no run';
  const succeed = successWords.get(dimension) ?? `do well in ${dimension}`;
  if (binary) return `${successes} of ${n} runs ${succeed} (${(100 * mean).toFixed(1)} %)`;
  return `mean ${mean.toFixed(3)} of ${n} runs`;
}

function testSentence(
  { comparison, column }: Member,
  score: ConfidenceScore,
  { qValue, logE }: Verdict,
): string {
  const { effect, interval, statistic, df, pValue, strata, level, nEffective } = score;
  const shown = column.guard === undefined ? withinOne : (value: number): number => value;
  const range =
    interval === null
      ? ''
      : ` [${signed(shown(interval.lower))}, ${signed(shown(interval.upper))}]`;
  const value =
    statistic === null
      ? ''
      : ` ${statistic.toPrecision(4)}, df ${Number((df ?? 1).toPrecision(3))},`;
  const weight =
    nEffective === null ? '' : `; it rests on some ${Math.round(nEffective)} comparable runs`;
  const bet = logE === null ? '' : `, e ${Math.exp(Math.min(700, logE)).toPrecision(3)}`;
  return (
    `Compared within ${comparisonText(comparison)} (${strata.informative} of ${strata.used} groups say something${weight}) ` +
    `the difference${column.guard === undefined ? '' : ' of logarithms'} is ${signed(shown(effect?.estimate ?? 0))}${range} at level ${level >= 0.99995 ? 'above 0.9999' : level.toFixed(4)}, ` +
    `adjusted for what this look promotes; ${testNames[score.test]}${value} p ${pText(pValue)}, q ${pText(qValue)}${bet}.`
  );
}

/** An interval and bets are two tests, which may disagree at the edge. */
function betSentence({ interval }: ConfidenceScore, { status, logE }: Verdict): string[] {
  const saysNothing = interval !== null && interval.lower <= 0 && interval.upper >= 0;
  if (status !== 'confirmed' || logE === null || !saysNothing) return [];
  return [
    'It is confirmed by bets over blocks of runs; the interval is of another test and includes 0.',
  ];
}

const testNames: Readonly<Record<ConfidenceScore['test'], string>> = {
  adjusted_score: 'adjusted score test, chi-square',
  cmh: 'Cochran-Mantel-Haenszel',
  cmh_exact: 'exact Cochran-Mantel-Haenszel,',
  chi_square: 'chi-square',
  fisher: 'Fisher,',
  mean_score: 'mean-score Mantel-Haenszel',
  none: 'no test,',
};

function marksSentence({ comparison: { marks } }: Member): string[] {
  return marks.map((mark) => `${mark.charAt(0).toUpperCase()}${mark.slice(1)}.`);
}

/** What an epoch is to a reader. */
function sameRuns({ table, settings }: Workbench): string {
  return `the same ${epochLength(table.units.length, settings)} runs`;
}

function leftOutSentence({ key, estimate }: LeftOutSetting, bench: Workbench): string {
  const what = key === 'epoch' ? `time (${sameRuns(bench)})` : key;
  return `Without ${what} held fixed the effect would read ${signed(withinOne(estimate))}.`;
}

function poisonSentence(
  { effect, interval }: ConfidenceScore,
  support: ShownEvidence['support'],
  { column: { dimension } }: Member,
): string {
  const share = withstoodShare(effect?.estimate ?? 0, interval, support);
  const judged = dimension === 'status' ? 'outcomes' : 'rewards';
  return `Withstands up to ${(100 * share).toFixed(1)} % of the ${judged} being false.`;
}

function consequenceSentence({ candidate }: Member): string[] {
  const { outcomeProximal, outcomeTriggered } = candidate;
  if (!outcomeProximal && !outcomeTriggered) return [];
  return ['It may follow from how the run goes, instead of leading to it.'];
}

function needsSentence({ candidate, unadjusted }: Member): string {
  if (unadjusted) {
    return 'It goes with the outcome here and may only show which tasks are hard: several runs of the same tasks, or tasks declared comparable by task.group, would tell.';
  }
  if (candidate.controllable) {
    return `An experiment on ${candidate.predicate.terms[0]?.key ?? 'the knob'} would show whether it causes the difference.`;
  }
  return 'A knob that changes it, and an experiment on that knob: unmeasured causes remain.';
}

function signed(value: number): string {
  return `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(3)}`;
}

function pText(p: number): string {
  return p >= 0.001 ? p.toFixed(3) : p.toExponential(1);
}
