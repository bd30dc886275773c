import type { RecordingStore } from '../model/evolution';
import type { EventJson } from '../wire';
import { lookToWire, patternToWire, taskToWire } from '../wire';

export interface FeedEvent {
  /** For `Last-Event-ID`. */
  readonly id: string;
  readonly event: EventJson;
}

export interface EventFeed {
  /**
   * What happens from now on; with the id of an event seen last, what happened since then comes first, or
   * `reset` where that is not known any more. Ends when the signal aborts.
   */
  listen(lastEventId: string | null, signal: AbortSignal): AsyncIterable<FeedEvent>;
}

export interface EventFeedOptions {
  readonly store: Pick<RecordingStore, 'listTasks' | 'queryPatterns' | 'readLooks'>;
  /** Told of a poll that failed; the next one tries again. */
  readonly onError: (error: unknown) => void;
  /** Names this run of the process: ids of another run mean a reset. */
  readonly epoch: string;
  /** @defaultValue 1,000 */
  readonly pollMillis?: number;
}

/** Events kept for listeners that come back. */
const keptEvents = 1_000;
/** Newest tasks and patterns that are watched for changes. */
const watched = 200;

/**
 * New and changed tasks, patterns and looks, for any number of listeners from one poll of the store (other
 * processes write, too). Nothing is polled while nobody listens.
 */
export function createEventFeed(options: EventFeedOptions): EventFeed {
  const history: FeedEvent[] = [];
  const wakers = new Set<() => void>();
  let number = 0;
  let timer: NodeJS.Timeout | null = null;
  let seen: Seen | null = null;

  const publish = (event: EventJson): void => {
    number += 1;
    history.push({ id: `${options.epoch}-${number}`, event });
    if (history.length > keptEvents) history.shift();
  };
  const poll = async (): Promise<void> => {
    try {
      const now = await observe(options.store);
      if (seen !== null) for (const event of changes(seen, now)) publish(event);
      seen = now;
      for (const wake of wakers) wake();
    } catch (error) {
      options.onError(error);
    }
    schedule();
  };
  const schedule = (): void => {
    timer = wakers.size === 0 ? null : setTimeout(() => void poll(), options.pollMillis ?? 1_000);
    timer?.unref();
    if (timer === null) seen = null;
  };

  return {
    async *listen(lastEventId, signal) {
      let wake = (): void => {};
      const waker = (): void => wake();
      signal.addEventListener('abort', waker, { once: true });
      let next = positionAfter(lastEventId);
      wakers.add(waker);
      if (timer === null) schedule();
      try {
        if (lastEventId !== null && next === null) {
          yield { id: `${options.epoch}-${number}`, event: { type: 'reset' } };
        }
        next ??= number;
        while (!signal.aborted) {
          if (next < number - history.length) {
            yield { id: `${options.epoch}-${number}`, event: { type: 'reset' } };
            next = number;
          }
          for (const event of history.slice(history.length - (number - next))) yield event;
          next = number;
          await new Promise<void>((resolve) => (wake = resolve));
        }
      } finally {
        wakers.delete(waker);
        signal.removeEventListener('abort', waker);
      }
    },
  };

  function positionAfter(lastEventId: string | null): number | null {
    const [epoch, text = ''] = lastEventId?.split('-') ?? [];
    const position = Number(text);
    const known = epoch === options.epoch && /^\d+$/.test(text) && position <= number;
    return known && position >= number - history.length ? position : null;
  }
}

/** The documents that are watched, as text, by key. */
interface Seen {
  readonly events: ReadonlyMap<string, { readonly text: string; readonly event: EventJson }>;
}

async function observe(store: EventFeedOptions['store']): Promise<Seen> {
  const [tasks, patterns, looks] = await Promise.all([
    store.listTasks({ limit: watched }),
    store.queryPatterns({ limit: watched }),
    store.readLooks(),
  ]);
  const events: [string, EventJson][] = [
    ...tasks.items.map((task): [string, EventJson] => [
      `task ${task.id}`,
      { type: 'task', task: taskToWire(task) },
    ]),
    ...patterns.items.map((pattern): [string, EventJson] => [
      `pattern ${pattern.id}`,
      { type: 'pattern', pattern: patternToWire(pattern) },
    ]),
    ...looks.map((look): [string, EventJson] => [
      `look ${look.number}`,
      { type: 'look', look: lookToWire(look) },
    ]),
  ];
  return {
    events: new Map(events.map(([key, event]) => [key, { text: JSON.stringify(event), event }])),
  };
}

function* changes(before: Seen, now: Seen): Generator<EventJson> {
  for (const [key, { text, event }] of now.events) {
    if (before.events.get(key)?.text !== text) yield event;
  }
}
