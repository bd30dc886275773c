import type { RecordingStore } from '../model/evolution';
import type { EventJson } from '../wire';
import { lookToWire, patternToWire, taskToWire } from '../wire';
import { batchOf, EventLog, type FeedBatch, type FeedEvent } from './event-log';

export interface EventFeedOptions {
  readonly store: Pick<RecordingStore, 'listTasks' | 'queryPatterns' | 'readLooks'>;
  /** Told of a poll that failed; the next one tries again. */
  readonly onError: (error: unknown) => void;
  /** Names this run of the process: ids of another run mean a reset. */
  readonly epoch: string;
  /** @defaultValue 1,000 */
  readonly pollMillis?: number | undefined;
}

/** Newest tasks and patterns that are watched for changes. */
const watched = 200;

/**
 * New and changed tasks, patterns and looks, for any number of listeners from one poll of the store (other
 * processes write, too). Nothing is polled while nobody listens.
 */
export class EventFeed {
  readonly #options: EventFeedOptions;
  readonly #log: EventLog;
  readonly #wakers = new Set<() => void>();
  #polling = false;
  #seen: Snapshot | null = null;

  constructor(options: EventFeedOptions) {
    this.#options = options;
    this.#log = new EventLog(options.epoch);
  }

  /**
   * What happens from now on; with the id of the event seen last, what happened since then comes first, or
   * `reset` where that is not known any more. Ends when the signal aborts.
   */
  async *listen(lastEventId: string | null, signal: AbortSignal): AsyncGenerator<FeedEvent> {
    for await (const { events } of this.batches(lastEventId, signal)) yield* events;
  }

  /** The same, what came together in one piece. */
  async *batches(lastEventId: string | null, signal: AbortSignal): AsyncGenerator<FeedBatch> {
    let wake = (): void => {};
    const waker = (): void => wake();
    this.#wakers.add(waker);
    signal.addEventListener('abort', waker);
    try {
      if (!this.#polling) await this.#startPolling();
      let position = lastEventId === null ? this.#log.last : this.#log.numberOf(lastEventId);
      if (position === null) yield batchOf([this.#log.reset()]);
      position ??= this.#log.last;
      while (!signal.aborted) {
        const news = this.#log.batchSince(position);
        position = this.#log.last;
        if (news.events.length > 0) yield news;
        if (position === this.#log.last) await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      this.#wakers.delete(waker);
      signal.removeEventListener('abort', waker);
    }
  }

  /** The first look at the store only says from where changes count. */
  async #startPolling(): Promise<void> {
    this.#polling = true;
    await this.#poll();
    this.#schedule();
  }

  #schedule(): void {
    const poll = async (): Promise<void> => {
      if (this.#wakers.size === 0) {
        this.#polling = false;
        return;
      }
      await this.#poll();
      this.#schedule();
    };
    setTimeout(() => void poll(), this.#options.pollMillis ?? 1_000).unref();
  }

  async #poll(): Promise<void> {
    try {
      const now = await takeSnapshot(this.#options.store);
      for (const event of this.#seen === null ? [] : changes(this.#seen, now)) this.#log.add(event);
      this.#seen = now;
      for (const wake of this.#wakers) wake();
    } catch (error) {
      this.#options.onError(error);
    }
  }
}

/** What is watched, each with its document as text, by key. */
type Snapshot = ReadonlyMap<string, { readonly text: string; readonly event: EventJson }>;

async function takeSnapshot(store: EventFeedOptions['store']): Promise<Snapshot> {
  const [tasks, patterns, looks] = await Promise.all([
    store.listTasks({ limit: watched }),
    store.queryPatterns({ limit: watched }),
    store.readLooks(),
  ]);
  const events: readonly [string, EventJson][] = [
    ...tasks.items.map(
      (task) => [`task ${task.id}`, { type: 'task', task: taskToWire(task) }] as const,
    ),
    ...patterns.items.map(
      (pattern) =>
        [`pattern ${pattern.id}`, { type: 'pattern', pattern: patternToWire(pattern) }] as const,
    ),
    ...looks.map(
      (look) => [`look ${look.number}`, { type: 'look', look: lookToWire(look) }] as const,
    ),
  ].map(([key, event]) => [key, event]);
  return new Map(events.map(([key, event]) => [key, { text: JSON.stringify(event), event }]));
}

/** A `reset` where more has happened than is watched. */
function changes(before: Snapshot, now: Snapshot): readonly EventJson[] {
  const tasks = [...now.keys()].filter((key) => key.startsWith('task '));
  const overtaken = tasks.length === watched && !tasks.some((key) => before.has(key));
  if (overtaken) return [{ type: 'reset' }];
  return [...now].flatMap(([key, { text, event }]) =>
    before.get(key)?.text === text ? [] : [event],
  );
}
