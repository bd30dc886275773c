import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { PageRequest, RecordFilter } from '../model/query';
import type { Lever } from '../model/adaptation';
import type { Evolution, ServeParts } from '../runtime';
import { createEvolution, findDatabase, requireDatabase } from '../runtime';
import { parseFilter } from '../wire';
import { withoutCredentials } from '../without-credentials';
import type { Io } from './io';

/** What a command gets besides its options. */
export interface CliContext {
  readonly io: Io;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Sets the exit code of a command that ends without an error. */
  readonly exit: (code: number) => void;
  /** Where the modules of `serve`'s threads and the dashboard lie. */
  readonly parts: ServeParts | undefined;
  /** Errors are wanted as JSON. */
  readonly json: boolean;
}

export interface DatabaseOptions {
  readonly db?: string;
}

interface NewDatabaseOptions extends DatabaseOptions {
  /** Learned; all that the runs have unless told. */
  readonly dimensions?: readonly string[];
  /** What adaptations may change. */
  readonly levers?: readonly Lever[];
}

export interface JsonOption {
  readonly json?: boolean;
}

export interface ListOptions extends DatabaseOptions, JsonOption {
  readonly where?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

export function databaseOption(): Option {
  return new Option(
    '--db <url>',
    'sqlite:PATH or postgres://… (else EVOLUTION_DB_URL, else sqlite:./evolution.db)',
  );
}

export function jsonOption(): Option {
  return new Option('--json', 'print JSON, the same document as over HTTP');
}

export function addListOptions(command: Command): Command {
  return command
    .addOption(databaseOption())
    .option(
      '--where <filter>',
      'key=value,… over task execution trace type agent model tool tag session status role config.KEY attribute.KEY since until (times as 7d, 12h, 2026-01-31 or RFC 3339)',
    )
    .option('--limit <n>', 'rows, 1..1000', parsePositiveInteger)
    .option('--cursor <cursor>', 'where the page before ended')
    .addOption(jsonOption());
}

export function toQuery({ where, limit, cursor }: ListOptions): RecordFilter & PageRequest {
  return { ...(where === undefined ? {} : parseFilter(where)), limit, cursor };
}

/** Opens a database that is there, runs, and closes it whatever happens. */
export async function withEvolution<T>(
  { db }: DatabaseOptions,
  run: (evolution: Evolution) => Promise<T>,
): Promise<T> {
  await requireDatabase({ databaseUrl: db });
  return withOpened({ databaseUrl: db }, run);
}

/** The same for a command that writes: where there is no database it makes one, and says so. */
export async function withNewEvolution<T>(
  io: Io,
  { db, dimensions, levers }: NewDatabaseOptions,
  run: (evolution: Evolution) => Promise<T>,
): Promise<T> {
  await announceNewDatabase(io, db);
  return withOpened({ databaseUrl: db, dimensions, levers }, run);
}

export async function announceNewDatabase(io: Io, db: string | undefined): Promise<void> {
  const { name, state } = await findDatabase({ databaseUrl: db });
  if (state === 'missing') io.note(`New database: ${name}`);
}

async function withOpened<T>(
  options: Parameters<typeof createEvolution>[0],
  run: (evolution: Evolution) => Promise<T>,
): Promise<T> {
  const evolution = await createEvolution(options);
  try {
    return await run(evolution);
  } finally {
    await evolution.close();
  }
}

/** A command to go on with, on the same database; one whose URL holds a password is named by the variable. */
export function nextCommand(command: string, { db }: DatabaseOptions): string {
  if (db === undefined) return `npx otel-evolution ${command}`;
  const url = withoutCredentials(db) === db ? db : '"$EVOLUTION_DB_URL"';
  return `npx otel-evolution ${command} --db ${url}`;
}

export async function printJson(io: Io, value: unknown): Promise<void> {
  await io.write(`${JSON.stringify(value, null, 2)}\n`);
}

export function parsePositiveInteger(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`"${text}" is no positive whole number.`);
}

export function parseFraction(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError(`"${text}" is no number from 0 to 1.`);
}
