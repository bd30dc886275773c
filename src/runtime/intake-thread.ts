import { Worker } from 'node:worker_threads';
import { StoreUnavailableError } from '../errors';
import type { OtlpIntake, OtlpLimits, RequestKind } from '../otlp';
import { OtlpDecodeError } from '../otlp';
import type { OpenedStore } from '../store';
import { type IngestSettings, type PreparedBatch, writeBatch } from './ingest';

export interface IntakeSettings extends IngestSettings {
  readonly limits: OtlpLimits;
}

export interface IntakeQuestion {
  readonly id: number;
  readonly body: Uint8Array;
  readonly kind: RequestKind;
}

export type IntakeAnswer = { readonly id: number } & (
  | {
      readonly sorted: Omit<Awaited<ReturnType<OtlpIntake>>, 'result'>;
      readonly prepared: PreparedBatch;
    }
  | { readonly undecodable: string }
  | { readonly error: unknown }
);

/** Records live until they are handed over; a nursery smaller than a few requests copies them first. */
const maxYoungGenerationSizeMb = 64;

/**
 * Decodes, understands and redacts requests in a thread of its own, beside the transactions of the
 * thread that stores them. When the thread dies, what it had is refused for a while, and the next request
 * starts another.
 */
export class IntakeThread {
  readonly #module: URL;
  readonly #store: Pick<OpenedStore, 'writePrepared'>;
  readonly #settings: IntakeSettings;
  readonly #onLost: (error: Error) => void;
  readonly #waiting = new Map<number, (answer: IntakeAnswer) => void>();
  #lastId = 0;
  #worker: Worker | null;

  /** `onLost` hears why the thread ended, if nobody closed it. */
  constructor(
    module: URL,
    store: Pick<OpenedStore, 'writePrepared'>,
    settings: IntakeSettings,
    onLost: (error: Error) => void,
  ) {
    this.#module = module;
    this.#store = store;
    this.#settings = settings;
    this.#onLost = onLost;
    this.#worker = this.#start();
  }

  readonly intake: OtlpIntake = async (body, kind) => {
    const answer = await this.#ask(body, kind);
    if ('undecodable' in answer) throw new OtlpDecodeError(answer.undecodable);
    if ('error' in answer) throw answer.error;
    return { ...answer.sorted, result: await writeBatch(this.#store, answer.prepared) };
  };

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  #ask(body: Uint8Array, kind: RequestKind): Promise<IntakeAnswer> {
    return new Promise((resolve) => {
      this.#worker ??= this.#start();
      const id = (this.#lastId += 1);
      this.#waiting.set(id, resolve);
      this.#worker.postMessage({ id, body, kind } satisfies IntakeQuestion);
    });
  }

  #start(): Worker {
    const worker = new Worker(this.#module, {
      workerData: this.#settings,
      resourceLimits: { maxYoungGenerationSizeMb },
    });
    worker.on('message', (answer: IntakeAnswer) => this.#answer(answer));
    worker.on('error', (cause) => this.#lose(worker, cause));
    worker.on('exit', () => this.#lose(worker, undefined));
    worker.unref();
    return worker;
  }

  #answer(answer: IntakeAnswer): void {
    const resolve = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    resolve?.(answer);
  }

  #lose(worker: Worker, cause: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    const error = new StoreUnavailableError('The thread that decodes requests ended.', { cause });
    this.#onLost(error);
    for (const id of [...this.#waiting.keys()]) this.#answer({ id, error });
  }
}
