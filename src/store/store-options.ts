import { randomUUID } from 'node:crypto';
import type { Clock } from '../model/ports';
import type { PackageManager, SqliteDriverName } from '../model/sqlite-driver';
import type { RewardSource } from '../model/reward';
import type { MatchKeyLimits } from './ingest/match-keys';
import type { RetentionLimits } from './upkeep/retention';

/** How a store is opened; every field has a default. Most are settings of the configuration. */
export interface StoreOptions extends StoreParts {
  /**
   * `never`: an older schema is an error (`migration_needed`). `unchecked`: it is left as it is, for
   * `migrationStatus`. @defaultValue `auto`
   */
  readonly migrate?: 'auto' | 'never' | 'unchecked' | undefined;
  /** An execution succeeded when its primary reward is at least this, 0..1. @defaultValue .5 */
  readonly successThreshold?: number | undefined;
  /** Whose judgement counts first. @defaultValue `['human', 'code', 'llm']` */
  readonly sourceOrder?: readonly RewardSource[] | undefined;
  /** What opens a SQLite file. @defaultValue `auto`: the first of the ladder that loads */
  readonly sqliteDriver?: SqliteDriverName | 'auto' | undefined;
  /** Whose commands a message names. @defaultValue `npm` */
  readonly packageManager?: PackageManager | undefined;
  /** For reading (SQLite), for everything (Postgres), 1..64. @defaultValue 4 */
  readonly databaseConnections?: number | undefined;
  /** How long a locked or unreachable database is retried, ms. @defaultValue 2,000 */
  readonly retryMillis?: number | undefined;
  /** Postgres: limit of one statement, ms; one that waits for a lock gives up after half of it. @defaultValue 5,000 */
  readonly statementTimeoutMillis?: number | undefined;
  /** How long a read waits for what this process itself has just written to be derived, ms. @defaultValue 2,000 */
  readonly readWaitMillis?: number | undefined;
  /** What this process removes in the background. @defaultValue nothing */
  readonly retention?: RetentionLimits | undefined;
}

/** What whoever composes a store puts in, and tests that want short slices; nobody has a reason to set it. */
export interface StoreParts {
  /** Stamps what the store receives. @defaultValue the wall clock */
  readonly clock?: Clock | undefined;
  /** Ids of tasks and executions that are created without one. @defaultValue random UUIDs */
  readonly newId?: (() => string) | undefined;
  /** Spans that one transaction takes before waiting calls go into the next. @defaultValue 2,000 */
  readonly maxSpansPerTransaction?: number | undefined;
  /**
   * Most spans that one slice of derivation, of an index, of a new reading or of a removal takes; what has more takes
   * several. @defaultValue what is best for each
   */
  readonly spansPerSlice?: number | undefined;
  /** Attribute keys that links and rewards by query may use. @defaultValue 256 at a time, 64 new ones an hour */
  readonly matchKeys?: Partial<MatchKeyLimits> | undefined;
  /** Hears of the moments around every commit; a test ends its process there. @defaultValue nobody */
  readonly atCommit?: ((moment: 'before' | 'after') => void) | undefined;
}

export type ResolvedStoreOptions = Readonly<{
  [K in keyof StoreOptions]-?: NonNullable<StoreOptions[K]>;
}>;

export function resolveStoreOptions(options: StoreOptions): ResolvedStoreOptions {
  return {
    clock: options.clock ?? wallClock,
    newId: options.newId ?? randomUUID,
    migrate: options.migrate ?? 'auto',
    successThreshold: options.successThreshold ?? 0.5,
    sourceOrder: options.sourceOrder ?? ['human', 'code', 'llm'],
    sqliteDriver: options.sqliteDriver ?? 'auto',
    packageManager: options.packageManager ?? 'npm',
    databaseConnections: options.databaseConnections ?? 4,
    retryMillis: options.retryMillis ?? 2_000,
    statementTimeoutMillis: options.statementTimeoutMillis ?? 5_000,
    readWaitMillis: options.readWaitMillis ?? 2_000,
    maxSpansPerTransaction: options.maxSpansPerTransaction ?? 2_000,
    spansPerSlice: options.spansPerSlice ?? Infinity,
    atCommit: options.atCommit ?? (() => undefined),
    retention: options.retention ?? {},
    matchKeys: options.matchKeys ?? {},
  };
}

const wallClock: Clock = { nowUnixNano: () => BigInt(Date.now()) * 1_000_000n };
