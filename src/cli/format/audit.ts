import type { AuditShare, DroppedCandidate, SelfAudit } from '../../model/learned';
import type { LedgerEntry } from '../../model/pattern';
import type { Io } from '../io';
import { count, percent, plural, points, probability } from './numbers';
import { wrap } from './patterns';
import { type Column, formatTable, printable } from './table';

const shownReasons = 12;

/** What the method makes of features that cannot matter, what it spent, and what it left out. */
export function formatAudit(audit: SelfAudit, { columns, colors }: Pick<Io, 'columns' | 'colors'>) {
  const { bar, decoys, placebos, calibration, looks, dropped } = audit;
  const dim = (text: string): string => colors.dim(text);
  const table = formatTable(
    calibration,
    [
      { title: 'p at most', value: ({ level }) => String(level), align: 'right' },
      { title: 'decoys', value: (row) => shareText(row.decoys), align: 'right' },
      { title: 'placebos', value: (row) => shareText(row.placebos), align: 'right' },
    ],
    columns,
  );
  const width = columns ?? Infinity;
  return [
    colors.bold('Features that cannot matter, claimed all the same'),
    '',
    `decoys    ${claimText(decoys)}  ${dim('copied from any run: checks the arithmetic')}`,
    `placebos  ${claimText(placebos)}  ${dim('copied from runs of the same task type, agent and time: checks the comparison')}`,
    dim(`claimed = p ≤ ${probability(bar)}, what a look lets through now`),
    '',
    colors.bold('How often they fall below a level; it should be that often or less'),
    '',
    table,
    '',
    colors.bold(`${plural(looks.length, 'look')} so far`),
    ...looks.map(
      ({ number, units, tested, promoted, alpha }) =>
        `  ${number}. ${plural(units, 'run')}, ${plural(tested, 'test')} at level ${alpha.toPrecision(3)}, ${plural(promoted, 'finding')}`,
    ),
    '',
    ...droppedLines(dropped).map((line) => wrapDeeper(line, width)),
    dim(
      wrap(
        'Behaviours on tasks that never repeat are not audited: no copy can see how hard a task is.',
        width,
        '',
      ),
    ),
    '',
  ].join('\n');
}

/** Lines that go on stand deeper than where they began. */
function wrapDeeper(line: string, width: number): string {
  const indent = /^ */.exec(line)![0];
  return line === '' ? line : wrap(line.trimStart(), width, indent);
}

function droppedLines(dropped: readonly DroppedCandidate[]): string[] {
  const byReason = new Map<string, DroppedCandidate[]>();
  for (const each of dropped) {
    const reason = each.reason.replace(/-?\d+(?:\.\d+)?(?:e-?\d+)?/g, 'n');
    byReason.set(reason, [...(byReason.get(reason) ?? []), each]);
  }
  const groups = [...byReason.values()].sort((a, b) => b.length - a.length);
  const lines = groups.slice(0, shownReasons).flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const more =
      others.length === 0
        ? ''
        : ` and ${count(others.length)} more${/\d/.test(first.reason) ? ' (figures of the first)' : ''}`;
    return [`  ${printable(first.predicate.text)}${more}: ${printable(first.reason)}`];
  });
  const rest = groups.length - shownReasons;
  return [
    `${plural(dropped.length, 'hypothesis', 'hypotheses')} held back whatever their p-value`,
    ...lines,
    ...(rest > 0 ? [`  … and ${count(rest)} further reasons (--json has all)`] : []),
    '',
  ];
}

function claimText({ claimed, of, interval }: AuditShare): string {
  if (interval === null) return 'nothing could be tested';
  return `${count(claimed)} of ${count(of)} (${percent(interval.lower, 1)} to ${percent(interval.upper, 1)})`;
}

function shareText({ claimed, of }: AuditShare): string {
  return of === 0 ? '–' : percent(claimed / of, 2);
}

export const ledgerColumns: readonly Column<LedgerEntry>[] = [
  { title: 'look', value: ({ look }) => String(look), align: 'right' },
  { title: 'test', value: ({ test = 'look', step }) => `${test}${step ? ` ${step}` : ''}` },
  { title: 'hypothesis', value: ({ predicate }) => predicate, flexible: true, least: 24 },
  { title: 'dimension', value: ({ dimension }) => dimension },
  { title: 'within', value: ({ strata }) => strata, flexible: true },
  { title: 'points', value: ({ estimate }) => pointsText(estimate), align: 'right' },
  { title: 'p', value: ({ pValue }) => probability(pValue), align: 'right' },
  { title: 'q', value: ({ qValue }) => probability(qValue), align: 'right' },
  { title: 'status', value: ({ status }) => status },
  { title: 'why not more', value: ({ reason }) => reason ?? '–', flexible: true, least: 24 },
];

function pointsText(estimate: number | null | undefined): string {
  return estimate === null || estimate === undefined ? '–' : points(estimate);
}
