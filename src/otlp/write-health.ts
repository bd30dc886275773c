import { StoreUnavailableError } from '../errors';
import { BusyError } from './turns';

/** What became of the latest writes. */
export interface WriteHealth {
  /** The trouble of the last write; `null` once one went well. */
  readonly failure: WriteFailure | null;
  /** Whether a write went well in the last so many ms. */
  succeededWithin(millis: number): boolean;
  /** Hears every failure from now on, until it lets go by the function returned. */
  onFailure(listener: (error: StoreUnavailableError) => void): () => void;
  succeeded(): void;
  failed(error: StoreUnavailableError): void;
}

export interface WriteFailure {
  readonly error: StoreUnavailableError;
  /** On the clock that was given, ms. */
  readonly atMillis: number;
}

export function createWriteHealth(monotonicMillis: () => number): WriteHealth {
  let failure: WriteFailure | null = null;
  let succeededAtMillis = -Infinity;
  const listeners = new Set<(error: StoreUnavailableError) => void>();
  return {
    get failure() {
      return failure;
    },
    succeededWithin: (millis) => monotonicMillis() - succeededAtMillis <= millis,
    onFailure(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    succeeded() {
      failure = null;
      succeededAtMillis = monotonicMillis();
    },
    failed(error) {
      failure = { error, atMillis: monotonicMillis() };
      for (const listener of [...listeners]) listener(error);
    },
  };
}

export interface DeadlineLimits {
  /** Longest time of a request from its last byte to its answer, ms. */
  readonly maxAnswerMillis: number;
  /** The same while writes fail, ms. */
  readonly maxFailingMillis: number;
}

/**
 * The outcome of `work`, or an error when the time is over: clients give up after ten seconds, and one that is told
 * earlier comes again instead. `work` hears of it by its signal.
 *
 * @throws BusyError where others are stored meanwhile, else `StoreUnavailableError`
 */
export async function withinDeadline<T>(
  limits: DeadlineLimits,
  health: WriteHealth,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ended = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  let letGo = (): void => undefined;
  const expired = new Promise<never>((_, reject) => {
    const end = (error: Error): void => {
      ended.abort(error);
      reject(error);
    };
    const failsNow = (): void => {
      if (health.failure) end(health.failure.error);
      else letGo = health.onFailure(end);
    };
    timers.push(setTimeout(failsNow, limits.maxFailingMillis));
    const hangs = (): void => {
      if (health.succeededWithin(limits.maxFailingMillis)) return end(tooMuch(limits));
      const error = tooLong(limits);
      health.failed(error);
      end(error);
    };
    timers.push(setTimeout(hangs, limits.maxAnswerMillis));
  });
  try {
    return await Promise.race([work(ended.signal), expired]);
  } finally {
    timers.forEach(clearTimeout);
    letGo();
  }
}

function tooMuch({ maxAnswerMillis }: DeadlineLimits): BusyError {
  return new BusyError(
    `too much is being worked on to store all of this within ${maxAnswerMillis / 1000} s; come again`,
  );
}

function tooLong({ maxAnswerMillis }: DeadlineLimits): StoreUnavailableError {
  return new StoreUnavailableError(
    `The database has not taken the request within ${maxAnswerMillis / 1000} s.`,
  );
}
