/** Bytes that one request holds; given back when the last of it is stored or thrown away. */
export interface Lease {
  /** Whether so many more bytes may be held. */
  take(bytes: number): boolean;
  release(): void;
}

/** So much a connection may always hold while anything is free, bytes: an ordinary batch. */
const smallBytes = 256 * 1024;
/** A connection may hold so many times what stays free for the others. */
const share = 4;
/** Part of the limit that only small holders may use. */
const reserve = 1 / 8;

/**
 * The bytes of all requests under way, shared between connections by dynamic thresholds: who holds more may take
 * only while `share` times as much stays free. Alone a connection may use most of it, and however many hold what they can,
 * some stays free for the next.
 *
 * @see Choudhury, Hahne: Dynamic queue length thresholds for shared-memory packet switches (1998)
 */
export class MemoryBudget {
  readonly #limit: number;
  readonly #byConnection = new WeakMap<object, number>();
  #held = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes held now. */
  get held(): number {
    return this.#held;
  }

  lease(connection: object): Lease {
    let taken = 0;
    const add = (bytes: number): void => {
      taken += bytes;
      this.#held += bytes;
      this.#byConnection.set(connection, (this.#byConnection.get(connection) ?? 0) + bytes);
    };
    return {
      take: (bytes) => {
        if (!this.#hasRoom(bytes, this.#byConnection.get(connection) ?? 0)) return false;
        add(bytes);
        return true;
      },
      release: () => add(-taken),
    };
  }

  #hasRoom(bytes: number, held: number): boolean {
    const free = this.#limit - this.#held - bytes;
    if (free < 0) return false;
    const mine = held + bytes;
    return mine <= smallBytes || mine <= share * (free - this.#limit * reserve);
  }
}
