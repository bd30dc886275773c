import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { InputError } from '../../errors';
import type { ConfigurationDifference, ConfigurationVersion } from '../../model/adaptation';
import {
  auditEntryToWire,
  configurationComparisonToWire,
  configurationInputSchema,
  configurationVersionToWire,
  formatInstant,
  fromPlainAttributes,
  pageToWire,
  toPlainAttributes,
  toPlainValue,
} from '../../wire';
import type { PageRequest } from '../../model/query';
import type { CliContext, DatabaseOptions, JsonOption } from '../context';
import {
  databaseOption,
  jsonOption,
  parsePositiveInteger,
  printJson,
  withEvolution,
  withNewEvolution,
} from '../context';
import { type Column, formatTable, printable } from '../format/table';

type Shared = DatabaseOptions & JsonOption;

/** `configuration list|record|show|compare|restore|history`: versions of what agents ran with. */
export function addConfigurationCommands(program: Command, context: CliContext): void {
  const group = program
    .command('configuration')
    .description('Versions of what agents ran with: immutable, named by their content')
    .addHelpText(
      'after',
      '\nThe first characters of an id are enough.\n\n' +
        'Example:\n  $ otel-evolution configuration compare 3f2a 9c1d\n' +
        '  $ otel-evolution configuration restore 3f2a --why "the new prompt is slower"',
    );
  addList(group, context);
  addRecord(group, context);
  addShow(group, context);
  addCompare(group, context);
  addRestore(group, context);
  addHistory(group, context);
}

function addList(group: Command, { io }: CliContext): void {
  group
    .command('list', { isDefault: true })
    .description('Versions, newest first')
    .addOption(databaseOption())
    .option('--limit <n>', 'rows, 1..1000', parsePositiveInteger)
    .option('--cursor <cursor>', 'where the page before ended')
    .addOption(jsonOption())
    .action(({ limit, cursor, ...options }: Shared & PageRequest) =>
      withEvolution(options, async ({ configurations }) => {
        const page = await configurations.list({ limit, cursor });
        if (options.json === true) {
          return printJson(io, pageToWire(page, configurationVersionToWire));
        }
        if (page.items.length === 0) return io.note('There is none.');
        const current = await configurations.current();
        await io.write(`${formatTable(page.items, columnsOf(current?.id), io.columns)}\n`);
        if (page.nextCursor !== null) io.note(`More: --cursor ${page.nextCursor}`);
      }),
    );
}

function addRecord(group: Command, { io }: CliContext): void {
  group
    .command('record')
    .description('Store a configuration; the same content is the same version')
    .argument('<file>', 'JSON object of settings')
    .option('--label <text>', 'what people call it')
    .option('--by <name>', 'who acts, for the audit', 'command line')
    .addOption(databaseOption())
    .addOption(jsonOption())
    .action(
      async (
        file: string,
        options: Shared & { readonly label?: string; readonly by: string },
      ): Promise<void> => {
        const config = fromPlainAttributes(await readSettings(file));
        await withNewEvolution(io, options, async ({ configurations }) => {
          const { label, by: actor } = options;
          const version = await configurations.record(config, { actor, label });
          if (options.json === true) return printJson(io, configurationVersionToWire(version));
          await io.write(`${version.id}\n`);
        });
      },
    );
}

async function readSettings(file: string): Promise<Parameters<typeof fromPlainAttributes>[0]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new InputError(`${file} cannot be read.`, { cause });
  });
  let settings: unknown;
  try {
    settings = JSON.parse(text);
  } catch (cause) {
    throw new InputError(`${file} must be JSON, and is not.`, { cause });
  }
  const checked = configurationInputSchema.safeParse({ config: settings });
  if (checked.success) return checked.data.config;
  throw new InputError(`${file} must be a JSON object of settings: { "window": "tail", … }.`);
}

function addShow(group: Command, { io }: CliContext): void {
  group
    .command('show')
    .description('One version with its settings')
    .argument('<version>', 'id, or its first characters')
    .addOption(databaseOption())
    .addOption(jsonOption())
    .action((id: string, options: Shared) =>
      withEvolution(options, async ({ configurations }) => {
        const version = await configurations.get(id);
        if (options.json === true) return printJson(io, configurationVersionToWire(version));
        const { label, actor, createdAtUnixNano } = version;
        const by = `${instant(createdAtUnixNano)}, ${actor}${label === null ? '' : `, ${label}`}`;
        await io.write(`${version.id}\n${printable(by)}\n`);
        const settings = JSON.stringify(toPlainAttributes(version.config), null, 2);
        await io.write(`${settings.split('\n').map(printable).join('\n')}\n`);
      }),
    );
}

function addCompare(group: Command, { io }: CliContext): void {
  group
    .command('compare')
    .description('Settings in which the second differs from the first')
    .argument('<before>', 'id, or its first characters')
    .argument('<after>', 'id, or its first characters')
    .addOption(databaseOption())
    .addOption(jsonOption())
    .action((before: string, after: string, options: Shared) =>
      withEvolution(options, async ({ configurations }) => {
        const differences = await configurations.compare(before, after);
        if (options.json === true) {
          return printJson(io, configurationComparisonToWire(before, after, differences));
        }
        if (differences.length === 0) return io.note('They do not differ.');
        await io.write(`${formatTable(differences, differenceColumns, io.columns)}\n`);
      }),
    );
}

function addRestore(group: Command, { io }: CliContext): void {
  group
    .command('restore')
    .description('Make it the version in force, which agents read')
    .argument('<version>', 'id, or its first characters')
    .requiredOption('--why <text>', 'for the audit')
    .option('--by <name>', 'who acts, for the audit', 'command line')
    .addOption(databaseOption())
    .addOption(jsonOption())
    .action((id: string, options: Shared & { readonly why: string; readonly by: string }) =>
      withEvolution(options, async ({ configurations }) => {
        const version = await configurations.restore(id, options.by, options.why);
        if (options.json === true) return printJson(io, configurationVersionToWire(version));
        await io.write(`${version.id} is in force.\n`);
      }),
    );
}

function addHistory(group: Command, { io }: CliContext): void {
  group
    .command('history')
    .description('What was in force when, by whom and why')
    .addOption(databaseOption())
    .addOption(jsonOption())
    .action((options: Shared) =>
      withEvolution(options, async ({ configurations }) => {
        const items = await configurations.history();
        if (options.json === true) return printJson(io, { items: items.map(auditEntryToWire) });
        if (items.length === 0) return io.note('No version was ever put in force.');
        for (const { atUnixNano, actor, from, to, reason } of items) {
          const line = `${actor}: ${from?.slice(0, SHORT) ?? 'none'} → ${to.slice(0, SHORT)}, ${reason}`;
          await io.write(`${instant(atUnixNano)}  ${printable(line)}\n`);
        }
      }),
    );
}

/** Characters of an id that people are shown. */
const SHORT = 12;

const instant = (at: bigint): string => `${formatInstant(at).slice(0, 19)}Z`;

function columnsOf(current: string | undefined): readonly Column<ConfigurationVersion>[] {
  return [
    { title: 'id', value: ({ id }) => id.slice(0, SHORT) },
    { title: 'label', value: ({ label }) => label ?? '–', flexible: true },
    { title: 'by', value: ({ actor }) => actor, flexible: true },
    { title: 'made', value: ({ createdAtUnixNano }) => instant(createdAtUnixNano) },
    {
      title: 'settings',
      value: ({ config }) => String(Object.keys(config).length),
      align: 'right',
    },
    { title: 'in force', value: ({ id }) => (id === current ? 'yes' : '') },
  ];
}

const plain = (value: ConfigurationDifference['before']): string =>
  value === undefined ? '–' : JSON.stringify(toPlainValue(value));

const differenceColumns: readonly Column<ConfigurationDifference>[] = [
  { title: 'setting', value: ({ key }) => key },
  { title: 'before', value: ({ before }) => plain(before), flexible: true },
  { title: 'after', value: ({ after }) => plain(after), flexible: true },
];
