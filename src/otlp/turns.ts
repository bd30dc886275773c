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
  /** What costs no more begins beside all others, while such ones together cost no more than a slice. */
  readonly small: number;
  /** Cost of all that wait. */
  readonly maxWaiting: number;
}

/** Room to work in, until it is given back. */
export interface Turn {
  /** What is left of its cost. */
  charge(rest: number): void;
  end(): void;
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
  readonly #working = { all: 0, slices: 0, small: 0 };
  #clock = 0;
  #waitingCost = 0;

  /** Limits are read anew at every turn, so that they may change. */
  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Resolves when the turn has come.
   *
   * @throws BusyError when it does not come within `maxWaitMillis`, the signal's reason when it is not wanted any more
   */
  take(
    connection: object,
    cost: number,
    maxWaitMillis: number,
    signal?: AbortSignal,
  ): Promise<Turn> {
    const tag = Math.max(this.#clock, this.#lastTags.get(connection) ?? 0) + cost;
    this.#lastTags.set(connection, tag);
    return new Promise((resolve, reject) => {
      const busy = (): void =>
        this.#refuse(waiting, new BusyError('the queue is full; come again'));
      const aborted = (): void => this.#refuse(waiting, signal!.reason as Error);
      const timer = setTimeout(busy, maxWaitMillis);
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', aborted);
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
      signal?.addEventListener('abort', aborted, { once: true });
      this.#waiting.add(waiting);
      this.#waitingCost += cost;
      this.#next();
    });
  }

  #begin(cost: number): Turn {
    const isSmall = this.#isSmall(cost);
    let held = 0;
    const charge = (rest: number): void => {
      const { slice } = this.#limits;
      this.#working.all += rest - held;
      this.#working.slices += Math.min(rest, slice) - Math.min(held, slice);
      if (isSmall) this.#working.small += rest - held;
      held = rest;
    };
    charge(cost);
    return {
      charge: (rest) => {
        charge(rest);
        this.#next();
      },
      end: () => {
        charge(0);
        this.#next();
      },
    };
  }

  #next(): void {
    for (let next = this.#nextThatFits(); next; next = this.#nextThatFits()) {
      this.#forget(next);
      // What each of those who want something would have had of it by now.
      this.#clock += next.cost / (this.#waiting.size + 1);
      next.begin();
    }
    while (this.#waitingCost > this.#limits.maxWaiting && this.#waiting.size > 1) {
      this.#refuse(this.#outermost(-1)!, new BusyError('too much is being worked on; come again'));
    }
  }

  #nextThatFits(): Waiting | undefined {
    const first = this.#outermost(1);
    if (first === undefined || this.#fits(first)) return first;
    const small = this.#outermost(1, ({ cost }) => this.#isSmall(cost));
    return small && this.#fits(small) ? small : undefined;
  }

  #fits({ cost }: Waiting): boolean {
    const { maxWorking, maxSlices, slice } = this.#limits;
    const { all, slices, small } = this.#working;
    if (all === 0) return true;
    if (this.#isSmall(cost) && small + cost <= slice) return true;
    return all + cost <= maxWorking && slices + Math.min(cost, slice) <= maxSlices;
  }

  #isSmall(cost: number): boolean {
    return cost <= this.#limits.small;
  }

  /** The one whose turn comes first, or last. */
  #outermost(direction: 1 | -1, isMeant = (_: Waiting): boolean => true): Waiting | undefined {
    let found: Waiting | undefined;
    for (const one of this.#waiting) {
      if (isMeant(one) && (!found || direction * (one.tag - found.tag) < 0)) found = one;
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
