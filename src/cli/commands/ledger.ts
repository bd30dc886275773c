import type { Command } from 'commander';
import { ledgerEntryToWire, pageToWire } from '../../wire';
import type { CliContext, DatabaseOptions, JsonOption } from '../context';
import {
  databaseOption,
  jsonOption,
  nextCommand,
  parsePositiveInteger,
  printJson,
  withEvolution,
} from '../context';
import { ledgerColumns } from '../format/audit';
import { formatTable } from '../format/table';

interface LedgerOptions extends DatabaseOptions, JsonOption {
  readonly limit?: number;
  readonly cursor?: string;
}

/** `ledger`: every test ever run. */
export function addLedgerCommand(program: Command, { io }: CliContext): void {
  program
    .command('ledger')
    .description('Every test ever run, promoted or not, in the order of the looks')
    .addOption(databaseOption())
    .option('--limit <n>', 'rows, 1..1000', parsePositiveInteger)
    .option('--cursor <cursor>', 'where the page before ended')
    .addOption(jsonOption())
    .action(({ limit, cursor, ...options }: LedgerOptions) =>
      withEvolution(options, async ({ store }) => {
        const page = await store.readLedger({ limit, cursor });
        if (options.json === true) return printJson(io, pageToWire(page, ledgerEntryToWire));
        if (page.items.length === 0) {
          io.note(`Nothing was tested yet: ${nextCommand('learn', options)}`);
          return;
        }
        await io.write(`${formatTable(page.items, ledgerColumns, io.columns)}\n`);
        if (page.nextCursor !== null) io.note(`More: --cursor ${page.nextCursor}`);
      }),
    );
}
