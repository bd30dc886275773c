import { StoreUnavailableError } from '../errors';

/** What became of the latest writes. */
export interface WriteHealth {
  /** The trouble of the last write; `null` once one went well. */
  readonly failure: WriteFailure | null;
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
  const listeners = new Set<(error: StoreUnavailableError) => void>();
  return {
    get failure() {
      return failure;
    },
    onFailure(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    succeeded() {
      failure = null;
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
 * The outcome of `work`, or a `StoreUnavailableError` when the time is over: clients give up after ten
 * seconds, and one that is told earlier comes again instead. `work` hears of it by its signal.
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

function tooLong({ maxAnswerMillis }: DeadlineLimits): StoreUnavailableError {
  return new StoreUnavailableError(
    `The database has not taken the request within ${maxAnswerMillis / 1000} s.`,
  );
}
