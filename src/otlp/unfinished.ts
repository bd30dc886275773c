import { createHash } from 'node:crypto';
import type { StoredRequest } from './otlp-intake';

/** A client comes back within seconds; it is told to. */
const rememberedMillis = 15_000;
const mostRemembered = 16;

/**
 * Large requests that are worked on, and those that ended a moment ago. A client that was told to come again while its request
 * was being stored sends the same body once more, and is given what became of it instead of all the work a second time.
 */
export class Unfinished {
  readonly #works = new Map<string, Promise<StoredRequest>>();
  readonly #toldToCome = new WeakSet<object>();

  static keyOf(body: Uint8Array): string {
    return createHash('sha256').update(body).digest('base64');
  }

  find(key: string): Promise<StoredRequest> | undefined {
    return this.#works.get(key);
  }

  begin(key: string, work: Promise<StoredRequest>): void {
    this.#works.set(key, work);
    const [oldest = ''] = this.#works.keys();
    if (this.#works.size > mostRemembered) this.#works.delete(oldest);
    const forget = (): void => void this.#works.delete(key);
    work.then(() => setTimeout(forget, rememberedMillis).unref(), forget);
  }

  /** Its client is told to come again. */
  giveUp(key: string, connection: object): void {
    if (this.#works.has(key)) this.#toldToCome.add(connection);
  }

  /** Whether the next request of the connection is likely to be one that is stored already; asked once. */
  comesAgain(connection: object): boolean {
    return this.#toldToCome.delete(connection);
  }
}
