import type { Feed } from './feeds';

/** A signal that has to wait longer than this is the reason for a `kill -9`. */
const FLUSH_MILLIS = 1_800;
const signals = ['SIGTERM', 'SIGINT'] as const;
type Signal = (typeof signals)[number];

// One set of listeners for the process, although the CommonJS and the ESM copy of this package, or two
// versions of it, may both be loaded: two would each take the other for the application's own.
const key = Symbol.for('otel-evolution/1 process end');
interface ProcessEnd {
  readonly feeds: Set<Feed>;
  /** Whichever copy listens: the last feed to go may be another's. */
  removeListeners: () => void;
}
const shared = globalThis as { [key]?: ProcessEnd };

/**
 * Keeps what a feed holds when the process ends, in whatever way: a return and signals wait up to 1.8 s for
 * the database; `process.exit`, an uncaught exception and what is still held after a wait go to the spool.
 * Exit code and signal stay what they are: a signal is raised again when nobody else listens to it.
 *
 * @returns Takes the feed out again; with the last one the listeners go.
 */
export function keepAtProcessEnd(feed: Feed): () => void {
  const end = (shared[key] ??= { feeds: new Set(), removeListeners: () => {} });
  if (end.feeds.size === 0) end.removeListeners = listen();
  end.feeds.add(feed);
  return () => {
    if (end.feeds.delete(feed) && end.feeds.size === 0) end.removeListeners();
  };
}

/** Returns what takes the listeners out again. */
function listen(): () => void {
  const raised = new Set<Signal>();
  const onBeforeExit = (): void => {
    if (feeds().some(({ pending }) => pending)) void conclude();
  };
  const conclude = async (): Promise<void> => {
    const inTime = await wait('conclude');
    rescueAll();
    // An exporter that goes on trying would keep a process alive that had nothing left to do.
    if (!inTime && process.listenerCount('beforeExit') === 1) process.exit();
  };
  const onSignal = (signal: Signal): void => {
    if (process.listenerCount(signal) > 1) {
      void wait('forceFlush'); // the application decides when to end, and `exit` keeps what is left
      return;
    }
    const raiseAgain = (): void => {
      rescueAll();
      removeListeners();
      process.kill(process.pid, signal);
    };
    if (raised.has(signal)) return raiseAgain(); // somebody is impatient
    raised.add(signal);
    void wait('conclude').finally(raiseAgain);
  };
  process.on('beforeExit', onBeforeExit);
  process.on('exit', rescueAll);
  for (const signal of signals) process.on(signal, onSignal);
  function removeListeners(): void {
    process.off('beforeExit', onBeforeExit);
    process.off('exit', rescueAll);
    for (const signal of signals) process.off(signal, onSignal);
  }
  return removeListeners;
}

function feeds(): readonly Feed[] {
  return [...(shared[key]?.feeds ?? [])];
}

/** Whether all were done in time. Never rejects: what could not be written is still held. */
async function wait(how: 'forceFlush' | 'conclude'): Promise<boolean> {
  const flushed = Promise.allSettled(feeds().map((feed) => feed[how]())).then(() => true);
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), FLUSH_MILLIS);
  });
  const inTime = await Promise.race([flushed, timeUp]);
  clearTimeout(timer);
  return inTime;
}

function rescueAll(): void {
  for (const feed of feeds()) feed.rescue();
}
