import { closeSync, fsyncSync, fstatSync, openSync, statSync, writeSync } from 'node:fs';
import { open, readdir, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { nodeCrypto } from '../node-crypto';
import { StoreUnavailableError } from '../errors';
import type { SpanSink } from '../model/ports';
import type { RedactionHook, SpanRecord } from '../model/span';
import { tellOperator } from '../otel';
import { applyHook, interpretSpan, redactSpan, type RedactionPolicy } from '../semantics';

/** Several processes that die one after the other must not fill the disk. */
const MAX_SPOOL_BYTES = 256 * 1_024 * 1_024;
const SPANS_PER_WRITE = 512;

/**
 * Appends spans to the spool, synchronously: for the end of a process, where nothing can be awaited. They
 * are redacted as they would be in the database, and only this user can read the file. Written as JSON
 * lines, each ended by a line feed, so that a torn last line is seen.
 *
 * @throws Error when the file cannot be written, or holds as much as it may.
 */
export function writeSpool(
  path: string,
  spans: readonly SpanRecord[],
  redaction: SpoolRedaction,
): void {
  const text = spans.map((span) => `${encode(redacted(span, redaction))}\n`).join('');
  const bytes = Buffer.from(text);
  // A reader takes the file away by renaming it: what was written after that may not have been read.
  while (!append(path, bytes));
}

/** Whether the bytes are in the file that the path names afterwards. */
function append(path: string, bytes: Buffer): boolean {
  const file = openSync(path, 'a', 0o600);
  try {
    const { size, ino } = fstatSync(file);
    if (size + bytes.length > MAX_SPOOL_BYTES) {
      throw new StoreUnavailableError(`${path} holds ${size} bytes and takes no more.`, {
        hint: 'Make the database reachable and run: otel-evolution doctor',
      });
    }
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    fsyncSync(file);
    return statSync(path, { throwIfNoEntry: false })?.ino === ino;
  } finally {
    closeSync(file);
  }
}

/** As for the database: the user's own hook first. */
export interface SpoolRedaction {
  readonly policy: RedactionPolicy;
  readonly hook: RedactionHook | null;
}

function redacted(given: SpanRecord, { policy, hook }: SpoolRedaction): SpanRecord {
  const span = hook === null ? given : applyHook(given, hook);
  return redactSpan({ span, meaning: interpretSpan(span, { prices: {} }) }, policy).span;
}

/**
 * Stores what spools of this path hold, and removes them. Idempotent, as every write of spans is: what is
 * interrupted, or done by two processes at once, is done again.
 *
 * @throws as `sink.accept`; nothing is removed then.
 */
export async function replaySpool(path: string, sink: SpanSink): Promise<void> {
  for (const claimed of await claim(path)) {
    const { stored, damaged } = await replayFile(claimed, sink);
    await unlink(claimed).catch(ignoreAbsent);
    tellOperator(
      'spool',
      `${stored} span(s) of a process that ended before it could write were stored from ${path}` +
        (damaged === 0 ? '' : `; ${damaged} line(s) were damaged and are lost`),
    );
  }
}

/** Takes the spool out of the writers' way; also finds what an interrupted replay left. */
async function claim(path: string): Promise<readonly string[]> {
  const taken = `${path}.${nodeCrypto().randomBytes(4).toString('hex')}.replay`;
  await rename(path, taken).catch(ignoreAbsent);
  const prefix = `${basename(path)}.`;
  const names = await readdir(dirname(path)).catch((): string[] => []);
  return names
    .filter((name) => name.startsWith(prefix) && name.endsWith('.replay'))
    .map((name) => join(dirname(path), name));
}

async function replayFile(
  path: string,
  sink: SpanSink,
): Promise<{ stored: number; damaged: number }> {
  let stored = 0;
  let damaged = 0;
  let batch: SpanRecord[] = [];
  const store = async (): Promise<void> => {
    if (batch.length > 0) await sink.accept({ spans: batch });
    stored += batch.length;
    batch = [];
  };
  const file = await open(path, 'r').catch(ignoreAbsent); // another process may have been faster
  if (file === undefined) return { stored, damaged };
  try {
    for await (const line of file.readLines()) {
      const span = decode(line);
      if (span === null) damaged += 1;
      else batch.push(span);
      if (batch.length === SPANS_PER_WRITE) await store();
    }
    await store();
  } finally {
    await file.close();
  }
  return { stored, damaged };
}

function encode(span: SpanRecord): string {
  return JSON.stringify(span, (_key, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
}

function decode(line: string): SpanRecord | null {
  try {
    const span = JSON.parse(line) as SpanRecord;
    return {
      ...span,
      startTimeUnixNano: BigInt(span.startTimeUnixNano),
      endTimeUnixNano: span.endTimeUnixNano === null ? null : BigInt(span.endTimeUnixNano),
      events: span.events.map((event) => ({ ...event, timeUnixNano: BigInt(event.timeUnixNano) })),
    };
  } catch {
    return null;
  }
}

function ignoreAbsent(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  throw error;
}
