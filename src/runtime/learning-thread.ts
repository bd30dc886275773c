import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ConfigurationOptions } from '../model/configuration';
import { EvolutionError } from '../errors';

export type LearningWish = 'learn' | 'close';

export interface LearningAnswer {
  /** `null` for a round that went well. */
  readonly error: Error | null;
}

/**
 * Learns in a thread of its own, with its own connections to the database: reading a million
 * executions keeps no request waiting. A thread that dies is followed by another at the next round.
 */
export class LearningThread {
  readonly #module: URL;
  readonly #options: ConfigurationOptions;
  readonly #memoryMb: number;
  #worker: Worker | null = null;

  /** `memoryMb`: most memory for what lives in the thread, MiB. */
  constructor(module: URL, options: ConfigurationOptions, memoryMb: number) {
    this.#module = module;
    this.#options = options;
    this.#memoryMb = memoryMb;
  }

  /** One round at a time. */
  async learnInBackground(): Promise<void> {
    const worker = (this.#worker ??= this.#start());
    const gone = new AbortController();
    const ended = once(worker, 'exit', { signal: gone.signal }).then(([code]) => {
      throw new Error(`The thread that learns ended with code ${code}.`);
    });
    const answered = once(worker, 'message', { signal: gone.signal });
    worker.postMessage('learn' satisfies LearningWish);
    try {
      const [{ error }] = (await Promise.race([answered, ended])) as [LearningAnswer];
      if (error !== null) throw error;
    } catch (thrown) {
      throw this.#explain(thrown);
    } finally {
      // Whichever has not come is not waited for any longer.
      ended.catch(() => undefined);
      answered.catch(() => undefined);
      gone.abort();
    }
  }

  /** After the last round. */
  async close(): Promise<void> {
    const worker = this.#worker;
    if (worker === null) return;
    const ended = once(worker, 'exit');
    worker.postMessage('close' satisfies LearningWish);
    await ended;
  }

  #explain(thrown: unknown): unknown {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code !== 'ERR_WORKER_OUT_OF_MEMORY') return thrown;
    return new EvolutionError(
      'out_of_memory',
      `Learning needs more than ${this.#memoryMb} MiB; requests are not touched by it.`,
      { hint: 'Raise EVOLUTION_LEARNING_MEMORY_MB, or prune what is old.', cause: thrown },
    );
  }

  #start(): Worker {
    // Where it sees `new Worker` of a module it does not know, a tracing bundler takes the whole folder for code.
    const worker: Worker = Reflect.construct(Worker, [
      this.#module,
      {
        workerData: this.#options,
        resourceLimits: { maxOldGenerationSizeMb: this.#memoryMb },
      },
    ]);
    const lose = (): void => {
      if (this.#worker === worker) this.#worker = null;
    };
    worker.on('error', lose);
    worker.on('exit', lose);
    worker.unref();
    return worker;
  }
}
