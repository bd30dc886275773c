import type { IngestBatch, IngestResult, SpanSink } from '../../src/model/ports';
import type { SpanRecord } from '../../src/model/span';

/** A sink that keeps what it accepts in memory, in the order of arrival. */
export class RecordingSink implements SpanSink {
  readonly batches: (readonly SpanRecord[])[] = [];
  /** Most calls of `accept` ever under way at once. */
  maxConcurrent = 0;
  #running = 0;
  readonly #before: (call: number) => Promise<void> | void;

  /** @param before - Runs at the start of every call, from 1: may wait, or throw. */
  constructor(before: (call: number) => Promise<void> | void = () => {}) {
    this.#before = before;
  }

  #calls = 0;

  async accept(batch: IngestBatch): Promise<IngestResult> {
    this.#running += 1;
    this.#calls += 1;
    this.maxConcurrent = Math.max(this.maxConcurrent, this.#running);
    try {
      await this.#before(this.#calls);
      this.batches.push(batch.spans);
      return { accepted: batch.spans.length, duplicates: 0, refused: [] };
    } finally {
      this.#running -= 1;
    }
  }

  get calls(): number {
    return this.#calls;
  }

  get spans(): readonly SpanRecord[] {
    return this.batches.flat();
  }

  span(name: string): SpanRecord {
    const found = this.spans.find((span) => span.name === name);
    if (found === undefined) {
      throw new Error(`no span ${name}; there are ${this.spans.map((span) => span.name).join()}`);
    }
    return found;
  }
}
