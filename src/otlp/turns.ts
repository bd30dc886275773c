/** There is no room to wait, or the turn did not come in time; the same request may pass later. */
export class BusyError extends Error {}

export interface TurnLimits {
  /** Cost of all that work at once; one alone may cost more. */
  readonly maxWorking: number;
  /**
   * The same, where one counts for no more than `slice`: a large request works on one slice at a time, many small ones on
   * all of themselves. What is begun and not finished in time was done for nothing.
   */
  readonly maxSlices: number;
  readonly slice: number;
  /** Cost of all that wait. */
  readonly maxWaiting: number;
  /** Longest wait, ms. */
  readonly maxWaitMillis: number;
}

interface Waiting {
  readonly cost: number;
  readonly tag: number;
  readonly begin: () => void;
  readonly refuse: (error: Error) => void;
}

/**
 * Lets requests work by turns of their connections: who has asked for little goes before who has asked for much, and nobody
 * waits for ever. Over the bound the one that would come last is refused.
 *
 * @see Demers, Keshav, Shenker: Analysis and simulation of a fair queueing algorithm (1989)
 */
export class Turns {
  readonly #limits: TurnLimits;
  readonly #lastTags = new WeakMap<object, number>();
  readonly #waiting = new Set<Waiting>();
  #clock = 0;
  #working = 0;
  #slices = 0;
  #waitingCost = 0;

  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Resolves when the turn has come, with the function that ends it.
   *
   * @throws BusyError when it does not come, the signal's reason when it is not wanted any more
   */
  take(connection: object, cost: number, signal: AbortSignal): Promise<() => void> {
    const tag = Math.max(this.#clock, this.#lastTags.get(connection) ?? 0) + cost;
    this.#lastTags.set(connection, tag);
    return new Promise((resolve, reject) => {
      const busy = (): void =>
        this.#refuse(waiting, new BusyError('the queue is full; come again'));
      const aborted = (): void => this.#refuse(waiting, signal.reason as Error);
      const timer = setTimeout(busy, this.#limits.maxWaitMillis);
      const settle = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', aborted);
      };
      const waiting: Waiting = {
        cost,
        tag,
        begin: () => {
          settle();
          resolve(this.#begin(cost));
        },
        refuse: (error) => {
          settle();
          reject(error);
        },
      };
      signal.addEventListener('abort', aborted, { once: true });
      this.#waiting.add(waiting);
      this.#waitingCost += cost;
      this.#next();
    });
  }

  #begin(cost: number): () => void {
    const slice = Math.min(cost, this.#limits.slice);
    this.#working += cost;
    this.#slices += slice;
    return () => {
      this.#working -= cost;
      this.#slices -= slice;
      this.#next();
    };
  }

  #next(): void {
    for (let first = this.#nearest(1); first && this.#fits(first); first = this.#nearest(1)) {
      this.#forget(first);
      // What each of those who want something would have had of it by now.
      this.#clock += first.cost / (this.#waiting.size + 1);
      first.begin();
    }
    while (this.#waitingCost > this.#limits.maxWaiting && this.#waiting.size > 1) {
      this.#refuse(this.#nearest(-1)!, new BusyError('too much is being worked on; come again'));
    }
  }

  #fits({ cost }: Waiting): boolean {
    if (this.#working === 0) return true;
    const { maxWorking, maxSlices, slice } = this.#limits;
    return this.#working + cost <= maxWorking && this.#slices + Math.min(cost, slice) <= maxSlices;
  }

  /** The one whose turn comes first, or last. */
  #nearest(direction: 1 | -1): Waiting | undefined {
    let found: Waiting | undefined;
    for (const one of this.#waiting) {
      if (!found || direction * (one.tag - found.tag) < 0) found = one;
    }
    return found;
  }

  #refuse(waiting: Waiting, error: Error): void {
    this.#forget(waiting);
    waiting.refuse(error);
  }

  #forget(waiting: Waiting): void {
    if (this.#waiting.delete(waiting)) this.#waitingCost -= waiting.cost;
  }
}
