import { parseDatabaseUrl } from '../database-url';
import { EvolutionError } from '../errors';
import type { Lever } from '../model/adaptation';
import { parseByteSize } from '../model/byte-size';
import type { PriceTable } from '../model/price';
import type { RewardSource } from '../model/reward';
import type { SqliteDriverName } from '../model/sqlite-driver';
import type { RedactionHook } from '../model/span';

/** A value that may be used, or what was expected in its place. */
export type Checked<T> = { readonly value: T } | { readonly expected: string };

interface Setting<T> {
  readonly fallback: T;
  readonly check: (value: unknown) => Checked<T>;
  /** Environment variable; some settings have none. */
  readonly variable?: string;
  /** A wrong variable stops the program: going on without it would write elsewhere. */
  readonly mustHold?: boolean;
}

/** `null`: without end. */
export interface RetentionLimit {
  /** By the start of a trace, from .04 (an hour). */
  readonly maxAgeDays: number | null;
  /** Of the data, from 10 MB. */
  readonly maxSizeBytes: number | null;
}

/** Every setting, its range and its default: the one place. */
const settings = {
  /** `sqlite:PATH` or `postgres://…`. */
  databaseUrl: {
    fallback: 'sqlite:./evolution.db',
    check: databaseUrl,
    variable: 'EVOLUTION_DB_URL',
    mustHold: true,
  },
  /** What opens a SQLite file; `auto` takes the first that loads, in this order. */
  sqliteDriver: {
    fallback: 'auto',
    check: sqliteDriver,
    variable: 'EVOLUTION_SQLITE_DRIVER',
  } as Setting<SqliteDriverName | 'auto'>,
  /** Address `serve` binds to; anything but loopback needs a token. */
  host: { fallback: '127.0.0.1', check: text(1), variable: 'EVOLUTION_HOST' },
  /** Port of `serve`, 0..65535; 0 picks a free one. */
  port: { fallback: 4319, check: integer(0, 65_535), variable: 'EVOLUTION_PORT' },
  /** Bearer token that `serve` asks for; `null` for none. */
  token: { fallback: null, check: orNull(text(16)), variable: 'EVOLUTION_TOKEN' } as Setting<
    string | null
  >,
  /** Keep prompts, completions, tool arguments and results. */
  captureContent: { fallback: false, check: flag, variable: 'EVOLUTION_CAPTURE_CONTENT' },
  /**
   * Gets every span before anything is read or stored of it, and returns what may go on: a function, or
   * the path of a module that exports one by default. `null` for none.
   */
  redact: { fallback: null, check: orNull(hook), variable: 'EVOLUTION_REDACT' } as Setting<
    RedactionHook | string | null
  >,
  /**
   * What of a task travels in Baggage, to services that are called and to child processes: `task`, the ids of
   * task and execution, attempt and replication; `none`, nothing.
   */
  propagate: {
    fallback: 'task',
    check: propagate,
    variable: 'EVOLUTION_PROPAGATE',
  } as Setting<'none' | 'task'>,
  /** An execution succeeded when its outcome reaches this, 0..1. */
  successThreshold: {
    fallback: 0.5,
    check: numberWithin(0, 1),
    variable: 'EVOLUTION_SUCCESS_THRESHOLD',
  },
  /** Whose judgement counts first. */
  sourceOrder: { fallback: ['human', 'code', 'llm'], check: sourceOrder } as Setting<
    readonly RewardSource[]
  >,
  /**
   * Outcome dimensions to learn, the primary one first, which an experiment may also ask for before the first
   * reward has brought them; `null` for all that the runs have.
   */
  dimensions: { fallback: null, check: orNull(names) } as Setting<readonly string[] | null>,
  /** Whether `serve` learns in the background. */
  learn: { fallback: true, check: flag, variable: 'EVOLUTION_LEARN' },
  /**
   * Whether adaptations are watched, and experiments analysed, in the background; `null`: `serve` does, a guest
   * does not.
   */
  feedback: { fallback: null, check: orNull(flag), variable: 'EVOLUTION_FEEDBACK' } as Setting<
    boolean | null
  >,
  /** Most memory for what the thread that learns keeps, MiB. */
  learningMemoryMb: {
    fallback: 512,
    check: integer(64, 1_048_576),
    variable: 'EVOLUTION_LEARNING_MEMORY_MB',
  },
  /** Connections that `serve` takes at once; further ones are closed at once. */
  maxConnections: {
    fallback: 1_024,
    check: integer(1, 65_535),
    variable: 'EVOLUTION_MAX_CONNECTIONS',
  },
  /**
   * How long and how much is kept: `{ maxAgeDays, maxSizeBytes }`, each may be `null`; as text `30d`, `2GB`, `30d,2GB` or
   * `none`. `null`: 2 GB for the default database, no limit for one that somebody named.
   */
  retention: {
    fallback: null,
    check: orNull(retention),
    variable: 'EVOLUTION_RETENTION',
  } as Setting<RetentionLimit | null>,
  /** Price by model name, for spans that bring no cost. */
  prices: { fallback: {}, check: priceTable } as Setting<PriceTable>,
  /** What adaptations may change; without one nothing ever is. */
  levers: { fallback: [], check: leverList } as Setting<readonly Lever[]>,
  /** `required`: somebody approves each adaptation; `standing`: it is approved as it is proposed. */
  approval: { fallback: 'required', check: approval } as Setting<'required' | 'standing'>,
};

type Settings = typeof settings;
export type ConfigurationKey = keyof Settings;
export type Configuration = {
  readonly [K in ConfigurationKey]: Extract<
    ReturnType<Settings[K]['check']>,
    { readonly value: unknown }
  >['value'];
};
export type ConfigurationOptions = {
  readonly [K in ConfigurationKey]?: Configuration[K] | undefined;
};
export type ConfigurationSource = 'option' | 'file' | 'environment' | 'default';

export const configurationSettings: {
  readonly [K in ConfigurationKey]: Setting<Configuration[K]>;
} = settings;
export const configurationKeys = Object.keys(settings) as ConfigurationKey[];

function databaseUrl(value: unknown): Checked<string> {
  const expected = 'sqlite:PATH or postgres://user:password@host:5432/name';
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
