import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type FileHandle, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import { ConfigError, StoreUnavailableError } from '../errors';
import type { IngestResult } from '../model/ports';
import type { OpenedStore, PreparedRows } from '../store';

type RowStore = Pick<OpenedStore, 'writePrepared'>;

export interface OutageSpoolOptions {
  /** A folder of its own; made when it is not there. */
  readonly folder: string;
  /** Where rows go, and go again when they can. */
  readonly store: RowStore;
  readonly log: (line: string) => void;
  /** All that may wait, bytes. @defaultValue 256 MiB */
  readonly maxBytes?: number | undefined;
}

const MIB = 1024 * 1024;
/** A file is given back when all of it is stored. */
const segmentBytes = 8 * MIB;
const retryMillis = 500;
const headerBytes = 8;

/**
 * Rows that the database could not take, on disk until it can: what is acknowledged meanwhile is written and synced there. From
 * the first failure on everything goes through it, in order, until all of it is stored. Rows are redacted already, and ids
 * make it harmless when an interrupted turn stores some twice. Frames are length, checksum, rows; a torn last one was never acknowledged.
 */
export class OutageSpool implements RowStore {
  readonly #folder: string;
  readonly #store: RowStore;
  readonly #log: (line: string) => void;
  readonly #maxBytes: number;
  readonly #timer: NodeJS.Timeout;
  #segments: readonly string[];
  #current: { readonly file: FileHandle; readonly name: string; bytes: number } | null = null;
  #nextNumber: number;
  #bytes: number;
  #away: boolean;
  /** Appends and the turns of files, one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  #draining: Promise<void> | null = null;
  #stored = 0;

  /** @throws ConfigError when another process uses the folder */
  static async open(options: OutageSpoolOptions): Promise<OutageSpool> {
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    lockFolder(options.folder);
    const names = (await readdir(options.folder)).filter((name) => segmentName.test(name)).sort();
    const sizes = await Promise.all(
      names.map(async (name) => (await stat(join(options.folder, name))).size),
    );
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    return new OutageSpool(options, names, bytes);
  }

  private constructor(
    { folder, store, log, maxBytes = 256 * MIB }: OutageSpoolOptions,
    segments: readonly string[],
    bytes: number,
  ) {
    this.#folder = folder;
    this.#store = store;
    this.#log = log;
    this.#maxBytes = maxBytes;
    this.#segments = segments;
    this.#bytes = bytes;
    this.#away = segments.length > 0;
    this.#nextNumber = Number(segments.at(-1)?.slice(0, 8) ?? 0) + 1;
    this.#timer = setInterval(() => void this.drain(), retryMillis).unref();
    void this.drain();
  }

  /** Of what waits. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether the database is away and there is room for more: then all is well for who sends. */
  get takesOver(): boolean {
    return this.#away && this.#bytes < this.#maxBytes;
  }

  /** Resolves when the rows are stored, or written and synced here. @throws as the store, where there is no room */
  async writePrepared(rows: PreparedRows): Promise<IngestResult> {
    if (!this.#away) {
      try {
        return await this.#store.writePrepared(rows);
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
        await this.#keep(rows, error);
      }
    } else await this.#keep(rows, null);
    const accepted = rows.spans.length + rows.rewards.length;
    return { accepted, duplicates: 0, refused: rows.refused };
  }

  /** Stores what waits, oldest first, as far as the database takes it. */
  drain(): Promise<void> {
    if (!this.#away) return Promise.resolve();
    this.#draining ??= this.#storeSegments()
      .catch((error: unknown) => this.#log(`spool: ${(error as Error).message}`))
      .finally(() => (this.#draining = null));
    return this.#draining;
  }

  /** What waits stays for the next time. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#draining;
    await this.#serially(() => this.#endCurrent());
    await rm(join(this.#folder, lockName), { force: true });
  }

  async #keep(rows: PreparedRows, cause: StoreUnavailableError | null): Promise<void> {
    const body = serialize(rows);
    const bytes = headerBytes + body.length;
    await this.#serially(async () => {
      if (this.#bytes + bytes > this.#maxBytes) {
        throw new StoreUnavailableError('The database is away and the spool is full.', { cause });
      }
      this.#current ??= await this.#begin();
      const { file } = this.#current;
      try {
        await file.appendFile(Buffer.concat([headerOf(body), body]));
        await file.datasync();
      } catch (error) {
        // What is torn must be the last of its file.
        await this.#endCurrent();
        throw new StoreUnavailableError('The database is away and the spool cannot be written.', {
          cause: error,
        });
      }
      this.#bytes += bytes;
      this.#current.bytes += bytes;
      if (this.#current.bytes >= segmentBytes) await this.#endCurrent();
      if (!this.#away) this.#log(`spool: ${cause?.message ?? ''} Until then requests are kept.`);
      this.#away = true;
    });
  }

  async #storeSegments(): Promise<void> {
    for (;;) {
      // While an older file waits, the one that is written grows on.
      if (this.#segments.length === 0) await this.#serially(() => this.#endCurrent());
      const [name] = this.#segments;
      if (name !== undefined) {
        if (!(await this.#storeSegment(join(this.#folder, name)))) return;
        this.#segments = this.#segments.slice(1);
        continue;
      }
      const isEmpty = await this.#serially(() => {
        if (this.#current !== null || this.#segments.length > 0) return Promise.resolve(false);
        this.#away = false;
        return Promise.resolve(true);
      });
      if (!isEmpty) continue;
      this.#log(`spool: the database takes writes again; ${this.#stored} records were stored.`);
      this.#stored = 0;
      return;
    }
  }

  /** Whether all of it is in the database. */
  async #storeSegment(path: string): Promise<boolean> {
    const bytes = await readFile(path);
    for (const rows of framesOf(bytes)) {
      try {
        const { accepted } = await this.#store.writePrepared(rows);
        this.#stored += accepted;
      } catch (error) {
        if (error instanceof StoreUnavailableError) return false;
        throw error;
      }
    }
    await rm(path);
    this.#bytes = Math.max(0, this.#bytes - bytes.length);
    return true;
  }

  async #begin(): Promise<{ readonly file: FileHandle; readonly name: string; bytes: number }> {
    const name = `${String(this.#nextNumber++).padStart(8, '0')}.rows`;
    const file = await open(join(this.#folder, name), 'ax', 0o600);
    // That there is such a file stands in its folder.
    const folder = await open(this.#folder, 'r');
    await folder.sync().finally(() => folder.close());
    return { file, name, bytes: 0 };
  }

  async #endCurrent(): Promise<void> {
    if (this.#current === null) return;
    const { file, name } = this.#current;
    this.#current = null;
    this.#segments = [...this.#segments, name];
    await file.close();
  }

  #serially<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

const segmentName = /^\d{8}\.rows$/;
const lockName = 'lock';

function headerOf(body: Buffer): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32BE(body.length, 0);
  header.writeUInt32BE(crc32(body), 4);
  return header;
}

/** Up to the first that is torn. */
function* framesOf(bytes: Buffer): Generator<PreparedRows> {
  for (let at = 0; at + headerBytes <= bytes.length;) {
    const body = bytes.subarray(at + headerBytes, at + headerBytes + bytes.readUInt32BE(at));
    if (body.length < bytes.readUInt32BE(at) || crc32(body) !== bytes.readUInt32BE(at + 4)) return;
    yield deserialize(body) as PreparedRows;
    at += headerBytes + body.length;
  }
}

/** Two that store and remove the same files would lose what one of them has just written. */
function lockFolder(folder: string): void {
  const path = join(folder, lockName);
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx', mode: 0o600 });
    return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const holder = Number(readFileSync(path, 'utf8'));
  if (holder !== process.pid && isAlive(holder)) {
    throw new ConfigError(`The spool folder is in use by process ${holder}.`, {
      hint: 'Give each serve a folder of its own with --spool.',
    });
  }
  writeFileSync(path, String(process.pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
