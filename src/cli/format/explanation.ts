import {
  effectUnit,
  settingRangeText,
  type EffectElsewhere,
  type Pattern,
} from '../../model/pattern';
import type { SpanAddress } from '../../model/span';
import { formatInstant } from '../../wire';
import type { Io } from '../io';
import { count, percent, points, probability } from './numbers';
import { wrap } from './patterns';
import { printable } from './table';

const plainWidth = 100;

/** One pattern with everything that supports it, and what does not. */
export function formatExplanation(
  pattern: Pattern,
  { columns, colors }: Pick<Io, 'columns' | 'colors'>,
): string {
  const width = columns ?? plainWidth;
  const line = (name: string, text: string): string =>
    wrap(`${printable(text)}`, width, ' '.repeat(14)).replace(
      /^ {14}/,
      colors.dim(name.padEnd(14)),
    );
  return [
    `${pattern.predicate.text}  ${colors.dim(`${pattern.type}, ${pattern.status}`)}`,
    '',
    wrap(printable(pattern.explanation.reason), width, ''),
    '',
    ...explanationFacts(pattern).map(([name, text]) => line(name, text)),
    '',
    colors.dim(`id ${pattern.id}`),
    '',
  ].join('\n');
}

type Fact = readonly [name: string, text: string];

function explanationFacts(pattern: Pattern): readonly Fact[] {
  const { explanation, test, strata, effect } = pattern;
  const { lower, upper } = effect.interval;
  return [
    [
      'effect',
      `${points(effect.estimate)} ${effectUnit(effect)}, ${percent(effect.level, 2)} interval ${points(lower)} to ${points(upper)} (${effect.measure})`,
    ],
    ['test', `${test.name}, p ${probability(test.pValue)}, q ${probability(test.qValue)}`],
    ['strata', `${strata.by}: ${strata.informative} informative of ${strata.used}`],
    ['with', armText(pattern.support.with)],
    ['without', armText(pattern.support.without)],
    ['wording', explanation.wording.replace('_', ' ')],
    ['held fixed', explanation.heldFixed.join(', ') || 'nothing'],
    ...explanation.leftOut.map(({ key, estimate, moves }): Fact => [
      'left out',
      `${key}: ${points(estimate)} ${effectUnit(effect)}${moves ? ', it moves' : ''}`,
    ]),
    ...explanation.elsewhere.map((other): Fact => ['elsewhere', elsewhereText(other)]),
    ...contextLines(pattern).map((text): Fact => ['found among', text]),
    ['stands for', alsoSeenAs(pattern)],
    ...pattern.finding.levels.map(({ value, n, mean }): Fact => [
      'level',
      `${value}: ${count(n)} runs, mean ${mean?.toFixed(3) ?? '–'}`,
    ]),
    ['needs', explanation.needs],
    ['seen in', spansText(explanation.sourceSpanIds)],
    ['against', spansText(explanation.contradictingSpanIds)],
    ['lever', `${pattern.controllable ? 'yes' : 'none'}; ${pattern.flags.reason}`],
    ['life', lifeText(pattern.life)],
    [
      'sampling',
      `${samplingTexts[pattern.sampling.basis]}${pattern.sampling.weighted ? '; means are weighted' : ''}`,
    ],
  ];
}

function alsoSeenAs({ finding: { alsoSeenAs: names, alsoSeenAsMore: more } }: Pattern): string {
  const rest = more === 0 ? '' : ` and ${count(more)} more together with other behaviours`;
  return `${names.join(', ')}${rest}` || 'nothing else';
}

/** Settings and tags of the runs that were compared. */
function contextLines({ context: { configRange, tags } }: Pattern): string[] {
  const settings = configRange.map((range) => `${range.key} ${settingRangeText(range)}`).join('; ');
  const tagged = tags.length === 0 ? '' : `tagged ${tags.join(', ')}`;
  const text = [settings, tagged].filter((part) => part !== '').join('; ');
  return text === '' ? [] : [text];
}

function elsewhereText({ dimension, interval, pValue, runs, ...effect }: EffectElsewhere): string {
  return (
    `${dimension}: ${points(effect.estimate)} ${effectUnit(effect)} ` +
    `[${points(interval.lower)}, ${points(interval.upper)}], p ${probability(pValue)}, ${count(runs)} runs, not adjusted for selection`
  );
}

/** What became of it, by whose word and why. */
function lifeText({ state, why, by, atUnixNano }: Pattern['life']): string {
  if (atUnixNano === null) return state;
  return `${state.replace('_', ' ')}, ${formatInstant(atUnixNano).slice(0, 10)}, ${by ?? 'nobody'}: ${why ?? ''}`;
}

const samplingTexts: Readonly<Record<Pattern['sampling']['basis'], string>> = {
  threshold: 'runs were kept by a threshold drawn beforehand (ot=th)',
  policy: 'runs that a policy kept which looks at nothing',
  declared: 'runs were kept at a declared rate',
  counted: 'all that ended were counted: none was kept for how it went',
  assumed: 'nobody said how runs were kept: taken as all of them',
  mixed: 'only runs that were kept without regard to how they went',
};

function armText({ n, successes, mean }: Pattern['support']['with']): string {
  return `${count(n)} runs, ${count(successes)} successes, mean ${mean?.toFixed(3) ?? '–'}`;
}

function spansText(spans: readonly SpanAddress[]): string {
  return spans.map(({ traceId, spanId }) => `${traceId}:${spanId}`).join(' ') || 'no span';
}
