import { Readable } from 'node:stream';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import type { Lease } from './memory-budget';

export type ContentCoding = 'identity' | 'gzip';

export type ReadBody = { /** Before decompression. */ readonly sentBytes: number } & (
  | { readonly ok: true; readonly body: Uint8Array }
  | {
      readonly ok: false;
      readonly reason: 'too_large' | 'busy' | 'broken' | 'slow';
      readonly detail: string;
    }
);

export interface BodyForm {
  readonly coding: ContentCoding;
  readonly declaredBytes: number | undefined;
}

export interface BodyLimits {
  readonly maxBodyBytes: number;
  readonly maxBodyMillis: number;
}

/**
 * Reads and decompresses a body, counting both sides while they stream: a small body that unpacks into
 * a huge one is given up at the limit, not after it. The rest of a body that is refused stays in `source`.
 */
export async function readBody(
  source: AsyncIterator<Uint8Array>,
  { coding, declaredBytes }: BodyForm,
  limits: BodyLimits,
  lease: Lease,
): Promise<ReadBody> {
  const { maxBodyBytes } = limits;
  const deadline = new Deadline(limits.maxBodyMillis);
  let sentBytes = 0;
  // No `for await`: leaving it would end the source, and the connection with it.
  async function* sent(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const next = await deadline.race(source.next());
      if (next.done === true) return;
      sentBytes += next.value.length;
      if (sentBytes > maxBodyBytes) throw new Unread('too_large', tooLarge(maxBodyBytes));
      yield next.value;
    }
  }
  try {
    const room = coding === 'identity' && declaredBytes !== undefined ? declaredBytes : 0;
    const chunks = coding === 'gzip' ? gunzip(sent()) : sent();
    return { ok: true, body: await collect(chunks, maxBodyBytes, lease, room), sentBytes };
  } catch (error) {
    const detail = (error as Error).message;
    if (error instanceof Unread) return { ok: false, reason: error.reason, detail, sentBytes };
    return { ok: false, reason: 'broken', detail: `the body cannot be read: ${detail}`, sentBytes };
  } finally {
    deadline.clear();
  }
}

/**
 * Of a body that is refused for want of room before it is read. One that would be too large at any time must not be told to
 * come again: gzip that unpacks as no telemetry does is counted to its end, without keeping any of it.
 */
export async function refuseUnread(
  source: AsyncIterator<Uint8Array>,
  form: BodyForm,
  limits: BodyLimits,
  detail: string,
): Promise<Extract<ReadBody, { ok: false }>> {
  const busy = { ok: false, reason: 'busy', detail, sentBytes: 0 } as const;
  if (form.coding !== 'gzip') return busy;
  const deadline = new Deadline(maxSniffMillis);
  const first = await deadline.race(source.next()).catch(() => null);
  deadline.clear();
  if (first === null || first.done === true || !unpacksLikeABomb(first.value)) return busy;
  const again = beginningWith(first.value, source);
  const counted = await readBody(again, form, limits, noRoom);
  return counted.ok ? busy : counted;
}

const maxSniffMillis = 250;
const sniffedBytes = 4 * 1024;
/** Telemetry shrinks by ten to fifty, the most that gzip can do is 1,032. */
const suspiciousRatio = 100;

function unpacksLikeABomb(first: Uint8Array): boolean {
  const sample = first.subarray(0, sniffedBytes);
  try {
    const maxOutputLength = suspiciousRatio * sample.length;
    gunzipSync(sample, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength });
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
  }
}

function beginningWith(
  first: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
): AsyncIterator<Uint8Array> {
  let begun = false;
  return {
    next: () => {
      if (begun) return rest.next();
      begun = true;
      return Promise.resolve({ done: false, value: first });
    },
  };
}

const noRoom: Lease = { take: () => false, release: () => undefined };

/** Throws away what is left of a body; resolves with whether it came to its end within the limits. */
export async function discardRest(
  source: AsyncIterator<Uint8Array>,
  { maxBodyBytes, maxBodyMillis }: BodyLimits,
): Promise<boolean> {
  const deadline = new Deadline(maxBodyMillis);
  try {
    for (let bytes = 0; bytes <= maxBodyBytes;) {
      const next = await deadline.race(source.next());
      if (next.done === true) return true;
      bytes += next.value.length;
    }
    return false;
  } catch {
    return false; // too slow, or the client has gone: either way nobody reads on
  } finally {
    deadline.clear();
  }
}

class Deadline {
  readonly #timer: NodeJS.Timeout;
  readonly #over: Promise<never>;

  constructor(millis: number) {
    let end: (error: Error) => void;
    this.#over = new Promise((_, reject) => (end = reject));
    this.#over.catch(() => undefined); // whoever waits hears of it by `race`
    const detail = `the body has not come within ${millis / 1000} s`;
    this.#timer = setTimeout(() => end(new Unread('slow', detail)), millis);
  }

  race<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#over]);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}

class Unread extends Error {
  readonly reason: 'too_large' | 'busy' | 'slow';

  constructor(reason: 'too_large' | 'busy' | 'slow', message: string) {
    super(message);
    this.reason = reason;
  }
}

function tooLarge(maxBytes: number): string {
  return `expected at most ${maxBytes} bytes, before and after decompression; send smaller batches`;
}

function gunzip(sent: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const compressed = Readable.from(sent);
  const unpacked = createGunzip({ chunkSize: 64 * 1024 });
  compressed.once('error', (error) => unpacked.destroy(error));
  unpacked.once('close', () => compressed.destroy());
  return compressed.pipe(unpacked);
}

/**
 * The whole body. Where there is no room for it nothing of it is kept, but it is counted to its end: one that is too
 * large at any time must not be told to come again.
 */
async function collect(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
  lease: Lease,
  declaredBytes: number,
): Promise<Uint8Array> {
  let kept: Gathered | null = new Gathered(declaredBytes <= maxBytes ? declaredBytes : 0);
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Unread('too_large', tooLarge(maxBytes));
    if (kept !== null && lease.take(chunk.length)) {
      kept.add(chunk);
    } else if (kept !== null) {
      kept = null;
      lease.release();
    }
  }
  if (kept === null) throw new Unread('busy', 'too many bytes are being worked on; come again');
  return kept.all();
}

/** Where it pays to have one buffer from the start instead of chunks that are joined in the end, bytes. */
const worthOneBuffer = { from: 64 * 1024, to: 64 * 1024 * 1024 };

class Gathered {
  readonly #whole: Buffer | null;
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;

  constructor(declaredBytes: number) {
    const { from, to } = worthOneBuffer;
    const isWorth = declaredBytes >= from && declaredBytes <= to;
    this.#whole = isWorth ? Buffer.allocUnsafeSlow(declaredBytes) : null;
  }

  add(chunk: Uint8Array): void {
    if (this.#whole) this.#whole.set(chunk, this.#bytes);
    else this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  all(): Uint8Array {
    if (this.#whole) return this.#whole.subarray(0, this.#bytes);
    const [only] = this.#chunks;
    return this.#chunks.length === 1 && only !== undefined
      ? only
      : Buffer.concat(this.#chunks, this.#bytes);
  }
}
