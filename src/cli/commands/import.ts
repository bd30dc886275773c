import { setFlagsFromString } from 'node:v8';
import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { Option } from 'commander';
import type { ImportOptions, ImportProgress, ImportReport } from '../../runtime';
import { importFiles } from '../../runtime';
import { importReportToWire } from '../../wire';
import type { CliContext, DatabaseOptions, JsonOption } from '../context';
import { databaseOption, jsonOption, nextCommand, printJson, withNewEvolution } from '../context';
import { exitCodes } from '../exit-codes';
import { count } from '../format/numbers';
import { formatTable } from '../format/table';
import type { Io } from '../io';

const importFormats: readonly ImportOptions['format'][] = [
  'auto',
  'otlp-json',
  'tau-bench',
  'tau2-bench',
  'langfuse',
  'jaeger',
  'zipkin',
];

interface ImportCommandOptions extends DatabaseOptions, JsonOption {
  readonly format: ImportOptions['format'];
}

export function addImportCommand(program: Command, { io, signal, exit }: CliContext): void {
  program
    .command('import <file...>')
    .description('Store runs from files; twice is the same as once')
    .addOption(databaseOption())
    .addOption(
      new Option('--format <format>', 'of the files').choices(importFormats).default('auto'),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nFiles may be gzipped; - reads standard input.\n\nExamples:\n' +
        '  $ otel-evolution import runs.json.gz\n' +
        '  $ zcat spans.jsonl.gz | otel-evolution import - --format otlp-json',
    )
    .action((files: string[], options: ImportCommandOptions) =>
      withNewEvolution(io, options, async (evolution) => {
        collectGarbageSooner();
        const progress = createProgress(io);
        const report = await importFiles(evolution, {
          files,
          stdin: io.stdin,
          format: options.format,
          signal,
          onProgress: progress.update,
        }).finally(progress.stop);
        if (options.json === true) await printJson(io, importReportToWire(report));
        else {
          await printReport(io, report);
          if (report.totals.executions > 0) io.note(`Next: ${nextCommand('learn', options)}`);
        }
        if (signal.aborted) exit(exitCodes.interrupted);
        else if (report.totals.refused > 0) exit(exitCodes.someRefused);
      }),
    );
}

/**
 * Left to itself V8 lets the garbage of a long stream grow to more than what is in use: a 1 GB file took
 * 254 MiB at the peak, 174 with this, and no longer (`bench import-large`).
 */
function collectGarbageSooner(): void {
  setFlagsFromString('--heap-growing-percent=20');
}

/** A bar per file with the time left; nothing when nobody watches. */
function createProgress(io: Io): { update: (progress: ImportProgress) => void; stop: () => void } {
  if (!io.interactive) return { update: () => {}, stop: () => {} };
  let bar: SingleBar | null = null;
  let current = '';
  const stop = (): void => bar?.stop();
  return {
    stop,
    update({ file, bytes, totalBytes, spans }) {
      const megabytes = (size: number): number => Math.round(size / 1e5) / 10;
      if (file !== current) {
        stop();
        current = file;
        const format =
          totalBytes === null
            ? '{file} {value} MB  {spans} spans'
            : '{file} [{bar}] {percentage} %  {value}/{total} MB  {spans} spans  {eta_formatted} left';
        bar = new SingleBar({ format, stream: io.stderr, hideCursor: true });
        bar.start(megabytes(totalBytes ?? 0), 0, { file, spans: 0 });
      }
      bar?.update(megabytes(bytes), { file, spans: count(spans) });
    },
  };
}

async function printReport(io: Io, { files, totals }: ImportReport): Promise<void> {
  const rows = [
    ...files.map((file) => ({
      ...file,
      refused: file.refused.reduce((sum, refusal) => sum + refusal.count, 0),
    })),
    ...(files.length > 1 ? [{ file: 'all', format: null, ...totals }] : []),
  ];
  const table = formatTable(
    rows,
    [
      { title: 'file', value: (row) => row.file, flexible: true },
      { title: 'format', value: (row) => row.format ?? '' },
      { title: 'tasks', value: (row) => count(row.tasks), align: 'right' },
      { title: 'executions', value: (row) => count(row.executions), align: 'right' },
      { title: 'spans', value: (row) => count(row.spans), align: 'right' },
      { title: 'rewards', value: (row) => count(row.rewards), align: 'right' },
      { title: 'refused', value: (row) => count(row.refused), align: 'right' },
    ],
    io.columns,
  );
  await io.write(`${table}\n`);
  for (const { file, refused } of files) {
    for (const { reason, count: times, where } of refused) {
      io.note(`${file}: refused ${count(times)} × ${reason} (first: ${where})`);
    }
  }
}
