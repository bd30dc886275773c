import { awakeMillis, timedOut, within } from './deadline';

/** A sink that fails is given this long by a flush: it may only be locked for a moment. */
const FAILING_MILLIS = 1_200;
const LOOK_INTERVAL_MILLIS = 100;
/** What `close` may take of a shutdown that could not write, so that both stay below two seconds. */
export const CLOSE_AFTER_FAILURE_MILLIS = 300;

export interface SignsOfLife {
  /** Changes whenever the sink has answered. */
  progress(): number;
  /** Why the last attempt failed; `null` when it did not. */
  trouble(): unknown;
}

export interface PatienceOptions {
  readonly flushTimeoutMillis: number;
  readonly stallTimeoutMillis: number;
  readonly monotonicMillis: () => number;
}

/** Whether `work` was done in the time that the signs of life deserve. */
export async function doneInTime(
  work: Promise<unknown>,
  signs: SignsOfLife,
  { flushTimeoutMillis, stallTimeoutMillis, monotonicMillis }: PatienceOptions,
): Promise<boolean> {
  let waited = 0;
  let progressed = { progress: signs.progress(), waited };
  for (;;) {
    if (signs.progress() !== progressed.progress)
      progressed = { progress: signs.progress(), waited };
    const failing = signs.trouble() !== null && waited >= FAILING_MILLIS;
    const stalled = waited - progressed.waited >= stallTimeoutMillis;
    if (waited >= flushTimeoutMillis || failing || stalled) return false;
    const lookMillis = Math.min(LOOK_INTERVAL_MILLIS, flushTimeoutMillis - waited);
    const beganMillis = monotonicMillis();
    if ((await within(lookMillis, work, { keepAlive: true })) !== timedOut) return true;
    waited += awakeMillis(monotonicMillis() - beganMillis, lookMillis);
  }
}
