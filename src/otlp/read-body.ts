import { createGunzip } from 'node:zlib';
import { Readable } from 'node:stream';

export type BodyEncoding = 'identity' | 'gzip';

export type ReadBody =
  | { readonly ok: true; readonly body: Uint8Array }
  | {
      readonly ok: false;
      readonly reason: 'too_large' | 'busy' | 'broken';
      readonly detail: string;
    };

/** Bytes that all requests of one handler hold at once. */
export class ByteBudget {
  readonly #limit: number;
  #held = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  take(bytes: number): boolean {
    if (this.#held + bytes > this.#limit) return false;
    this.#held += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#held -= bytes;
  }
}

/** What one request took of the budget; given back when it is answered. */
export interface Lease {
  take(bytes: number): boolean;
  release(): void;
}

export function leaseOf(budget: ByteBudget): Lease {
  let held = 0;
  return {
    take(bytes) {
      const taken = budget.take(bytes);
      if (taken) held += bytes;
      return taken;
    },
    release() {
      budget.give(held);
      held = 0;
    },
  };
}

/**
 * Reads and decompresses a body, counting both sides while they stream: a small body that unpacks into
 * a huge one is given up at the limit, not after it. Sent bytes are in `sentBytes` as they come.
 */
export async function readBody(
  source: AsyncIterable<Uint8Array>,
  encoding: BodyEncoding,
  maxBytes: number,
  lease: Lease,
  onSent: (bytes: number) => void,
): Promise<ReadBody> {
  let sentBytes = 0;
  const sent = (async function* () {
    for await (const chunk of source) {
      sentBytes += chunk.length;
      onSent(chunk.length);
      if (sentBytes > maxBytes) throw new TooLarge();
      yield chunk;
    }
  })();
  try {
    if (encoding === 'identity') return await collect(sent, maxBytes, lease);
    const gunzip = createGunzip({ chunkSize: 64 * 1024 });
    const compressed = Readable.from(sent);
    compressed.on('error', (error) => gunzip.destroy(error));
    return await collect(compressed.pipe(gunzip), maxBytes, lease);
  } catch (error) {
    if (error instanceof TooLarge) return tooLarge(maxBytes);
    return {
      ok: false,
      reason: 'broken',
      detail: `the body cannot be read: ${(error as Error).message}`,
    };
  }
}

class TooLarge extends Error {}

async function collect(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
  lease: Lease,
): Promise<ReadBody> {
  const kept: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes) return tooLarge(maxBytes);
    if (!lease.take(chunk.length)) {
      return {
        ok: false,
        reason: 'busy',
        detail: 'too many bytes are being worked on; come again',
      };
    }
    kept.push(chunk);
  }
  return {
    ok: true,
    body: kept.length === 1 && kept[0] !== undefined ? kept[0] : Buffer.concat(kept, bytes),
  };
}

function tooLarge(maxBytes: number): ReadBody {
  const detail = `expected at most ${maxBytes} bytes, before and after decompression; send smaller batches`;
  return { ok: false, reason: 'too_large', detail };
}
