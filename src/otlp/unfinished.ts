import { createHash } from 'node:crypto';
import type { StoredRequest } from './otlp-intake';

interface Entry {
  readonly sentBytes: number;
  readonly work: Promise<StoredRequest>;
  /** Nobody has heard how it ended. */
  unheard: boolean;
}

/** A client comes back within seconds; it is told to. */
const rememberedMillis = 15_000;
const mostRemembered = 16;

/**
 * Large requests that are worked on, and those that ended a moment ago. A client that was told to come again while its request
 * was being stored sends the same body once more, and is given what became of it instead of all the work a second time.
 */
export class Unfinished {
  readonly #entries = new Map<string, Entry>();

  static keyOf(body: Uint8Array): string {
    return createHash('sha256').update(body).digest('base64');
  }

  find(key: string): Promise<StoredRequest> | undefined {
    return this.#entries.get(key)?.work;
  }

  begin(key: string, sentBytes: number, work: Promise<StoredRequest>): void {
    this.#entries.set(key, { sentBytes, work, unheard: false });
    const [oldest = ''] = this.#entries.keys();
    if (this.#entries.size > mostRemembered) this.#entries.delete(oldest);
    const forget = (): void => void this.#entries.delete(key);
    work.then(() => setTimeout(forget, rememberedMillis).unref(), forget);
  }

  /** Its client is told to come again. */
  giveUp(key: string): void {
    const entry = this.#entries.get(key);
    if (entry) entry.unheard = true;
  }

  /** Whether a body of such a length may be one that comes again. */
  mayComeAgain(sentBytes: number): boolean {
    return [...this.#entries.values()].some((one) => one.unheard && one.sentBytes === sentBytes);
  }
}
