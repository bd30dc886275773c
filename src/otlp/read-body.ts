import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

export type ContentCoding = 'identity' | 'gzip';

export type ReadBody = { /** Before decompression. */ readonly sentBytes: number } & (
  | { readonly ok: true; readonly body: Uint8Array }
  | {
      readonly ok: false;
      readonly reason: 'too_large' | 'busy' | 'broken';
      readonly detail: string;
    }
);

/**
 * Reads and decompresses a body, counting both sides while they stream: a small body that unpacks into
 * a huge one is given up at the limit, not after it.
 */
export async function readBody(
  source: AsyncIterable<Uint8Array>,
  coding: ContentCoding,
  maxBytes: number,
  lease: Lease,
): Promise<ReadBody> {
  let sentBytes = 0;
  async function* sent(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      sentBytes += chunk.length;
      if (sentBytes > maxBytes) throw new Unread('too_large', tooLarge(maxBytes));
      yield chunk;
    }
  }
  try {
    const chunks = coding === 'gzip' ? gunzip(sent()) : sent();
    return { ok: true, body: await collect(chunks, maxBytes, lease), sentBytes };
  } catch (error) {
    const detail = (error as Error).message;
    if (error instanceof Unread) return { ok: false, reason: error.reason, detail, sentBytes };
    return { ok: false, reason: 'broken', detail: `the body cannot be read: ${detail}`, sentBytes };
  }
}

/** Bytes that all requests of one handler hold at once. */
export class ByteBudget {
  readonly #limit: number;
  #held = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** For one request; what it took is given back when it is answered. */
  lease(): Lease {
    let taken = 0;
    return {
      take: (bytes) => {
        if (this.#held + bytes > this.#limit) return false;
        this.#held += bytes;
        taken += bytes;
        return true;
      },
      release: () => {
        this.#held -= taken;
        taken = 0;
      },
    };
  }
}

export interface Lease {
  take(bytes: number): boolean;
  release(): void;
}

class Unread extends Error {
  readonly reason: 'too_large' | 'busy';

  constructor(reason: 'too_large' | 'busy', message: string) {
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

async function collect(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
  lease: Lease,
): Promise<Uint8Array> {
  const kept: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Unread('too_large', tooLarge(maxBytes));
    if (!lease.take(chunk.length)) {
      throw new Unread('busy', 'too many bytes are being worked on; come again');
    }
    kept.push(chunk);
  }
  const [only] = kept;
  return kept.length === 1 && only !== undefined ? only : Buffer.concat(kept, bytes);
}
