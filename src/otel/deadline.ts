export const timedOut: unique symbol = Symbol('timed out');

/**
 * What `work` resolves to, or `timedOut`; rejects as it rejects.
 *
 * @param keepAlive - Whether the wait alone keeps the process from ending.
 */
export async function within<T>(
  timeoutMillis: number,
  work: Promise<T>,
  { keepAlive }: { readonly keepAlive: boolean },
): Promise<T | typeof timedOut> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<typeof timedOut>((resolve) => {
    timer = setTimeout(() => resolve(timedOut), timeoutMillis);
    if (!keepAlive) timer.unref();
  });
  try {
    return await Promise.race([work, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}

/** So long, at most, is what a freeze costs of a budget. */
const STEP_MILLIS = 250;
/** A timer that comes this much too late: the process did not run meanwhile. */
const FROZEN_MILLIS = 1_000;

/** What counts of a wait that was to take `plannedMillis`: not that the process was frozen. */
export function awakeMillis(elapsedMillis: number, plannedMillis: number): number {
  return elapsedMillis - plannedMillis > FROZEN_MILLIS ? plannedMillis : elapsedMillis;
}

/**
 * Time for something, of which only that is used up in which this process ran: the instance of a function is frozen between
 * two invocations, for seconds or hours, and what was on its way then is not late.
 */
export class AwakeBudget {
  #leftMillis: number;
  readonly #monotonicMillis: () => number;

  constructor(millis: number, monotonicMillis: () => number) {
    this.#leftMillis = millis;
    this.#monotonicMillis = monotonicMillis;
  }

  get leftMillis(): number {
    return this.#leftMillis;
  }

  /** What `work` resolves to, or `timedOut` when nothing is left; rejects as it rejects. */
  async spend<T>(work: Promise<T>): Promise<T | typeof timedOut> {
    work.catch(() => {}); // nobody waits for it where nothing is left, and its error must not end the host
    while (this.#leftMillis > 0) {
      const stepMillis = Math.min(this.#leftMillis, STEP_MILLIS);
      const beganMillis = this.#monotonicMillis();
      try {
        const result = await within(stepMillis, work, { keepAlive: false });
        if (result !== timedOut) return result;
      } finally {
        this.#leftMillis -= awakeMillis(this.#monotonicMillis() - beganMillis, stepMillis);
      }
    }
    return timedOut;
  }
}
