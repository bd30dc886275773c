import type { Database } from '../database/database';
import { createSerial } from '../database/serial';
import { foldChunk } from './fold-chunk';
import type { FoldSettings } from './fold-state';

/**
 * Folds what writes marked dirty: in the background soon after a commit, and before a read that
 * depends on it. What is dirty is in the database, so another process, or a restart after a kill,
 * folds what this one left.
 */
export class Folder {
  readonly #database: Database;
  readonly #settings: FoldSettings;
  readonly #serially = createSerial();
  #queued: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #lastMillis = 0;

  constructor(database: Database, settings: FoldSettings) {
    this.#database = database;
    this.#settings = settings;
  }

  /** Resolves when everything that was dirty at the time of the call is folded. */
  settle(): Promise<void> {
    // A pass that runs already may have started before the write that the caller wants to see.
    this.#queued ??= this.#serially(() => {
      this.#queued = null;
      return this.#pass();
    });
    return this.#queued;
  }

  /** Folds before long; the more a pass costs the longer the pause, so that ingestion goes first. */
  schedule(): void {
    if (this.#timer) return;
    const pauseMillis = Math.min(Math.max(20, 2 * this.#lastMillis), 2_000);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      // What fails here stays dirty: the next read folds it, or tells its caller why it cannot.
      this.settle().catch(() => undefined);
    }, pauseMillis);
    this.#timer.unref();
  }

  /** Stops folding in the background and waits for the pass that runs. */
  async close(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    await this.#serially(() => Promise.resolve());
  }

  async #pass(): Promise<void> {
    const started = performance.now();
    for (let round = 0; round < maxRounds; round += 1) {
      const dirty = await this.#readDirty();
      if (dirty.traces.length + dirty.executions.length === 0) break;
      for (const part of chunks(dirty.traces)) await this.#fold(part, []);
      for (const part of chunks(dirty.executions)) await this.#fold([], part);
    }
    this.#lastMillis = performance.now() - started;
  }

  async #readDirty(): Promise<{ traces: readonly number[]; executions: readonly number[] }> {
    const rows = await this.#database.read((session) =>
      session.all<{ kind: string; key: number | string }>(
        `SELECT 'trace' AS kind, key FROM traces WHERE dirty = 1 ` +
          `UNION ALL SELECT 'execution', key FROM executions WHERE dirty = 1 ORDER BY 1, 2`,
      ),
    );
    const keys = (kind: string): readonly number[] =>
      rows.filter((row) => row.kind === kind).map((row) => Number(row.key));
    return { traces: keys('trace'), executions: keys('execution') };
  }

  #fold(traceKeys: readonly number[], executionKeys: readonly number[]): Promise<void> {
    return this.#database.write('exclusive', (session) =>
      foldChunk(session, this.#settings, traceKeys, executionKeys),
    );
  }
}

const chunkSize = 200;

/** Folding a task's new latest run makes the former one dirty; nothing follows from that one. */
const maxRounds = 3;

function* chunks(keys: readonly number[]): Generator<readonly number[]> {
  for (let from = 0; from < keys.length; from += chunkSize) {
    yield keys.slice(from, from + chunkSize);
  }
}
