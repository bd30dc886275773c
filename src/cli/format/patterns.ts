import { effectUnit, type CandidateEvidence, type Pattern } from '../../model/pattern';
import type { CandidatesView, LearnSummary, Review } from '../../runtime';
import type { Io } from '../io';
import { formatForestPlot } from './forest-plot';
import { count, percent, plural, points, probability } from './numbers';
import { formatTable, printable } from './table';

type Terminal = Pick<Io, 'columns' | 'colors'>;

const plainWidth = 100;
const idShown = 10;

/** What `learn` did, in a few lines. */
export function formatLearnResult(result: LearnSummary, { columns }: Pick<Io, 'columns'>): string {
  const { executions, units, message, seconds, notes } = result;
  const lines = [
    `${plural(executions, 'closed execution')}, ${count(units)} of them to learn from (${seconds.toFixed(1)} s)`,
    ...leftOutText(result.leftOut),
    ...(units === 0 ? [] : [`learned: ${result.dimensions.map(printable).join(', ')}`]),
    ...result.outcomes.map(outcomeText),
    ...lookText(result),
    message,
    ...notes.map(printable),
    ...result.notYetKnown.map((question) => `not known yet: ${printable(question)}`),
  ];
  return `${lines.map((line) => (columns === null ? line : wrap(line, columns, ''))).join('\n')}\n`;
}

/** What the look found, and what became of earlier findings; nothing where there is neither. */
function lookText({ look, candidates, tested, promoted, ...result }: LearnSummary): string[] {
  const findings = promoted.observed + promoted.confirmed + promoted.causal;
  const found =
    look === null
      ? []
      : [
          plural(candidates, 'candidate'),
          plural(tested, 'test'),
          `${plural(findings, 'finding')} (${count(promoted.confirmed)} confirmed)`,
        ];
  const before = (['confirmed', 'demoted', 'reopened'] as const)
    .filter((what) => result[what] > 0)
    .map((what) => `${plural(result[what], 'earlier finding')} ${what}`);
  const said = [...found, ...before].join(', ');
  return said === '' ? [] : [said];
}

/** What runs achieve, of all that ended. */
function outcomeText({ dimension, mean, interval, runs, weighted }: LearnedOutcome): string {
  const range = `[${percent(interval.lower, 1)}, ${percent(interval.upper, 1)}]`;
  const from = weighted ? `weighted from ${count(runs)} runs that were kept` : plural(runs, 'run');
  return `${printable(dimension)}: ${percent(mean, 1)} ${range}, ${from}`;
}

type LearnedOutcome = LearnSummary['outcomes'][number];

const leftOutReasons: Readonly<Record<keyof LearnSummary['leftOut'], string>> = {
  older: 'before the latest, which are learned from (learningExecutions)',
  retries: 'retries, which an outcome triggered',
  attemptsUnknown: 'later runs of tasks whose retries nobody marked',
  sampled: 'kept because of how they went',
  withoutOutcome: 'without a usable outcome (0..1)',
};

function leftOutText(leftOut: LearnSummary['leftOut']): string[] {
  const reasons = Object.entries(leftOutReasons) as [keyof LearnSummary['leftOut'], string][];
  const said = reasons
    .filter(([key]) => leftOut[key] > 0)
    .map(([key, reason]) => `${count(leftOut[key])} ${reason}`);
  return said.length === 0 ? [] : [`not learned from: ${said.join('; ')}`];
}

/**
 * Patterns by what can be done about them, in the order given; `limit` a group. `next` completes a
 * command to go on with; `trends` holds the evidence of each over its looks, by pattern id.
 */
export function formatPatterns(
  patterns: readonly Pattern[],
  terminal: Terminal,
  next: (command: string) => string,
  { limit = Infinity, trends = new Map() }: ListOptions = {},
): string {
  const { bold, dim } = terminal.colors;
  const isOneDimension = hasOneDimension(patterns);
  const place = ({ members: [first] }: { members: readonly Pattern[] }): number =>
    first === undefined ? -1 : patterns.indexOf(first);
  return patternGroups
    .map(({ title, holds }) => ({ title, members: patterns.filter(holds) }))
    .filter(({ members }) => members.length > 0)
    .sort((a, b) => place(a) - place(b))
    .map(({ title, members }) => {
      const shown = members
        .slice(0, limit)
        .map((pattern) =>
          formatPattern(pattern, isOneDimension, terminal, next, trends.get(pattern.id) ?? ''),
        );
      const more = members.length - shown.length;
      const rest = more > 0 ? [dim(`  … and ${count(more)} more: ${next('patterns')}`), ''] : [];
      return [bold(title), '', ...shown, ...rest].join('\n');
    })
    .join('\n');
}

const hasOneDimension = (patterns: readonly Pattern[]): boolean =>
  new Set(patterns.map(({ dimension }) => dimension)).size <= 1;

export interface ListOptions {
  readonly limit?: number;
  readonly trends?: ReadonlyMap<string, string>;
}

/** Those nearest to a sure large effect first. */
export function byStrength(patterns: readonly Pattern[]): readonly Pattern[] {
  const sureEffect = ({ effect }: Pattern): number =>
    effect.estimate > 0 ? effect.interval.lower : -effect.interval.upper;
  return [...patterns].sort((a, b) => sureEffect(b) - sureEffect(a));
}

const isUnadjusted = ({ status }: Pattern): boolean => status === 'unadjusted';

/** The lists that the correction counts ranks in, and what is promoted of none. */
const patternGroups: readonly { title: string; holds: (pattern: Pattern) => boolean }[] = [
  { title: 'Settings', holds: (pattern) => !isUnadjusted(pattern) && pattern.controllable },
  {
    title: 'Behaviours',
    holds: (pattern) =>
      !isUnadjusted(pattern) && !pattern.controllable && !pattern.flags.preTreatment,
  },
  {
    title: 'Kinds of task and agent',
    holds: (pattern) =>
      !isUnadjusted(pattern) && !pattern.controllable && pattern.flags.preTreatment,
  },
  { title: 'Goes with success here; may only show which tasks are hard', holds: isUnadjusted },
];

function formatPattern(
  pattern: Pattern,
  isOneDimension: boolean,
  { columns, colors }: Terminal,
  next: (command: string) => string,
  trend: string,
): string {
  const { effect, test, support } = pattern;
  // Less of a cost is good.
  const tint = pattern.type === 'anti_pattern' ? colors.red : colors.green;
  const head = `${effect.estimate > 0 ? '▲' : '▼'} ${printable(pattern.predicate.text)}${isOneDimension ? '' : ` → ${printable(pattern.dimension)}`}`;
  const { lower, upper } = effect.interval;
  const figures = [
    `${points(effect.estimate)} ${effectUnit(effect)} [${points(lower)}, ${points(upper)}]`,
    `p ${probability(test.pValue)}  q ${probability(test.qValue)}`,
    `${plural(support.with.n, 'run')} with, ${count(support.without.n)} without`,
    ...(trend === '' ? [] : [`evidence by look ${trend}`]),
  ];
  return [
    `${tint(head)}  ${colors.dim([pattern.status, ...lifeWord(pattern)].join(', '))}`,
    wrapParts(figures, columns ?? Infinity, '  '),
    wrap(printable(firstSentence(pattern.explanation.reason)), columns ?? plainWidth, '  '),
    colors.dim(`  → ${next(`patterns explain ${pattern.id.slice(0, idShown)}`)}`),
    '',
  ].join('\n');
}

function lifeWord({ life }: Pattern): string[] {
  return life.state === 'open' ? [] : [life.state.replace('_', ' ')];
}

/** What a naive reading would have reported, and what cannot be settled yet. */
export function formatReview(review: Review, { columns, colors }: Terminal): string {
  const width = columns ?? plainWidth;
  const lines: string[] = [];
  if (review.marginalFindings.length > 0) {
    lines.push(colors.bold('Looks like a pattern, and is none'), '');
    for (const { evidence, sentence } of review.marginalFindings) {
      lines.push(
        `✗ ${printable(evidence.predicate.text)}  ${colors.dim(`q ${probability(evidence.qMarginal)} over all runs, p ${probability(evidence.pStratified)} within strata`)}`,
        wrap(printable(sentence), width, '  '),
      );
    }
    lines.push('');
  }
  if (review.notYetKnown.length > 0) {
    lines.push(colors.bold('Not known yet'), '');
    for (const { evidence, sentence } of review.notYetKnown) {
      lines.push(`? ${printable(evidence.predicate.text)}`, wrap(printable(sentence), width, '  '));
    }
    lines.push('');
  }
  return lines.join('\n');
}

/** The effects of patterns on one axis, in points or per cent. */
export function formatEffects(patterns: readonly Pattern[], columns: number | null): string {
  const isOneDimension = hasOneDimension(patterns);
  return formatForestPlot(
    byStrength(patterns).map(({ predicate, dimension, effect }) => ({
      label: printable(`${isOneDimension ? '' : `${dimension}: `}${predicate.text}`),
      estimate: effect.estimate,
      ...effect.interval,
    })),
    columns ?? plainWidth,
  );
}

/** The audit view as a table, the strongest stratified evidence first. */
export function formatCandidates(
  { executions, by, candidates }: CandidatesView,
  limit: number,
  { columns, colors }: Terminal,
): string {
  const rows = [...candidates]
    .sort(
      (a, b) =>
        (a.pStratified ?? 1) - (b.pStratified ?? 1) || (a.pMarginal ?? 1) - (b.pMarginal ?? 1),
    )
    .slice(0, limit);
  const share = (n: number, successes: number): string => (n === 0 ? '–' : percent(successes / n));
  const table = formatTable<CandidateEvidence>(
    rows,
    [
      { title: 'candidate', value: (c) => c.predicate.text, flexible: true, least: 28 },
      { title: 'with', value: (c) => count(c.nWith), align: 'right' },
      { title: 'ok', value: (c) => share(c.nWith, c.successesWith), align: 'right' },
      { title: 'without', value: (c) => count(c.nWithout), align: 'right' },
      { title: 'ok', value: (c) => share(c.nWithout, c.successesWithout), align: 'right' },
      { title: 'q over all', value: (c) => probability(c.qMarginal), align: 'right' },
      { title: 'p in strata', value: (c) => probability(c.pStratified), align: 'right' },
      { title: 'q in strata', value: (c) => probability(c.qStratified), align: 'right' },
      { title: 'odds ratio', value: (c) => c.oddsRatioMh?.toFixed(2) ?? '–', align: 'right' },
      { title: 'status', value: (c) => c.status },
      { title: 'kind', value: (c) => kindText(c) },
    ],
    columns,
  );
  const shown = rows.length < candidates.length ? `, ${rows.length} shown` : '';
  const compared =
    by.length === 0 ? 'each compared as a look compares it' : `strata: ${by.join(' × ')}`;
  const head = `${plural(executions, 'execution')}, ${plural(candidates.length, 'candidate')} by all their names, ${compared}${shown}`;
  const width = columns ?? plainWidth;
  if (candidates.length === 0) return `${wrap(`${head}. ${noCandidate}`, width, '')}\n`;
  return `${wrap(head, width, '')}\n\n${table}\n\n${colors.dim(wrap(candidatesLegend, width, ''))}\n`;
}

const noCandidate =
  'A candidate is what some runs do or have and others do not; there are too few runs for one, or --kinds, --agent and --min-support leave none.';

const candidatesLegend =
  'ok: runs that succeed. p in strata: within the same task, agent, … ; – where no runs can be compared. q: Benjamini–Hochberg over this table alone, of one outcome; what decides is the q of `ledger`, over all outcomes. consequence?: may follow from how the run goes.';

/** What may be done about it, in a word. */
function kindText({ flags }: CandidateEvidence): string {
  if (flags.controllable) return 'setting';
  if (flags.preTreatment) return 'given';
  return flags.outcomeProximal || flags.outcomeTriggered ? 'consequence?' : 'behaviour';
}

function firstSentence(text: string): string {
  return /^.*?[.!?](?=\s+[A-Z]|$)/s.exec(text)?.[0] ?? text;
}

/** Breaks between parts alone. */
function wrapParts(parts: readonly string[], width: number, indent: string): string {
  const whole = parts.map((part) => part.replaceAll(' ', '\u00a0')).join('  ');
  return wrap(whole, width, indent).replaceAll('\u00a0', ' ').replace(/ +$/gm, '');
}

/** Breaks at spaces; a word longer than the line stays whole. */
export function wrap(text: string, width: number, indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, indent + line].join('\n');
}
