import type { Command } from 'commander';
import { Option } from 'commander';
import { InputError } from '../../errors';
import type { ReportSelection, WrittenReport } from '../../runtime';
import type { CliContext, DatabaseOptions } from '../context';
import { databaseOption, withEvolution } from '../context';
import { count } from '../format/numbers';
import { printable } from '../format/table';

interface ReportCommandOptions extends DatabaseOptions {
  readonly task?: readonly string[];
  readonly taskId?: readonly string[];
  readonly agent?: string;
  readonly since?: string;
  readonly until?: string;
  readonly output: string;
}

/** `report`: one HTML file that needs no network. */
export function addReportCommand(program: Command, { io }: CliContext): void {
  const gather = (id: string, ids: readonly string[] = []): readonly string[] => [...ids, id];
  program
    .command('report')
    .description('One HTML file for people who have no terminal: runs, metrics, findings')
    .addOption(databaseOption())
    .option('--task <id>', 'the runs at one task; may be given more than once', gather)
    .addOption(new Option('--task-id <id>', 'the same').argParser(gather).hideHelp())
    .option('--agent <id>', 'the runs of one agent')
    .option('--since <time>', 'runs that started then or later, e.g. 2026-01-31')
    .option('--until <time>', 'runs that started before')
    .requiredOption('--output <file>', 'an older report is replaced, no other file is')
    .addHelpText(
      'after',
      '\nExample:\n  $ otel-evolution report --agent support --since 2026-01-26 --output monday.html',
    )
    .action((options: ReportCommandOptions) =>
      withEvolution(options, async (evolution) => {
        await io.write(formatWritten(await evolution.report(selected(options), options.output)));
      }),
    );
}

/** One task alone is reported as a task, with its timeline. */
function selected(options: ReportCommandOptions): string | ReportSelection {
  const { task = [], taskId = [], agent, since, until } = options;
  const ids = [...task, ...taskId];
  const [only] = ids;
  const narrowed = agent !== undefined || since !== undefined || until !== undefined;
  if (ids.includes('')) throw new InputError('--task: expected an id, got nothing.');
  if (ids.length === 1 && only !== undefined && !narrowed) return only;
  return { agentId: agent, since, until, tasks: ids.length === 0 ? undefined : ids };
}

function formatWritten({ path, bytes, runs, detailed, replaced }: WrittenReport): string {
  const steps = detailed < runs ? `the latest ${count(detailed)} step by step` : 'all step by step';
  return (
    `${replaced ? 'Replaced' : 'Wrote'} ${printable(path)}: ${(bytes / 1e6).toFixed(1)} MB, ` +
    `${count(runs)} runs, ${steps}. It opens without a network.\n`
  );
}
