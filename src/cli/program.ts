import { Command } from 'commander';
import { version } from '../../package.json';
import { addAdaptCommands } from './commands/adapt';
import { addCompletionCommand } from './commands/completion';
import { addConfigurationCommands } from './commands/configuration';
import { addConformanceCommand } from './commands/conformance';
import { addDemoCommand } from './commands/demo';
import { addExperimentCommands } from './commands/experiments';
import { addExportCommand } from './commands/export';
import { addImportCommand } from './commands/import';
import { addLearningCommands } from './commands/learn';
import { addLedgerCommand } from './commands/ledger';
import { addListCommands } from './commands/lists';
import { addMaintenanceCommands } from './commands/maintenance';
import { addOpenApiCommand } from './commands/openapi';
import { addReportCommand } from './commands/report';
import { addServeCommand } from './commands/serve';
import { addStatsCommand } from './commands/stats';
import { addTokenCommands } from './commands/token';
import { addUpkeepCommands } from './commands/upkeep';
import { addExplorationCommands } from './commands/explore';
import type { CliContext } from './context';

/** The whole command line. */
export function createProgram(context: CliContext): Command {
  const program = new Command('otel-evolution')
    .description(
      'Learn from the OpenTelemetry spans of AI agents which behaviours go with success.',
    )
    .version(version)
    .showHelpAfterError('(add --help for what is possible)')
    .addHelpText(
      'after',
      '\nStart here:\n' +
        '  $ otel-evolution demo                 an agent at work, and what is learned from it\n' +
        '  $ otel-evolution serve                take OTLP from any OpenTelemetry SDK or Collector\n' +
        '  $ otel-evolution import runs.json.gz  store runs from files\n' +
        '  $ otel-evolution learn && otel-evolution patterns',
    );
  addServeCommand(program, context);
  addDemoCommand(program, context);
  addImportCommand(program, context);
  addExportCommand(program, context);
  addStatsCommand(program, context);
  addListCommands(program, context);
  addLearningCommands(program, context);
  addLedgerCommand(program, context);
  addExplorationCommands(program, context);
  addExperimentCommands(program, context);
  addTokenCommands(program, context);
  addAdaptCommands(program, context);
  addConfigurationCommands(program, context);
  addReportCommand(program, context);
  addMaintenanceCommands(program, context);
  addUpkeepCommands(program, context);
  addConformanceCommand(program, context);
  addOpenApiCommand(program, context);
  addCompletionCommand(program, context);
  for (const command of everyCommand(program)) settle(command, context);
  return program;
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

/** Errors are thrown instead of ending the process, output goes through `io`. */
function settle(command: Command, { io, json }: CliContext): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => void io.write(text),
    writeErr: (text) => {
      if (!json) io.note(text.trimEnd()); // with --json the problem says it
    },
    getOutHelpWidth: () => io.columns ?? 100,
    getErrHelpWidth: () => io.columns ?? 100,
  });
}
