import { parseDatabaseUrl } from '../database-url';
import { EvolutionError } from '../errors';
import type { Lever } from '../model/adaptation';
import { parseByteSize } from '../model/byte-size';
import type { PriceTable } from '../model/price';
import type { RewardSource } from '../model/reward';
import type { Configuration, RetentionLimit } from '../model/configuration';
import type { SqliteDriverName } from '../model/sqlite-driver';
import type { RedactionHook } from '../model/span';
import type { Checked } from './checked';
import { checkSampling } from './check-sampling';
import { externalLinks } from './external-links';

interface Setting<T> {
  readonly fallback: T;
  readonly check: (value: unknown) => Checked<T>;
  /** Environment variable; some settings have none. */
  readonly variable?: string;
  /** A wrong variable stops the program: going on without it would write elsewhere. */
  readonly mustHold?: boolean;
}

/** Every setting, its range, its default and its variable: the one place. What each means, its type says. */
export const configurationSettings: {
  readonly [K in keyof Configuration]: Setting<Configuration[K]>;
} = {
  databaseUrl: {
    fallback: 'sqlite:./evolution.db',
    check: databaseUrl,
    variable: 'EVOLUTION_DB_URL',
    mustHold: true,
  },
  sqliteDriver: { fallback: 'auto', check: sqliteDriver, variable: 'EVOLUTION_SQLITE_DRIVER' },
  databaseConnections: {
    fallback: 4,
    check: integer(1, 64),
    variable: 'EVOLUTION_DATABASE_CONNECTIONS',
  },
  retryMillis: { fallback: 2_000, check: integer(0, 60_000), variable: 'EVOLUTION_RETRY_MILLIS' },
  statementTimeoutMillis: {
    fallback: 5_000,
    check: integer(100, 600_000),
    variable: 'EVOLUTION_STATEMENT_TIMEOUT_MILLIS',
  },
  readWaitMillis: {
    fallback: 2_000,
    check: integer(0, 60_000),
    variable: 'EVOLUTION_READ_WAIT_MILLIS',
  },
  host: { fallback: '127.0.0.1', check: text(1), variable: 'EVOLUTION_HOST' },
  port: { fallback: 4319, check: integer(0, 65_535), variable: 'EVOLUTION_PORT' },
  token: { fallback: null, check: orNull(text(16)), variable: 'EVOLUTION_TOKEN' },
  captureContent: { fallback: false, check: flag, variable: 'EVOLUTION_CAPTURE_CONTENT' },
  redact: { fallback: null, check: orNull(hook), variable: 'EVOLUTION_REDACT' },
  propagate: { fallback: 'task', check: propagate, variable: 'EVOLUTION_PROPAGATE' },
  successThreshold: {
    fallback: 0.5,
    check: numberWithin(0, 1),
    variable: 'EVOLUTION_SUCCESS_THRESHOLD',
  },
  sourceOrder: { fallback: ['human', 'code', 'llm'], check: sourceOrder },
  dimensions: { fallback: null, check: orNull(names) },
  sampling: { fallback: null, check: orNull(checkSampling) },
  learn: { fallback: true, check: flag, variable: 'EVOLUTION_LEARN' },
  feedback: { fallback: null, check: orNull(flag), variable: 'EVOLUTION_FEEDBACK' },
  learningMemoryMb: {
    fallback: 512,
    check: integer(64, 1_048_576),
    variable: 'EVOLUTION_LEARNING_MEMORY_MB',
  },
  learningExecutions: {
    fallback: 100_000,
    check: integer(1_000, 10_000_000),
    variable: 'EVOLUTION_LEARNING_EXECUTIONS',
  },
  maxConnections: {
    fallback: 1_024,
    check: integer(1, 65_535),
    variable: 'EVOLUTION_MAX_CONNECTIONS',
  },
  spool: { fallback: null, check: orNull(text(1)), variable: 'EVOLUTION_SPOOL' },
  retention: { fallback: null, check: orNull(retention), variable: 'EVOLUTION_RETENTION' },
  prices: { fallback: {}, check: priceTable },
  externalLinks: {
    fallback: [],
    check: externalLinks,
    variable: 'EVOLUTION_EXTERNAL_LINKS',
  },
  levers: { fallback: [], check: leverList },
  approval: { fallback: 'required', check: approval },
};

export type ConfigurationKey = keyof Configuration;
export type ConfigurationSource = 'option' | 'file' | 'environment' | 'default';
export const configurationKeys = Object.keys(configurationSettings) as ConfigurationKey[];

function databaseUrl(value: unknown): Checked<string> {
  const expected = 'sqlite:PATH or postgres://user@host:5432/name';
  if (typeof value !== 'string') return { expected };
  try {
    parseDatabaseUrl(value);
    return { value };
  } catch (error) {
    if (!(error instanceof EvolutionError)) throw error;
    return { expected: `${expected} (${error.message.replace(/\.$/, '')})` };
  }
}

function sqliteDriver(value: unknown): Checked<SqliteDriverName | 'auto'> {
  const names = ['auto', 'sqlite3', 'node:sqlite', 'better-sqlite3', 'libsql'] as const;
  const name = names.find((known) => known === value);
  return name === undefined ? { expected: names.join(', ') } : { value: name };
}

function text(shortest: number): (value: unknown) => Checked<string> {
  return (value) =>
    typeof value === 'string' && value.length >= shortest
      ? { value }
      : { expected: `text of ${shortest} character${shortest === 1 ? '' : 's'} or more` };
}

function orNull<T>(check: (value: unknown) => Checked<T>): (value: unknown) => Checked<T | null> {
  return (value) => (value === null ? { value } : check(value));
}

function integer(lowest: number, highest: number): (value: unknown) => Checked<number> {
  return (value) =>
    Number.isInteger(value) && (value as number) >= lowest && (value as number) <= highest
      ? { value: value as number }
      : { expected: `an integer from ${lowest} to ${highest}` };
}

function numberWithin(lowest: number, highest: number): (value: unknown) => Checked<number> {
  return (value) =>
    typeof value === 'number' && value >= lowest && value <= highest
      ? { value }
      : { expected: `a number from ${lowest} to ${highest}` };
}

function flag(value: unknown): Checked<boolean> {
  return typeof value === 'boolean' ? { value } : { expected: 'true or false' };
}

function hook(value: unknown): Checked<RedactionHook | string> {
  if (typeof value === 'function') return { value: value as RedactionHook };
  return typeof value === 'string' && value !== ''
    ? { value }
    : { expected: 'a function, or the path of a module that exports one' };
}

function propagate(value: unknown): Checked<'none' | 'task'> {
  return value === 'none' || value === 'task' ? { value } : { expected: '"none" or "task"' };
}

function sourceOrder(value: unknown): Checked<readonly RewardSource[]> {
  const all: readonly RewardSource[] = ['human', 'code', 'llm'];
  const isOrder =
    Array.isArray(value) && value.length === 3 && all.every((source) => value.includes(source));
  return isOrder
    ? { value: Object.freeze([...(value as RewardSource[])]) }
    : { expected: '"human", "code" and "llm" in an order' };
}

function names(value: unknown): Checked<readonly string[]> {
  const isList =
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((name) => typeof name === 'string' && name !== '') &&
    new Set(value).size === value.length;
  return isList
    ? { value: Object.freeze([...(value as string[])]) }
    : { expected: 'a list of different names, e.g. ["reward", "accuracy"]' };
}

function retention(value: unknown): Checked<RetentionLimit> {
  const expected =
    '{ "maxAgeDays": 30, "maxSizeBytes": 2000000000 }, days from .04 and bytes from 10000000, or text as 30d, 2GB, 30d,2GB or none';
  const given = typeof value === 'string' ? retentionOf(value) : value;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return { expected };
  const { maxAgeDays = null, maxSizeBytes = null, ...rest } = given as Record<string, unknown>;
  const isWithin = (limit: unknown, least: number): limit is number | null =>
    limit === null || (typeof limit === 'number' && limit >= least && limit < Infinity);
  if (!isWithin(maxAgeDays, 0.04) || !isWithin(maxSizeBytes, 1e7)) return { expected };
  return Object.keys(rest).length > 0 ? { expected } : { value: { maxAgeDays, maxSizeBytes } };
}

function retentionOf(text: string): Partial<RetentionLimit> | null {
  if (text.trim() === 'none') return {};
  const limit: { maxAgeDays?: number; maxSizeBytes?: number } = {};
  for (const part of text.split(',').map((one) => one.trim())) {
    const [, days] = /^(\d{1,5}(?:\.\d+)?)d$/.exec(part) ?? [];
    const bytes = days === undefined ? parseByteSize(part) : null;
    if (days !== undefined && limit.maxAgeDays === undefined) limit.maxAgeDays = Number(days);
    else if (bytes !== null && limit.maxSizeBytes === undefined) limit.maxSizeBytes = bytes;
    else return null;
  }
  return limit;
}

function priceTable(value: unknown): Checked<PriceTable> {
  const expected =
    '{ "MODEL": { "inputUsdPerMillionTokens": 2.5, "outputUsdPerMillionTokens": 10 } }, prices from 0';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { expected };
  const table = value as Readonly<Record<string, unknown>>;
  return Object.values(table).every(isPrice)
    ? { value: { ...(table as PriceTable) } }
    : { expected };
}

function isPrice(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const entries = Object.entries(value);
  const names = entries.map(([name]) => name).sort();
  const isUsable = (amount: unknown): boolean =>
    typeof amount === 'number' && amount >= 0 && amount < Infinity;
  return (
    names.join() === 'inputUsdPerMillionTokens,outputUsdPerMillionTokens' &&
    entries.every(([, amount]) => isUsable(amount))
  );
}

/** Only that they are levers; what is in them is checked where they are declared. */
function leverList(value: unknown): Checked<readonly Lever[]> {
  const isList =
    Array.isArray(value) && value.every((lever) => typeof lever === 'object' && lever !== null);
  return isList
    ? { value: value as Lever[] }
    : {
        expected:
          '[{ "knob": "window", "kind": "config", "values": { "oneOf": ["head", "tail"] }, "initial": "head" }]',
      };
}

function approval(value: unknown): Checked<'required' | 'standing'> {
  return value === 'required' || value === 'standing'
    ? { value }
    : { expected: '"required" or "standing"' };
}
