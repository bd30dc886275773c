import { Worker } from 'node:worker_threads';
import { StoreUnavailableError } from '../errors';
import type { IngestResult } from '../model/ports';
import type { OtlpIntake, OtlpLimits, RequestKind } from '../otlp';
import { joinResults, movedBy, OtlpDecodeError } from '../otlp';
import type { OpenedStore } from '../store';
import { type IngestSettings, type PreparedBatch, writeBatch } from './ingest';

/** Plain data: it is sent to the thread. */
export interface IntakeSettings extends Omit<IngestSettings, 'hook'> {
  readonly limits: OtlpLimits;
  /** Path of the module with the redaction hook. */
  readonly redact: string | null;
}

/** Decode a body and prepare its first slice; prepare the next one; forget what is left of it. */
export type IntakeQuestion = { readonly id: number } & (
  | { readonly ask: 'first'; readonly body: Uint8Array; readonly kind: RequestKind }
  | { readonly ask: 'next' | 'nothing' }
);

export type IntakeAnswer = { readonly id: number } & (
  | {
      readonly sorted: Omit<Awaited<ReturnType<OtlpIntake>>, 'result'>;
      /** `null` for a request without records. */
      readonly slice: PreparedSlice | null;
    }
  | { readonly slice: PreparedSlice }
  | { readonly undecodable: string }
  | { readonly error: unknown }
);

export interface PreparedSlice {
  /** Position of its first record among those kept. */
  readonly from: number;
  readonly prepared: PreparedBatch;
  readonly isLast: boolean;
}

/** Records live until they are handed over; a nursery smaller than a few requests copies them first. */
const maxYoungGenerationSizeMb = 64;

/**
 * Decodes, understands and redacts requests in a thread of its own, beside the transactions of the
 * thread that stores them. A large request comes and is stored in slices, so that it holds up neither thread nor memory.
 * When the thread dies, what it had is refused for a while, and the next request starts another.
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

  readonly intake: OtlpIntake = async (body, kind, onStored) => {
    const id = (this.#lastId += 1);
    const worker = (this.#worker ??= this.#start());
    const first = checked(await this.#ask(worker, { id, ask: 'first', body, kind }));
    if (!('sorted' in first)) throw new Error('The thread that decodes has lost its place.');
    const next = (): Promise<IntakeAnswer> => this.#ask(worker, { id, ask: 'next' });
    try {
      const results = await this.#storeSlices(first.slice, next, onStored);
      return { ...first.sorted, result: joinResults(results) };
    } catch (error) {
      worker.postMessage({ id, ask: 'nothing' } satisfies IntakeQuestion);
      throw error;
    }
  };

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  /** While one slice is stored the next is prepared. */
  async #storeSlices(
    first: PreparedSlice | null,
    next: () => Promise<IntakeAnswer>,
    onStored: ((records: number) => void) | undefined,
  ): Promise<IngestResult[]> {
    const results: IngestResult[] = [];
    for (let slice = first; slice !== null;) {
      const following = slice.isLast ? null : next();
      const result = await writeBatch(this.#store, slice.prepared);
      onStored?.(result.accepted);
      results.push(movedBy(slice.from, result));
      slice = following === null ? null : checked(await following).slice;
    }
    return results;
  }

  #ask(worker: Worker, question: IntakeQuestion): Promise<IntakeAnswer> {
    return new Promise((resolve) => {
      if (worker === this.#worker) {
        this.#waiting.set(question.id, resolve);
        worker.postMessage(question, 'body' in question ? movable(question.body) : []);
      } else resolve({ id: question.id, error: lost() });
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
    const error = lost(cause);
    this.#onLost(error);
    for (const id of [...this.#waiting.keys()]) this.#answer({ id, error });
  }
}

/** A body with a buffer of its own goes to the thread; of one that shares it a copy does. */
function movable({ buffer, byteLength }: Uint8Array): ArrayBuffer[] {
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
}

function lost(cause?: unknown): StoreUnavailableError {
  return new StoreUnavailableError('The thread that decodes requests ended.', { cause });
}

type Usable = Extract<IntakeAnswer, { readonly slice: PreparedSlice | null }>;

/** @throws OtlpDecodeError for a body that is no request, else what the thread threw */
function checked(answer: IntakeAnswer): Usable {
  if ('undecodable' in answer) throw new OtlpDecodeError(answer.undecodable);
  if ('error' in answer) throw answer.error;
  return answer;
}
