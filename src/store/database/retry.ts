import { setTimeout as sleep } from 'node:timers/promises';
import { isTransient, toStoreError } from './database-errors';

/**
 * Repeats `work` while the database is locked, for at most `retryMillis`, waiting outside the
 * database so that neither the event loop nor a driver thread stands still.
 *
 * @throws StoreUnavailableError when the time is over
 */
export async function retryWhileBusy<T>(
  retryMillis: number,
  work: () => Promise<T>,
  mayPass: (error: unknown) => boolean = isTransient,
): Promise<T> {
  const deadline = performance.now() + retryMillis;
  for (let wait = firstWaitMillis; ; wait = Math.min(wait * 2, longestWaitMillis)) {
    try {
      return await work();
    } catch (error) {
      if (!mayPass(error) || performance.now() + wait > deadline) throw toStoreError(error);
      await sleep(wait);
    }
  }
}

const firstWaitMillis = 4;
const longestWaitMillis = 100;

/** Another transaction made, or dropped, a row that this one counted on: run again, it is found, or made. */
export class LostRace extends Error {
  /** As databases call a failed serialization, so that it is retried like one. */
  readonly code = '40001';

  constructor(what: string) {
    super(`Another writer made ${what} at the same moment.`);
    this.name = 'LostRace';
  }
}
