import { setTimeout as sleep } from 'node:timers/promises';
import { formatByteSize } from '../../model/byte-size';
import type { Clock } from '../../model/ports';
import type { Removal, RetentionState } from '../../model/ports-upkeep';
import type { Database, Session } from '../database/database';
import { Lease, LeaseLost } from '../derive/lease';
import { int64Text, uint64 } from '../schema/json-values';
import { type Limit, removeOldest } from './remove-oldest';
import { dropUnused } from './shared-rows';

/** How long and how much is kept. */
export interface RetentionLimits {
  /** Traces of closed executions that started longer ago are removed. */
  readonly maxAgeMillis?: number | undefined;
  /** When the data takes more bytes, the traces that came first are removed until it takes nine tenths of it. */
  readonly maxBytes?: number | undefined;
  /** From opening to the first look, ms. @defaultValue 60,000 */
  readonly firstAfterMillis?: number | undefined;
  /** From the end of one look to the next, ms. @defaultValue 600,000 */
  readonly everyMillis?: number | undefined;
  /** Hears, once, that something is removed, and that a limit cannot be kept. */
  readonly tell?: ((what: string) => void) | undefined;
}

/**
 * Keeps the limits in the background, one process at a time. It works in small transactions and leaves most of the time
 * to those who write.
 */
export class Retention {
  readonly #database: Database;
  readonly #limits: RetentionLimits;
  readonly #clock: Clock;
  /** Closes what is over, since records are made of spans. */
  readonly #beforeRemoval: () => Promise<void>;
  readonly #lease: Lease;
  readonly #stop = new AbortController();
  readonly #told = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(
    database: Database,
    limits: RetentionLimits,
    clock: Clock,
    beforeRemoval: () => Promise<void>,
    holder: string,
  ) {
    this.#database = database;
    this.#limits = limits;
    this.#clock = clock;
    this.#beforeRemoval = beforeRemoval;
    this.#lease = new Lease(database, 'retention', holder);
    this.#wake(limits.firstAfterMillis ?? 60_000);
  }

  /** Stops after the part that runs. */
  async close(): Promise<void> {
    this.#stop.abort();
    if (this.#timer) clearTimeout(this.#timer);
    await this.#running;
  }

  #wake(afterMillis: number): void {
    if (this.#stop.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#look().then((done) => {
        this.#wake(done ? (this.#limits.everyMillis ?? 600_000) : leaseLookMillis);
      });
    }, afterMillis);
    this.#timer.unref();
  }

  /** `false` where another process may be at it, or the database was away: looked at again soon. */
  async #look(): Promise<boolean> {
    try {
      if ((await this.#wanted()).length === 0) return true;
      if (!(await this.#lease.take())) return false;
      try {
        await this.#keep();
      } finally {
        await this.#lease.release();
      }
      return true;
    } catch {
      // Away, full or taken over: `doctor` and `/metrics` show when it last went well.
      return false;
    }
  }

  async #keep(): Promise<void> {
    await this.#beforeRemoval();
    for (const limit of await this.#wanted()) {
      const { removed, shared } = await removeOldest(this.#database, limit, {
        write: (work) => this.#write(work),
        onProgress: (soFar) => {
          if (soFar.spans > 0) this.#tell('begun', sentenceOf(limit));
        },
        signal: this.#stop.signal,
      });
      await this.#write((session) => noteRemoval(session, removed, this.#clock.nowUnixNano()));
      await dropUnused(this.#database, shared);
      while (!this.#stop.signal.aborted && (await this.#database.space.giveBack())) {
        await sleep(giveBackPauseMillis);
      }
    }
    if (this.#stop.signal.aborted || !(await this.#isAbove())) return;
    this.#tell(
      'kept',
      'retention cannot keep the database below its limit: what is left are runs that are not closed, and executions, ' +
        'records and judgements, which outlive their spans. Raise the limit or remove tasks: otel-evolution prune',
    );
  }

  async #wanted(): Promise<readonly Limit[]> {
    const { maxAgeMillis, maxBytes } = this.#limits;
    const limits: Limit[] = [];
    if (maxAgeMillis !== undefined) {
      const age = BigInt(Math.round(maxAgeMillis)) * 1_000_000n;
      limits.push({ olderThanUnixNano: this.#clock.nowUnixNano() - age });
    }
    if (maxBytes !== undefined && (await this.#isAbove())) {
      limits.push({ maxBytes: Math.floor(maxBytes * keptShare) });
    }
    return limits;
  }

  async #isAbove(): Promise<boolean> {
    const { maxBytes } = this.#limits;
    if (maxBytes === undefined) return false;
    return (await this.#database.space.measure()).used > maxBytes;
  }

  #write<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#database.write('shared', async (session) => {
      if (!(await this.#lease.beat(session))) throw new LeaseLost();
      return work(session);
    });
  }

  #tell(topic: string, what: string): void {
    if (this.#told.has(topic)) return;
    this.#told.add(topic);
    this.#limits.tell?.(what);
  }
}

/** So that it does not begin anew with every write. */
const keptShare = 0.9;
const leaseLookMillis = 3_000;
const giveBackPauseMillis = 50;

function sentenceOf(limit: Limit): string {
  const rest =
    ': executions, records and patterns stay. To keep more, set `retention` (EVOLUTION_RETENTION)';
  return 'maxBytes' in limit
    ? `retention removes the oldest traces, down to ${formatByteSize(limit.maxBytes)}${rest}`
    : `retention removes traces from before ${new Date(Number(limit.olderThanUnixNano / 1_000_000n)).toISOString()}${rest}`;
}

interface StoredState {
  readonly lastRun: string;
  readonly traces: number;
  readonly spans: number;
}

async function noteRemoval(session: Session, removed: Removal, now: bigint): Promise<void> {
  const before = await readState(session);
  const state: StoredState = {
    lastRun: int64Text(now),
    traces: (before?.traces ?? 0) + removed.traces,
    spans: (before?.spans ?? 0) + removed.spans,
  };
  await session.run(
    `INSERT INTO settings (name, value) VALUES ('retention', ?) ` +
      `ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    [JSON.stringify(state)],
  );
}

async function readState(session: Session): Promise<StoredState | null> {
  const [row] = await session.all<{ value: string }>(
    `SELECT value FROM settings WHERE name = 'retention'`,
  );
  return row ? (JSON.parse(row.value) as StoredState) : null;
}

/** The limits of this process, and what retention has done, whichever process did it. */
export async function readRetention(
  session: Session,
  { maxAgeMillis, maxBytes }: RetentionLimits,
): Promise<RetentionState> {
  const state = await readState(session);
  return {
    maxAgeMillis: maxAgeMillis ?? null,
    maxBytes: maxBytes ?? null,
    lastRunUnixNano: state ? uint64(state.lastRun) : null,
    removedTraces: state?.traces ?? 0,
    removedSpans: state?.spans ?? 0,
  };
}
