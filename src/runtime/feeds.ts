import { trace, type Span } from '@opentelemetry/api';

/** A processor or exporter of this process that brings spans into an instance. */
export interface Feed {
  /**
   * A processor sees every span from its start; what an exporter will get is known to its batcher only;
   * `own` is the instance's, for what comes by neither.
   */
  readonly kind: 'processor' | 'exporter' | 'own';
  /** Whether something waits that `rescue` would have to keep. */
  readonly pending: boolean;
  forceFlush(): Promise<void>;
  /** The same at the end of the process: spans that are open are stored as unfinished. */
  conclude(): Promise<void>;
  /** Keeps what is held in the spool, without waiting for anything. */
  rescue(): void;
  /** For those that end with the instance. */
  shutdown?(): Promise<void>;
}

type Held = Pick<Feed, 'pending' | 'forceFlush' | 'conclude' | 'rescue'>;

export function feedOf(kind: Feed['kind'], held: Held): Feed {
  return {
    kind,
    get pending() {
      return held.pending;
    },
    forceFlush: () => held.forceFlush(),
    conclude: () => held.conclude(),
    rescue: () => held.rescue(),
  };
}

/** What feeds one instance, and whether a given span reaches it. */
export interface Feeds {
  add(feed: Feed): () => void;
  readonly all: readonly Feed[];
  /** Told by the processors: this span started, this one is in the queue. */
  started(span: object): void;
  queued(span: object): void;
  /** Whether a processor saw the span that `start` started start. */
  seenStarting(start: () => Span): { readonly span: Span; readonly seen: boolean };
  /** Whether a processor has the span in its queue after `end`. */
  queuedBy(span: Span, end: () => void): boolean;
}

export function createFeeds(): Feeds {
  const all = new Set<Feed>();
  // Both happen within one call, and are looked at right after it.
  let lastStarted: object | null = null;
  let lastQueued: object | null = null;
  return {
    add(feed) {
      all.add(feed);
      return () => all.delete(feed);
    },
    get all() {
      return [...all];
    },
    started(span) {
      lastStarted = span;
    },
    queued(span) {
      lastQueued = span;
    },
    seenStarting(start) {
      lastStarted = null;
      const span = start();
      const seen = lastStarted === span;
      lastStarted = null;
      return { span, seen };
    },
    queuedBy(span, end) {
      lastQueued = null;
      end();
      const queued = lastQueued === span;
      lastQueued = null;
      return queued;
    },
  };
}

/** A provider's flush waits for every exporter it has, also for those that are not ours. */
const PROVIDER_FLUSH_MILLIS = 2_000;

/** Everything that is on its way into the instance is stored, or in the spool. Never rejects. */
export async function closeFeeds(feeds: Feeds): Promise<void> {
  if (feeds.all.some(({ kind }) => kind === 'exporter')) await flushApplication();
  await Promise.all(
    feeds.all.map(async (feed) => {
      if (feed.shutdown !== undefined) return feed.shutdown();
      // Why it could not is said by the feed itself.
      await feed.forceFlush().catch(() => feed.rescue());
    }),
  );
}

/** The batches of the application's own processors are out of our sight: its provider empties them. */
async function flushApplication(): Promise<void> {
  const proxy = trace.getTracerProvider() as { getDelegate?(): unknown };
  const provider = (proxy.getDelegate?.() ?? proxy) as { forceFlush?(): Promise<void> };
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PROVIDER_FLUSH_MILLIS);
  });
  await Promise.race([Promise.allSettled([provider.forceFlush?.()]), timeUp]);
  clearTimeout(timer);
}
