import type { Command } from 'commander';
import { Option } from 'commander';
import type { ExportFormat } from '../../runtime';
import { exportSpans } from '../../runtime';
import type { CliContext, DatabaseOptions, ListOptions } from '../context';
import { databaseOption, parsePositiveInteger, toQuery, withEvolution } from '../context';
import { exitCodes } from '../exit-codes';

const exportFormats: readonly ExportFormat[] = ['otlp-json', 'jsonl', 'csv'];

interface ExportCommandOptions
  extends DatabaseOptions, Pick<ListOptions, 'where' | 'limit' | 'cursor'> {
  readonly format: ExportFormat;
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
    .option('--limit <n>', 'spans at most (else all)', parsePositiveInteger)
    .option('--cursor <cursor>', 'where the export before ended')
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ otel-evolution export > spans.otlp.jsonl\n' +
        '  $ otel-evolution export --format csv --where agent=airline,role=tool > tools.csv',
    )
    .action((options: ExportCommandOptions) => {
      const onMore = (cursor: string): void => {
        io.note(`More: --cursor ${cursor}`);
      };
      const query = { ...toQuery(options), onMore };
      return withEvolution(options, async (evolution) => {
        for await (const chunk of exportSpans(evolution, options.format, query)) {
          if (signal.aborted) return exit(exitCodes.interrupted);
          if (!(await io.write(chunk))) return;
        }
      });
    });
}
