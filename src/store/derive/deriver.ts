import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, Session, WriteLock } from '../database/database';
import { createSerial } from '../database/serial';
import { isOfTheDatabase, markFailed, markTraceFailed } from './failures';
import { Lease, LeaseLost } from './lease';
import { readDirty, type Work } from './work';
import { judgeAgain, recomputeLong, recomputeSmall } from './recompute-executions';
import { rederiveLong, rederiveSmall } from './rederive-traces';
import type { DeriveSettings } from './outcome';

/** What a deriver of this process has done, for `/metrics`. */
export interface DeriverCounters {
  readonly slices: number;
  readonly failures: number;
  readonly lastSliceMillis: number;
}

/** What else is done in slices under the same lease. */
export interface SideWork {
  readonly waits: (session: Session) => Promise<boolean>;
  readonly slice: (
    write: <T>(lock: WriteLock, run: (session: Session) => Promise<T>) => Promise<T>,
  ) => Promise<void>;
}

/**
 * Brings up to date in the background what writes could not: traces whose membership changed, executions that lost
 * something, judgements. What is dirty is in the database, so whoever holds the lease goes on where another was
 * killed. Each slice is a transaction of bounded rows; what cannot be derived fails alone.
 */
export class Deriver {
  readonly #database: Database;
  readonly #settings: () => Promise<DeriveSettings>;
  readonly #sliceSpans: number;
  readonly #side: SideWork;
  readonly #lease: Lease;
  readonly #serially = createSerial();
  readonly #restUntil = new Map<string, number>();
  #timer: NodeJS.Timeout | null = null;
  /** Counts what this process wrote, and up to where nothing is left to do; from 1, since a killed one may have left some. */
  #written = 1;
  #derived = 0;
  #closed = false;
  #held = false;
  #slices = 0;
  #failures = 0;
  #lastSliceMillis = 0;

  constructor(
    database: Database,
    settings: () => Promise<DeriveSettings>,
    holder: string,
    sliceSpans: number,
    side: SideWork,
  ) {
    this.#database = database;
    this.#settings = settings;
    this.#sliceSpans = sliceSpans;
    this.#side = side;
    this.#lease = new Lease(database, 'derive', holder);
    this.#wake(0);
  }

  get counters(): DeriverCounters {
    const [slices, failures, lastSliceMillis] = [
      this.#slices,
      this.#failures,
      this.#lastSliceMillis,
    ];
    return { slices, failures, lastSliceMillis };
  }

  /** This process has written: what that left to do is done before long. */
  schedule(pauseMillis = 20): void {
    this.#written += 1;
    this.#wake(pauseMillis);
  }

  #wake(pauseMillis: number): void {
    if (this.#timer || this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      // What fails here stays dirty, and is tried again after the next write or look.
      this.run(runMillis).then(
        (done) => {
          if (!done) this.#wake(pauseWhileBusyMillis);
        },
        () => undefined,
      );
    }, pauseMillis);
    this.#timer.unref();
  }

  /**
   * Waits until what this process wrote is derived, at most `maxMillis`; never for what others do when nothing of its
   * own is left.
   *
   * @returns whether everything is
   */
  async settled(maxMillis: number): Promise<boolean> {
    if (this.#derived === this.#written) return true;
    return this.run(maxMillis);
  }

  /** Derives until nothing is left or the time is over; another process that holds the lease is waited for. */
  async run(maxMillis: number): Promise<boolean> {
    const deadline = performance.now() + maxMillis;
    for (;;) {
      const done = await this.#serially(() => this.#pass(deadline));
      if (done) return true;
      if (performance.now() >= deadline || this.#closed) return false;
      await sleep(waitMillis);
    }
  }

  /** Stops, waits for the slice that runs, and lets others go on at once. */
  async close(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    // What this process left is done while it can; the rest is another's.
    if (this.#derived < this.#written) await this.run(closeMillis).catch(() => undefined);
    this.#closed = true;
    await this.#serially(async () => {
      // Who cannot be told finds out by the lease standing still.
      if (this.#held) await this.#lease.release().catch(() => undefined);
    });
  }

  async #pass(deadline: number): Promise<boolean> {
    while (!this.#closed) {
      const written = this.#written;
      const { work, sideWaits } = await this.#database.read(async (session) => ({
        work: await readDirty(session, this.#resting(), this.#sliceSpans),
        sideWaits: !this.#resting().has(sideName) && (await this.#side.waits(session)),
      }));
      if (work === null && !sideWaits) {
        this.#derived = written;
        return true;
      }
      if (work === 'resting' && !sideWaits) return false;
      this.#held = await this.#lease.take();
      if (!this.#held) return false;
      if (work !== null && work !== 'resting') await this.#slice(work);
      if (sideWaits) await this.#sideSlice();
      if (performance.now() >= deadline) return false;
    }
    return false;
  }

  async #slice(work: Work): Promise<void> {
    const started = performance.now();
    try {
      await this.#do(work);
    } catch (error) {
      if (isOfTheDatabase(this.#database.dialect, error)) throw error;
      await this.#isolate(work, error);
    }
    this.#lastSliceMillis = performance.now() - started;
    this.#slices += 1;
    // What is long is done again only after a while, so that it never takes more than a part of the time.
    if (work.long) this.#restUntil.set(work.name, performance.now() + 4 * this.#lastSliceMillis);
  }

  async #sideSlice(): Promise<void> {
    try {
      await this.#side.slice((lock, run) => this.#write(run, lock));
    } catch (error) {
      if (isOfTheDatabase(this.#database.dialect, error)) throw error;
      this.#failures += 1;
      this.#restUntil.set(sideName, performance.now() + restAfterFailureMillis);
    }
    this.#slices += 1;
  }

  async #do(work: Work): Promise<void> {
    const settings = await this.#settings();
    const write = <T>(run: (session: Session) => Promise<T>): Promise<T> => this.#write(run);
    switch (work.kind) {
      case 'traces':
        if (work.long)
          return rederiveLong(this.#database, settings, work.traces[0]!, write, this.#sliceSpans);
        return write((session) =>
          rederiveSmall(
            session,
            settings,
            work.traces.map(({ key }) => key),
          ),
        );
      case 'recompute':
        if (work.long)
          return recomputeLong(this.#database, settings, work.keys[0]!, write, this.#sliceSpans);
        return write((session) => recomputeSmall(session, settings, work.keys));
      case 'judge':
        return write((session) => judgeAgain(session, settings, work.keys));
    }
  }

  /** A slice, unless somebody else derives by now. */
  #write<T>(run: (session: Session) => Promise<T>, lock: WriteLock = 'shared'): Promise<T> {
    return this.#database.write(lock, async (session) => {
      if (!(await this.#lease.beat(session))) {
        throw new LeaseLost();
      }
      return run(session);
    });
  }

  /** Each by itself; what fails alone is marked and left, until something new comes to it. */
  async #isolate(work: Work, error: unknown): Promise<void> {
    const parts = partsOf(work);
    if (parts.length > 1) {
      for (const part of parts) await this.#slice(part);
      return;
    }
    this.#failures += 1;
    await this.#write((session) =>
      work.kind === 'traces'
        ? markTraceFailed(session, work.traces[0]!.key, error)
        : markFailed(session, work.keys[0]!, error),
    );
  }

  #resting(): ReadonlySet<string> {
    const now = performance.now();
    for (const [name, until] of this.#restUntil) if (until <= now) this.#restUntil.delete(name);
    return new Set(this.#restUntil.keys());
  }
}

const runMillis = 1_000;
const closeMillis = 2_000;
const waitMillis = 20;
const sideName = 'side';
const restAfterFailureMillis = 60_000;
const pauseWhileBusyMillis = 100;

function partsOf(work: Work): readonly Work[] {
  return work.kind === 'traces'
    ? work.traces.map((trace) => ({ ...work, traces: [trace] }))
    : work.keys.map((key) => ({ ...work, keys: [key] }));
}
