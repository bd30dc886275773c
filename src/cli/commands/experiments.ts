import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { ExperimentAnalysis } from '../../model/experiment';
import type { RegressionCheck } from '../../model/regression-check';
import { checkRuns, compareRuns } from '../../runtime';
import { experimentAnalysisToWire, parseFilter, regressionCheckToWire } from '../../wire';
import type { CliContext, DatabaseOptions, JsonOption } from '../context';
import { databaseOption, jsonOption, printJson, withEvolution } from '../context';
import { exitCodes } from '../exit-codes';
import { percent, points, probability } from '../format/numbers';
import { type Column, formatTable } from '../format/table';
import type { Io } from '../io';

interface CheckOptions extends DatabaseOptions, JsonOption {
  readonly baseline: string;
  readonly candidate: string;
  readonly metric?: string;
  readonly margin?: number;
  readonly junit?: string;
}

interface AnalyzeOptions extends DatabaseOptions, JsonOption {
  readonly control: string;
  readonly treatment: string;
  readonly metric?: string;
}

/** `check`, `experiment analyze`: one set of stored runs against another. */
export function addExperimentCommands(program: Command, context: CliContext): void {
  addCheck(program, context);
  addAnalyze(program, context);
}

function addCheck(program: Command, { io, exit }: CliContext): void {
  program
    .command('check')
    .description('Gate for a pipeline: ends with 8 where a regression is proven')
    .addOption(databaseOption())
    .requiredOption('--baseline <filter>', 'runs to compare with, key=value,…')
    .requiredOption('--candidate <filter>', 'runs to judge, key=value,…')
    .option('--metric <metric>', 'success, errors or a reward dimension', 'success')
    .option('--margin <d>', 'largest loss that is accepted, 0..1', parseMargin, 0.03)
    .option('--junit <file>', 'write the result as JUnit XML too')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ otel-evolution check --baseline config.prompt=v1 --candidate config.prompt=v2 --junit check.xml',
    )
    .action(({ baseline, candidate, metric, margin, junit, ...options }: CheckOptions) =>
      withEvolution(options, async (evolution) => {
        const check = await checkRuns(evolution, {
          baseline: parseFilter(baseline),
          candidate: parseFilter(candidate),
          metric,
          margin,
        });
        if (junit !== undefined) await writeFile(junit, toJunit(check));
        if (options.json === true) await printJson(io, regressionCheckToWire(check));
        else await io.write(`${sentence(check.reason)}\n`);
        if (check.verdict === 'regression') exit(exitCodes.regression);
      }),
    );
}

function addAnalyze(program: Command, { io }: CliContext): void {
  program
    .command('experiment')
    .description('One set of stored runs against another')
    .command('analyze')
    .description('Compare stored runs that nobody assigned: by task where tasks repeat')
    .addOption(databaseOption())
    .requiredOption('--control <filter>', 'key=value,…')
    .requiredOption('--treatment <filter>', 'key=value,…')
    .option('--metric <metric>', 'success, errors or a reward dimension', 'success')
    .addOption(jsonOption())
    .action(({ control, treatment, metric, ...options }: AnalyzeOptions) =>
      withEvolution(options, async (evolution) => {
        const analysis = await compareRuns(evolution, {
          control: parseFilter(control),
          treatment: parseFilter(treatment),
          metric,
        });
        if (options.json === true) return printJson(io, experimentAnalysisToWire(analysis));
        await io.write(formatAnalysis(analysis, io));
      }),
    );
}

function formatAnalysis(analysis: ExperimentAnalysis, io: Io): string {
  const { paired, excluded } = analysis;
  const lines = [
    sentence(analysis.reason),
    '',
    formatTable(analysis.variants, columns, io.columns),
  ];
  if (paired !== null && paired.onlyControl !== null) {
    lines.push(
      `\nOf ${paired.tasks} tasks under both, ${paired.onlyControl} passed under control only and ${paired.onlyTreatment} under treatment only.`,
    );
  }
  for (const { reason, units } of excluded) lines.push(`Left out: ${units} ${reason}.`);
  lines.push('Nobody drew who ran under what: this is an association.');
  return `${lines.join('\n')}\n`;
}

const columns: readonly Column<ExperimentAnalysis['variants'][number]>[] = [
  { title: 'variant', value: ({ name }) => name, flexible: true },
  { title: 'runs', value: ({ units }) => String(units), align: 'right' },
  { title: 'mean', value: ({ mean }) => percent(mean, 1), align: 'right' },
  {
    title: 'difference',
    value: ({ lift }) => (lift === null ? '' : points(lift.estimate)),
    align: 'right',
  },
  {
    title: '95 % interval',
    value: ({ lift }) =>
      lift === null ? '' : `[${points(lift.interval.lower)}, ${points(lift.interval.upper)}]`,
    align: 'right',
  },
  {
    title: 'p, unpaired',
    value: ({ pValue }) => (pValue === null ? '' : probability(pValue)),
    align: 'right',
  },
];

function toJunit({ verdict, metric, reason }: RegressionCheck): string {
  const failed = verdict === 'regression';
  const inside = failed
    ? `<failure message="${escapeXml(reason)}"/>`
    : `<system-out>${escapeXml(reason)}</system-out>`;
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<testsuites tests="1" failures="${failed ? 1 : 0}"><testsuite name="otel-evolution check" tests="1" failures="${failed ? 1 : 0}">` +
    `<testcase classname="otel-evolution" name="no regression of ${escapeXml(metric)}">${inside}</testcase></testsuite></testsuites>\n`
  );
}

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function parseMargin(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value < 1) return value;
  throw new InvalidArgumentError(`"${text}" is no number in [0, 1).`);
}
