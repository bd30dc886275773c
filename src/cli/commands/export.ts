import type { Command } from 'commander';
import { Option } from 'commander';
import type { ExportFormat } from '../../runtime';
import { exportSpans } from '../../runtime';
import { parseFilter } from '../../wire';
import type { CliContext, DatabaseOptions } from '../context';
import { databaseOption, withEvolution } from '../context';
import { exitCodes } from '../exit-codes';

const exportFormats: readonly ExportFormat[] = ['otlp-json', 'jsonl', 'csv'];

interface ExportCommandOptions extends DatabaseOptions {
  readonly format: ExportFormat;
  readonly where?: string;
}

export function addExportCommand(program: Command, { io, signal, exit }: CliContext): void {
  program
    .command('export')
    .description('Stream every span that matches to standard output')
    .addOption(databaseOption())
    .addOption(
      new Option('--format <format>', 'of the output').choices(exportFormats).default('otlp-json'),
    )
    .option('--where <filter>', 'key=value,… as in every list')
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ otel-evolution export > spans.otlp.jsonl\n' +
        '  $ otel-evolution export --format csv --where agent=airline,role=tool > tools.csv',
    )
    .action((options: ExportCommandOptions) => {
      const filter = options.where === undefined ? {} : parseFilter(options.where);
      return withEvolution(options, async (evolution) => {
        for await (const chunk of exportSpans(evolution, options.format, filter)) {
          if (signal.aborted) return exit(exitCodes.interrupted);
          if (!(await io.write(chunk))) return;
        }
      });
    });
}
