import type { EventJson } from '../wire';

export interface FeedEvent {
  /** For `Last-Event-ID`. */
  readonly id: string;
  readonly event: EventJson;
  /** As it is sent; made once for all listeners. */
  readonly bytes: Uint8Array;
}

export interface FeedBatch {
  readonly events: readonly FeedEvent[];
  /** Of all of them. */
  readonly bytes: Uint8Array;
}

const encoder = new TextEncoder();

/** Events kept for listeners that come back. */
const keptEvents = 1_000;

/** The latest events, each with a number; ids of another epoch are of another process. */
export class EventLog {
  readonly #epoch: string;
  readonly #events: FeedEvent[] = [];
  #last = 0;
  #joined: { readonly after: number; readonly last: number; readonly batch: FeedBatch } | null =
    null;

  constructor(epoch: string) {
    this.#epoch = epoch;
  }

  /** Number of the latest event, 0 before the first. */
  get last(): number {
    return this.#last;
  }

  add(event: EventJson): void {
    this.#last += 1;
    this.#events.push(this.#made(event));
    if (this.#events.length > keptEvents) this.#events.shift();
  }

  /** What came after the numbered event; a `reset` where that is not known any more. */
  since(number: number): readonly FeedEvent[] {
    const missed = this.#last - number;
    if (missed > this.#events.length) return [this.reset()];
    return missed === 0 ? [] : this.#events.slice(-missed);
  }

  /** The same as it is sent, joined once for all who wait for it: a listener costs one write a batch, not one an event. */
  batchSince(number: number): FeedBatch {
    const joined = this.#joined;
    if (joined?.after === number && joined.last === this.#last) return joined.batch;
    const batch = batchOf(this.since(number));
    this.#joined = { after: number, last: this.#last, batch };
    return batch;
  }

  reset(): FeedEvent {
    return this.#made({ type: 'reset' });
  }

  /** `null` for an id that this log did not give. */
  numberOf(id: string): number | null {
    const [, epoch, digits] = /^([^-]*)-(\d{1,15})$/.exec(id) ?? [];
    const number = Number(digits);
    return epoch === this.#epoch && number <= this.#last ? number : null;
  }

  #made(event: EventJson): FeedEvent {
    const id = `${this.#epoch}-${this.#last}`;
    const text = `id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
    return { id, event, bytes: encoder.encode(text) };
  }
}

export function batchOf(events: readonly FeedEvent[]): FeedBatch {
  return { events, bytes: Buffer.concat(events.map(({ bytes }) => bytes)) };
}
