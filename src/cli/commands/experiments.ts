import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { RegressionCheck } from '../../model/regression-check';
import { checkRuns, compareRuns } from '../../runtime';
import { experimentAnalysisToWire, parseFilter, regressionCheckToWire } from '../../wire';
import type { CliContext, DatabaseOptions, JsonOption } from '../context';
import { databaseOption, jsonOption, printJson, withEvolution } from '../context';
import { exitCodes } from '../exit-codes';
import { formatAnalysis, sentence } from '../format/analysis';
import { addExperimentLife } from './experiment-life';

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

/** `check`, `experiment …`: one set of runs against another. */
export function addExperimentCommands(program: Command, context: CliContext): void {
  addCheck(program, context);
  const group = program
    .command('experiment')
    .description('Variants against each other: drawn by us, or stored runs that nobody assigned');
  addExperimentLife(group, context);
  addAnalyze(group, context);
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

function addAnalyze(group: Command, { io }: CliContext): void {
  group
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
        await io.write(formatAnalysis(analysis, io.columns));
      }),
    );
}

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

function parseMargin(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value < 1) return value;
  throw new InvalidArgumentError(`"${text}" is no number in [0, 1).`);
}
