import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ConfigurationOptions } from '../model/configuration';
import type { EvolutionErrorCode } from '../errors';
import { EvolutionError } from '../errors';
import type { EvolutionLearner } from '../model/evolution';

/** Questions that read every closed run, and so take a core for seconds. */
export const longQuestions = [
  'candidates',
  'differences',
  'tradeoffs',
  'review',
  'strata',
  'isApplicable',
  'audit',
] as const;

export type LongQuestion = (typeof longQuestions)[number];

export type LearningWish =
  | { readonly wish: 'learn'; readonly id: number }
  | {
      readonly wish: 'ask';
      readonly id: number;
      readonly of: LongQuestion;
      readonly with: readonly unknown[];
    }
  | { readonly wish: 'close' };

/** What of an error outlives the way between threads. */
export interface SentError {
  readonly code: EvolutionErrorCode | null;
  readonly message: string;
  readonly hint: string | null;
  /** As it was thrown, for the log. */
  readonly cause: unknown;
}

export interface LearningAnswer {
  readonly id: number;
  /** `null` for a wish that was granted. */
  readonly error: SentError | null;
  readonly answer: unknown;
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Learns, and answers what takes long, in a thread of its own, with its own connections to the database: reading a million
 * executions keeps no request waiting. A thread that dies is followed by another at the next wish.
 */
export class LearningThread {
  readonly #module: URL;
  readonly #options: ConfigurationOptions;
  readonly #memoryMb: number;
  readonly #waiting = new Map<number, Waiting>();
  /** By question, so that who asks the same meanwhile waits for the same answer. */
  readonly #asked = new Map<string, Promise<unknown>>();
  #lastId = 0;
  #worker: Worker | null = null;

  /** `memoryMb`: most memory for what lives in the thread, MiB. */
  constructor(module: URL, options: ConfigurationOptions, memoryMb: number) {
    this.#module = module;
    this.#options = options;
    this.#memoryMb = memoryMb;
  }

  /** One round at a time. */
  async learnInBackground(): Promise<void> {
    await this.#send((id) => ({ wish: 'learn', id }));
  }

  /** The learner, whose long questions this thread answers. */
  inFrontOf(learner: EvolutionLearner): EvolutionLearner {
    const ask = <Q extends LongQuestion>(of: Q) =>
      ((...given: unknown[]) => this.#ask(of, given)) as EvolutionLearner[Q];
    return {
      ...learner,
      candidates: ask('candidates'),
      differences: ask('differences'),
      tradeoffs: ask('tradeoffs'),
      review: ask('review'),
      strata: ask('strata'),
      isApplicable: ask('isApplicable'),
      audit: ask('audit'),
    };
  }

  /** After what is under way. */
  async close(): Promise<void> {
    const worker = this.#worker;
    if (worker === null) return;
    const ended = once(worker, 'exit');
    worker.postMessage({ wish: 'close' } satisfies LearningWish);
    await ended;
  }

  #ask(of: LongQuestion, given: readonly unknown[]): Promise<unknown> {
    const key = JSON.stringify([of, given], (_, value: unknown) =>
      typeof value === 'bigint' ? `${value}n` : value,
    );
    const asked = this.#asked.get(key);
    if (asked !== undefined) return asked;
    const answer = this.#send((id) => ({ wish: 'ask', id, of, with: given })).finally(() =>
      this.#asked.delete(key),
    );
    this.#asked.set(key, answer);
    return answer;
  }

  #send(wish: (id: number) => LearningWish): Promise<unknown> {
    const worker = (this.#worker ??= this.#start());
    const id = (this.#lastId += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage(wish(id));
    });
  }

  #take({ id, error, answer }: LearningAnswer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === null) waiting?.resolve(answer);
    else waiting?.reject(received(error));
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
    const lose = (why: unknown): void => {
      if (this.#worker !== worker) return;
      this.#worker = null;
      for (const [id, { reject }] of this.#waiting) {
        this.#waiting.delete(id);
        reject(this.#explain(why));
      }
    };
    worker.on('message', (answer: LearningAnswer) => this.#take(answer));
    worker.on('error', lose);
    worker.on('exit', (code) => lose(new Error(`The thread that learns ended with code ${code}.`)));
    worker.unref();
    return worker;
  }
}

function received({ code, message, hint, cause }: SentError): unknown {
  if (code === null) return cause;
  return new EvolutionError(code, message, { cause, ...(hint === null ? {} : { hint }) });
}
