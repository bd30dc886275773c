import { close, fdatasync, open } from 'node:fs';
import { StoreUnavailableError } from '../../errors';
import type { SqliteConnection } from './sqlite-driver';

/**
 * Syncs SQLite's log beside the transactions: while what is committed goes to the disk, the next transaction runs. Who waits
 * shares the next sync; one that has begun does not cover what was committed since. The log is read from its beginning up to
 * the first frame that is missing, so what is durable is always all that was committed before some moment.
 */
export class LogSync {
  readonly #databaseFile: string;
  /** Its descriptor: Node warns of a `FileHandle` that nobody closed, and a guest may forget to. */
  #log: number | null = null;
  #transactions = 0;
  #last: Promise<unknown> = Promise.resolve();
  #next: Promise<void> | null = null;
  #failed = false;

  constructor(databaseFile: string) {
    this.#databaseFile = databaseFile;
  }

  /**
   * Before each transaction of the connection that writes: from the second on, since the first has made the log, its syncs are
   * done here. Where the log is none of this kind or cannot be opened SQLite goes on syncing in each transaction.
   */
  async takeOver(writer: SqliteConnection): Promise<void> {
    if (this.#failed) await this.#recover(writer);
    this.#transactions += 1;
    if (this.#transactions !== 2) return;
    const [mode] = await writer.all<{ journal_mode: string }>('PRAGMA journal_mode', []);
    if (mode?.journal_mode !== 'wal') return;
    // Windows syncs only what was opened for writing.
    const opening = called<number>((done) => open(`${this.#databaseFile}-wal`, 'r+', done));
    this.#log = await opening.catch(() => null);
    if (this.#log !== null) await writer.exec('PRAGMA synchronous = NORMAL');
  }

  /** All that is in the log goes into the database, which is synced; who reads at an older place may hold that up. */
  async #recover(writer: SqliteConnection): Promise<void> {
    const [row] = await writer.all<{ busy: number }>('PRAGMA wal_checkpoint(TRUNCATE)', []);
    if (row!.busy !== 0) {
      throw Object.assign(new Error('Somebody reads what is still in the log.'), {
        code: 'SQLITE_BUSY',
      });
    }
    this.#failed = false;
  }

  /**
   * Resolves when all that was committed before the call is on the disk.
   *
   * @throws StoreUnavailableError when the disk failed: what it has of it is unknown
   */
  durable(): Promise<void> {
    if (this.#next === null) {
      this.#next = this.#last.then(() => {
        this.#next = null;
        return this.#sync();
      });
      this.#last = this.#next.catch(() => undefined);
    }
    return this.#next;
  }

  async close(): Promise<void> {
    await this.#last;
    const log = this.#log;
    this.#log = null;
    if (log !== null) await called<void>((done) => close(log, done));
  }

  async #sync(): Promise<void> {
    try {
      // After an error the system forgets what it could not write, and the next sync would succeed without it.
      const log = this.#log;
      if (!this.#failed && log !== null) await called<void>((done) => fdatasync(log, done));
    } catch (error) {
      this.#failed = true;
      throw notDurable(error);
    }
    if (this.#failed) throw notDurable(undefined);
  }
}

function called<T>(call: (done: (error: Error | null, value?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => {
      if (error) reject(error);
      else resolve(value as T);
    });
  });
}

function notDurable(cause: unknown): StoreUnavailableError {
  const full = (cause as NodeJS.ErrnoException | undefined)?.code === 'ENOSPC';
  return full
    ? new StoreUnavailableError('The disk is full; what was sent may not be stored.', {
        code: 'database_full',
        cause,
        hint: 'Free space; the same call succeeds then.',
      })
    : new StoreUnavailableError('The disk of the database failed to write.', {
        cause,
        hint: 'Look at the disk, its mount and its quota (the log of the kernel says more); send the same again.',
      });
}
