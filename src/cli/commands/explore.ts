import { type Command, InvalidArgumentError } from 'commander';
import { InputError } from '../../errors';
import type { Difference, Differences } from '../../model/differences';
import type { TradeoffArm, Tradeoffs } from '../../model/tradeoffs';
import type { WhyReport } from '../../model/why';
import { findExecutionId } from '../../runtime';
import {
  applicabilityToWire,
  differencesToWire,
  parseFilter,
  tradeoffsToWire,
  whyToWire,
} from '../../wire';
import type { CliContext, DatabaseOptions, JsonOption } from '../context';
import {
  databaseOption,
  jsonOption,
  nextCommand,
  parsePositiveInteger,
  printJson,
  withEvolution,
} from '../context';
import { percent, plural, points, probability } from '../format/numbers';
import { wrap } from '../format/patterns';
import { type Column, formatTable, printable } from '../format/table';
import type { Io } from '../io';

interface CompareOptions extends DatabaseOptions, JsonOption {
  readonly a?: string;
  readonly b?: string;
  readonly limit?: number;
}

/** `why`, `compare`: descriptions of runs that promote nothing. */
export function addExplorationCommands(program: Command, context: CliContext): void {
  addWhy(program, context);
  addCompare(program, context);
  addTradeoffs(program, context);
  addApplicable(program, context);
}

function addCompare(program: Command, { io }: CliContext): void {
  program
    .command('compare')
    .description(
      'What is different in some runs, failed against passed unless told; promotes nothing',
    )
    .addOption(databaseOption())
    .option('--a <filter>', 'key=value,… (else the runs that failed)')
    .option('--b <filter>', 'key=value,… (else all other runs, or those that passed)')
    .option('--limit <n>', 'differences shown', parsePositiveInteger, 20)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ otel-evolution compare --a agent=support,since=2026-01-31',
    )
    .action(({ a, b, limit, ...options }: CompareOptions) =>
      withEvolution(options, async ({ learner }) => {
        const found = await learner.differences({
          a: a === undefined ? undefined : parseFilter(a),
          b: b === undefined ? undefined : parseFilter(b),
          limit,
        });
        if (options.json === true) return printJson(io, differencesToWire(found));
        await io.write(formatDifferences(found, io));
      }),
    );
}

function formatDifferences({ sentence, differences, within, a, b }: Differences, io: Io): string {
  const head = wrap(printable(sentence), io.columns ?? 100, '');
  const truncated =
    a.truncated || b.truncated
      ? ['Only the latest were read: 10,000 of a side, among the latest 50,000.']
      : [];
  if (differences.length === 0) return `${[head, ...truncated].join('\n')}\n`;
  const held =
    within.length === 0
      ? 'over all runs'
      : `within the same ${within.join(' and ')}, where both are`;
  const legend = `A and B: over all runs of a side. Difference: A minus B in points (of a number, in its unit), ${held}.`;
  const table = formatTable(differences, columns, io.columns);
  return `${[head, ...truncated, '', table, '', io.colors.dim(wrap(legend, io.columns ?? 100, ''))].join('\n')}\n`;
}

const name = ({ predicate, alsoSeenAs }: Difference): string =>
  alsoSeenAs.length === 0 ? predicate.text : `${predicate.text} (and ${alsoSeenAs.length} alike)`;

const show = ({ measure }: Difference, value: number): string =>
  measure === 'share' ? percent(value, 1) : String(Number(value.toPrecision(4)));

/** Of shares in points, as everywhere. */
const showDifference = ({ measure }: Difference, value: number): string =>
  measure === 'share'
    ? points(value)
    : `${value < 0 ? '−' : '+'}${Number(Math.abs(value).toPrecision(4))}`;

const columns: readonly Column<Difference>[] = [
  { title: 'feature', value: name, flexible: true, least: 24 },
  { title: 'A', value: (row) => show(row, row.inA), align: 'right' },
  { title: 'B', value: (row) => show(row, row.inB), align: 'right' },
  { title: 'difference', value: (row) => showDifference(row, row.difference), align: 'right' },
  {
    title: '95 % interval',
    value: (row) =>
      `[${showDifference(row, row.interval.lower)}, ${showDifference(row, row.interval.upper)}]`,
    align: 'right',
  },
  { title: 'p', value: ({ pValue }) => probability(pValue), align: 'right' },
  { title: 'q', value: ({ qValue }) => probability(qValue), align: 'right' },
];

interface TradeoffsOptions extends DatabaseOptions, JsonOption {
  readonly where?: string;
  readonly weights?: string;
}

function addTradeoffs(program: Command, { io }: CliContext): void {
  program
    .command('tradeoffs')
    .description('Variants and settings in several dimensions at once, and which no other beats')
    .addOption(databaseOption())
    .option('--where <filter>', 'key=value,… of the runs')
    .option('--weights <weights>', 'dimension=weight,… for a score, e.g. reward=3,cost_usd=1')
    .addOption(jsonOption())
    .action(({ where, weights, ...options }: TradeoffsOptions) =>
      withEvolution(options, async ({ learner }) => {
        const found = await learner.tradeoffs({
          where: where === undefined ? undefined : parseFilter(where),
          weights: weights === undefined ? undefined : parseWeights(weights),
        });
        if (options.json === true) return printJson(io, tradeoffsToWire(found));
        await io.write(formatTradeoffs(found, io));
      }),
    );
}

function parseWeights(text: string): Record<string, number> {
  return Object.fromEntries(
    text.split(',').map((part) => {
      const [name = '', weight = ''] = part.split('=');
      const value = Number(weight);
      if (name.trim() !== '' && weight.trim() !== '' && Number.isFinite(value)) {
        return [name.trim(), value];
      }
      throw new InputError(`A weight is dimension=number; "${part}" is not.`);
    }),
  );
}

function formatTradeoffs(
  { sentence, arms, dimensions, conflicts, leftOut }: Tradeoffs,
  io: Io,
): string {
  const width = io.columns ?? 100;
  const columns: Column<TradeoffArm>[] = [
    { title: 'arm', value: ({ label }) => label, flexible: true, least: 20 },
    { title: 'runs', value: ({ runs }) => String(runs), align: 'right' },
    ...dimensions.map(({ name: dimension, better }) => ({
      title: `${dimension} ${better === 'higher' ? '↑' : '↓'}`,
      value: ({ means }: TradeoffArm) => String(Number(means[dimension]?.toPrecision(4))),
      align: 'right' as const,
    })),
    // Without weights there is no score.
    ...(arms.some(({ score }) => score !== null)
      ? [{ title: 'score', value: scoreText, align: 'right' as const }]
      : []),
    { title: 'beaten by', value: ({ dominatedBy }) => dominatedBy[0] ?? '–', flexible: true },
  ];
  const lines = [
    wrap(printable(sentence), width, ''),
    ...leftOut.map(({ reason, runs }) =>
      wrap(printable(`Left out: ${plural(runs, 'run')} ${reason}.`), width, ''),
    ),
    ...conflicts.map((conflict) => wrap(printable(conflict), width, '')),
  ];
  if (arms.length > 0) lines.push('', formatTable(arms, columns, io.columns));
  return `${lines.join('\n')}\n`;
}

const scoreText = ({ score }: TradeoffArm): string => score?.toFixed(3) ?? '–';

interface ApplicableOptions extends DatabaseOptions, JsonOption {
  readonly agent?: string;
  readonly type?: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly tags?: string;
}

function parseSettings(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new InvalidArgumentError(`"${pair}" is no key=value.`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

function addApplicable(program: Command, { io }: CliContext): void {
  program
    .command('applicable <pattern>')
    .description('Whether a pattern holds for an agent, a type of task and settings, and why')
    .addOption(databaseOption())
    .option('--agent <id>', 'the agent')
    .option('--type <type>', 'of the task')
    .option('--settings <key=value,…>', 'of the agent', parseSettings)
    .option('--tags <tags>', 'all that its runs have, joined by commas')
    .addOption(jsonOption())
    .action((id: string, { agent, type, settings, tags, ...options }: ApplicableOptions) =>
      withEvolution(options, async ({ learner }) => {
        const context = { agentId: agent, taskType: type, settings, tags: tags?.split(',') };
        const judged = await learner.isApplicable(id, context);
        if (options.json === true) return printJson(io, applicabilityToWire(judged));
        const { lower, upper } = judged.interval;
        // Nothing is expected where no context could be compared.
        if (lower === -1 && upper === 1) {
          await io.write(`${judged.reason}\n`);
          return;
        }
        const expected = `expected effect ${points(judged.effect)} points [${points(lower)}, ${points(upper)}]`;
        await io.write(`${judged.reason} Score ${judged.score.toFixed(2)}, ${expected}.\n`);
      }),
    );
}

function addWhy(program: Command, { io }: CliContext): void {
  program
    .command('why <execution>')
    .description(
      'The first step at which a run leaves what its successful siblings did; the first characters of its id, or its trace, are enough',
    )
    .addOption(databaseOption())
    .addOption(jsonOption())
    .action((id: string, options: DatabaseOptions & JsonOption) =>
      withEvolution(options, async ({ learner, store }) => {
        const report = await learner.why(await findExecutionId(store, id));
        if (options.json === true) return printJson(io, whyToWire(report));
        await io.write(formatWhy(report, io, (command) => nextCommand(command, options)));
      }),
    );
}

function formatWhy(
  { sentence, divergence, findings, siblingIds }: WhyReport,
  { colors, columns }: Io,
  command: (text: string) => string,
): string {
  const lines = [wrap(printable(sentence), columns ?? 100, ''), ''];
  const instead = divergence?.instead ?? [];
  if (instead.length > 0)
    lines.push('There (a success counts the more, the more like this run it is):');
  for (const { tool, share, otherArguments } of instead) {
    const what = `${tool === null ? 'nothing more' : printable(tool)}${otherArguments ? ' with other arguments' : ''}`;
    lines.push(`  ${Math.round(100 * share)} % of the successes: ${what}`);
  }
  if (findings.length > 0) {
    lines.push('', colors.bold('Patterns that this run meets'));
    for (const { patternId, predicate, type } of findings) {
      lines.push(`  ${printable(predicate)}  ${type}  ${colors.dim(patternId.slice(0, 10))}`);
    }
  }
  const step = divergence?.step ?? null;
  if (step !== null) lines.push('', `→ ${command(`traces show ${step.traceId}`)}`);
  if (siblingIds[0] !== undefined) {
    lines.push(`→ ${command(`spans --where execution=${siblingIds[0]}`)}`);
  }
  return `${lines.join('\n')}\n`;
}
