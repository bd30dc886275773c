import type { ExternalLink } from './service-desk';
import type { Lever } from './adaptation';
import type { PriceTable } from './price';
import type { RewardSource } from './reward';
import type { SamplingDeclaration, SamplingOption } from './sampling';
import type { RedactionHook } from './span';
import type { SqliteDriverName } from './sqlite-driver';

/** Every setting: options, the file `otel-evolution.json`, and (for most) a variable of the environment set it. */
export interface Configuration {
  /** `sqlite:PATH` or `postgres://…`. @defaultValue `'sqlite:./evolution.db'` */
  readonly databaseUrl: string;
  /** What opens a SQLite file; `auto` takes the first that loads. @defaultValue `'auto'` */
  readonly sqliteDriver: SqliteDriverName | 'auto';
  /** Connections to the database: for reading (SQLite), for everything (Postgres), 1..64. @defaultValue `4` */
  readonly databaseConnections: number;
  /** How long a database that is locked or out of reach is tried again, ms, 0..60000. @defaultValue `2000` */
  readonly retryMillis: number;
  /**
   * Postgres: limit of one statement, ms, 100..600000; one that waits for a lock gives up after half of it.
   * @defaultValue `5000`
   */
  readonly statementTimeoutMillis: number;
  /**
   * How long a read waits for what this process itself has just written to be derived, ms, 0..60000.
   * @defaultValue `2000`
   */
  readonly readWaitMillis: number;
  /** Address `serve` binds to; anything but loopback needs a token. @defaultValue `'127.0.0.1'` */
  readonly host: string;
  /** Port of `serve`, 0..65535; 0 picks a free one. @defaultValue `4319` */
  readonly port: number;
  /** Bearer token that `serve` asks for, 16 characters or more; `null` for none. @defaultValue `null` */
  readonly token: string | null;
  /** Keep prompts, completions, tool arguments and results. @defaultValue `false` */
  readonly captureContent: boolean;
  /**
   * Gets every span before anything is read or stored of it, and returns what may go on: a function, or
   * the path of a module that exports one by default. `null` for none. @defaultValue `null`
   */
  readonly redact: RedactionHook | string | null;
  /**
   * What of a task travels in Baggage, to services that are called and to child processes: `task`, the ids of
   * task and execution, attempt and replication; `none`, nothing. @defaultValue `'task'`
   */
  readonly propagate: 'none' | 'task';
  /** An execution succeeded when its outcome reaches this, 0..1. @defaultValue `0.5` */
  readonly successThreshold: number;
  /** Whose judgement counts first. @defaultValue `['human', 'code', 'llm']` */
  readonly sourceOrder: readonly RewardSource[];
  /**
   * Outcome dimensions to learn, the primary one first, which an experiment may also ask for before the first
   * reward has brought them; `null` for all that the runs have. @defaultValue `null`
   */
  readonly dimensions: readonly string[] | null;
  /** How runs came to be kept, where they do not say so themselves; `null`: nothing is known. @defaultValue `null` */
  readonly sampling: SamplingDeclaration | null;
  /** Whether `serve` learns in the background. @defaultValue `true` */
  readonly learn: boolean;
  /**
   * Whether adaptations are watched, and experiments analysed, in the background; `null`: `serve` does, a guest
   * does not. @defaultValue `null`
   */
  readonly feedback: boolean | null;
  /** Most memory for what the thread that learns keeps, MiB, from 64. @defaultValue `512` */
  readonly learningMemoryMb: number;
  /**
   * Executions that are learned from, the latest, from 1,000; each takes some 1.2 KB of memory.
   * @defaultValue `100000`
   */
  readonly learningExecutions: number;
  /** Connections that `serve` takes at once, 1..65535; further ones are closed at once. @defaultValue `1024` */
  readonly maxConnections: number;
  /**
   * Folder where `serve` keeps what comes over OTLP while the database is away, at most 256 MiB; `null`: such requests
   * are 503. @defaultValue `null`
   */
  readonly spool: string | null;
  /**
   * How long and how much is kept: `{ maxAgeDays, maxSizeBytes }`, each may be `null`; as text `30d`, `2GB`, `30d,2GB` or
   * `none`. `null`: 2 GB for the default database, no limit for one that somebody named. @defaultValue `null`
   */
  readonly retention: RetentionLimit | null;
  /** Price by model name, for spans that bring no cost. @defaultValue `{}` */
  readonly prices: PriceTable;
  /**
   * Buttons of the dashboard to a trace in other tools; in the environment `NAME=URL`, apart by spaces.
   * @defaultValue `[]`
   */
  readonly externalLinks: readonly ExternalLink[];
  /** What adaptations may change; without one nothing ever is. @defaultValue `[]` */
  readonly levers: readonly Lever[];
  /**
   * `required`: somebody approves each adaptation; `standing`: it is approved as it is proposed.
   * @defaultValue `'required'`
   */
  readonly approval: 'required' | 'standing';
}

/** What of it is said in code; what is not comes from the file, the environment or the defaults. */
export type ConfigurationOptions = {
  readonly [K in keyof Configuration]?:
    (K extends 'sampling' ? SamplingOption : Configuration[K]) | undefined;
};

/** `null`: without end. */
export interface RetentionLimit {
  /** By the start of a trace, from .04 (an hour). */
  readonly maxAgeDays: number | null;
  /** Of the data, from 10 MB. */
  readonly maxSizeBytes: number | null;
}
