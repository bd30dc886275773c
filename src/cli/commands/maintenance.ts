import type { Command } from 'commander';
import { diagnose, migrationStatus, resolveConfiguration, runMigrations } from '../../runtime';
import type { Json } from '../../wire';
import { diagnosisToWire, migrationStatusToWire } from '../../wire';
import { withoutCredentials } from '../../without-credentials';
import type { CliContext, DatabaseOptions, JsonOption } from '../context';
import { announceNewDatabase, databaseOption, jsonOption, printJson } from '../context';
import { exitCodes } from '../exit-codes';
import { formatTable } from '../format/table';

type Options = DatabaseOptions & JsonOption;

/** `doctor`, `migrate`, `config`. */
export function addMaintenanceCommands(program: Command, context: CliContext): void {
  addDoctor(program, context);
  addMigrate(program, context);
  addConfig(program, context);
}

function addDoctor(program: Command, { io, exit }: CliContext): void {
  program
    .command('doctor')
    .description('Check Node, the configuration, the driver and the database')
    .addOption(databaseOption())
    .option('--full', 'look for damage through all of a database of more than 1 GiB')
    .addOption(jsonOption())
    .action(async (options: Options & { readonly full?: boolean }) => {
      const checks = await diagnose({ databaseUrl: options.db }, { everything: options.full });
      const healthy = checks.every((check) => check.ok);
      if (options.json === true) await printJson(io, diagnosisToWire(checks));
      else {
        for (const { name, ok, detail, hint } of checks) {
          const mark = ok ? io.colors.green('✓') : io.colors.red('✗');
          await io.write(`${mark} ${name}: ${detail}\n`);
          if (hint !== null) await io.write(`  → ${hint}\n`);
        }
      }
      if (!healthy) exit(exitCodes.failure);
    });
}

function addMigrate(program: Command, { io, exit }: CliContext): void {
  const group = program.command('migrate').description('Bring the database schema up to date');
  const actions = {
    up: {
      description: 'Run what is pending; makes the database where there is none',
      prepare: announceNewDatabase,
      run: runMigrations,
    },
    status: {
      description: 'Say what is pending',
      prepare: () => Promise.resolve(),
      run: migrationStatus,
    },
  };
  for (const [name, { description, prepare, run }] of Object.entries(actions)) {
    group
      .command(name)
      .description(description)
      .addOption(databaseOption())
      .addOption(jsonOption())
      .action(async (options: Options) => {
        await prepare(io, options.db);
        const status = await run({ databaseUrl: options.db });
        if (options.json === true) await printJson(io, migrationStatusToWire(status));
        else {
          await io.write(
            `schema ${status.current} of ${status.latest}` +
              (status.pending.length === 0
                ? ', up to date\n'
                : `\npending: ${status.pending.join(', ')}\n`),
          );
        }
        if (status.pending.length > 0) exit(exitCodes.migrationNeeded);
      });
  }
}

function addConfig(program: Command, { io }: CliContext): void {
  program
    .command('config')
    .description('The settings in force, and where each comes from')
    .addOption(databaseOption())
    .addOption(jsonOption())
    .action(async (options: Options) => {
      const { values, sources, file, warnings } = await resolveConfiguration({
        databaseUrl: options.db,
      });
      const settings = Object.entries(values).map(([key, value]) => ({
        key,
        value: maskSecret(key, value),
        source: sources[key as keyof typeof sources],
      }));
      if (options.json === true) {
        const wire = settings.map(({ key, value, source }) => ({
          key,
          value: value as Json,
          source,
        }));
        await printJson(io, { file, settings: wire, warnings: [...warnings] });
      } else {
        const table = formatTable(
          settings,
          [
            { title: 'setting', value: (s) => s.key },
            { title: 'value', value: (s) => JSON.stringify(s.value), flexible: true },
            { title: 'from', value: (s) => (s.source === 'file' ? (file ?? 'file') : s.source) },
          ],
          io.columns,
        );
        await io.write(`${table}\n`);
      }
      for (const warning of warnings) io.note(`warning: ${warning}`);
    });
}

function maskSecret(key: string, value: unknown): unknown {
  if (key === 'token' && value !== null) return '[masked]';
  if (key !== 'databaseUrl' || typeof value !== 'string') return value;
  return withoutCredentials(value);
}
