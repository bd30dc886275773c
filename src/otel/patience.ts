import { timedOut, within } from './deadline';

/** A sink that fails is given this long by a flush: it may only be locked for a moment. */
const FAILING_MILLIS = 1_500;
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
  const beganMillis = monotonicMillis();
  let last = { progress: signs.progress(), millis: beganMillis };
  for (;;) {
    const nowMillis = monotonicMillis();
    const waited = nowMillis - beganMillis;
    if (signs.progress() !== last.progress)
      last = { progress: signs.progress(), millis: nowMillis };
    const failing = signs.trouble() !== null && waited >= FAILING_MILLIS;
    const stalled = nowMillis - last.millis >= stallTimeoutMillis;
    if (waited >= flushTimeoutMillis || failing || stalled) return false;
    const lookMillis = Math.min(LOOK_INTERVAL_MILLIS, flushTimeoutMillis - waited);
    if ((await within(lookMillis, work, { keepAlive: true })) !== timedOut) return true;
  }
}
