import { randomUUID } from 'node:crypto';
import type { WorkLease } from '../../model/ports-upkeep';
import type { Database, Session } from '../database/database';

/**
 * One process at a time derives. The holder counts its lease up with every slice; who sees a lease that does not move
 * for `takeoverMillis`, by a clock of his own that nobody can set back, takes it over.
 */
export class Lease {
  readonly #database: Database;
  readonly #name: string;
  readonly #holder: string;
  readonly #takeoverMillis: number;
  #seen: { readonly beat: number; readonly holder: string | null; readonly at: number } | null =
    null;

  constructor(database: Database, name: string, holder: string, takeoverMillis = 2_000) {
    this.#database = database;
    this.#name = name;
    this.#holder = holder;
    this.#takeoverMillis = takeoverMillis;
  }

  /** `false` while another process holds it and is alive. */
  async take(): Promise<boolean> {
    const row = await this.#database.read((session) => this.#row(session));
    if (row?.holder === this.#holder) return true;
    const now = performance.now();
    if (row && row.holder !== null) {
      if (this.#seen?.beat !== row.beat || this.#seen.holder !== row.holder) {
        this.#seen = { ...row, at: now };
        return false;
      }
      if (now - this.#seen.at < this.#takeoverMillis) return false;
    }
    return this.#database.write('shared', (session) => this.#claim(session, row));
  }

  /** Counts up; `false` when somebody else has taken it over. */
  async beat(session: Session): Promise<boolean> {
    const changed = await session.run(
      'UPDATE leases SET beat = beat + 1 WHERE name = ? AND holder = ?',
      [this.#name, this.#holder],
    );
    return changed === 1;
  }

  async release(): Promise<void> {
    await this.#database.write('shared', (session) =>
      session.run('UPDATE leases SET holder = NULL WHERE name = ? AND holder = ?', [
        this.#name,
        this.#holder,
      ]),
    );
  }

  async #claim(
    session: Session,
    seen: { readonly beat: number; readonly holder: string | null } | null,
  ): Promise<boolean> {
    if (!seen) {
      const added = await session.run(
        'INSERT INTO leases (name, holder, beat) VALUES (?, ?, 1) ON CONFLICT DO NOTHING',
        [this.#name, this.#holder],
      );
      return added === 1;
    }
    const changed = await session.run(
      `UPDATE leases SET holder = ?, beat = beat + 1 WHERE name = ? AND beat = ? ` +
        `AND (holder = ? OR holder IS NULL)`,
      [this.#holder, this.#name, seen.beat, seen.holder],
    );
    return changed === 1;
  }

  async #row(session: Session): Promise<{ beat: number; holder: string | null } | null> {
    const [row] = await session.all<{ beat: number | string; holder: string | null }>(
      'SELECT beat, holder FROM leases WHERE name = ?',
      [this.#name],
    );
    return row ? { beat: Number(row.beat), holder: row.holder } : null;
  }
}

/** Another process derives by now; what this one was about to write is not written. */
export class LeaseLost extends Error {
  constructor() {
    super('Another process has taken the lease over.');
    this.name = 'LeaseLost';
  }
}

export function openWorkLease(database: Database, name: string, takeoverMillis: number): WorkLease {
  const lease = new Lease(database, name, randomUUID(), takeoverMillis);
  return {
    async take() {
      if (!(await lease.take())) return false;
      return database.write('shared', (session) => lease.beat(session));
    },
    release: () => lease.release(),
  };
}
