import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import type { EventJson } from '../../wire';
import type { StreamEvent } from './event-stream';
import { makeEventParser } from './event-stream';
import { authorization } from './http';

export interface Live {
  readonly state: 'live' | 'paused' | 'away';
  /** Events that came while paused. */
  readonly waiting: number;
  readonly toggle: () => void;
}

/** What is looked at of a trace to know whether it is to be read again. */
export interface LiveTrace {
  readonly taskIds: readonly string[];
  readonly totals: { readonly spans: number };
}

/** What is read again when something of a kind is new. */
const readsOf: Readonly<Record<string, readonly string[]>> = {
  task: ['/tasks', '/executions', '/traces', '/stats', 'task', 'rewards', '/spans'],
  pattern: ['/patterns', 'pattern'],
  look: ['/looks', '/patterns'],
};

/** These cost more to read: after a task has changed, not more often than every ten seconds. */
const slowReads: readonly string[] = ['/metrics', '/versions'];
const slowMillis = 10_000;

/** Larger traces are not read again while they are looked at. */
const mostSpansRead = 2_000;

/** Listens to the server and reads again what has changed, at most once in two seconds; or counts while paused. */
export function useLive(): Live {
  const client = useQueryClient();
  const [connected, setConnected] = useState(false);
  const [paused, setPaused] = useState(false);
  const [waiting, setWaiting] = useState(0);
  const slow = useRef(0);
  const readAgain = (kinds: readonly string[]): void =>
    void client.invalidateQueries({
      predicate: ({ queryKey }) => kinds.includes(String(queryKey[0])),
    });
  const refresh = (type: string): void => {
    const kinds = readsOf[type];
    if (kinds === undefined) void client.invalidateQueries();
    else readAgain(kinds);
    if (type !== 'task' || slow.current !== 0) return;
    slow.current = window.setTimeout(() => {
      slow.current = 0;
      readAgain(slowReads);
    }, slowMillis);
  };
  const onEvents = useEffectEvent((events: readonly StreamEvent[]) => {
    if (paused) return setWaiting((before) => before + events.length);
    for (const type of new Set(events.map((event) => event.type))) refresh(type);
    const tasks = changedTasks(events);
    void client.invalidateQueries({
      predicate: ({ queryKey, state }) => queryKey[0] === 'trace' && isOf(state.data, tasks),
    });
  });
  useEffect(() => {
    const end = new AbortController();
    void listenForEver(end.signal, onEvents, setConnected);
    return () => {
      end.abort();
      window.clearTimeout(slow.current);
    };
  }, []);
  const toggle = (): void => {
    setPaused(!paused);
    setWaiting(0);
    if (paused) void client.invalidateQueries();
  };
  return { state: paused ? 'paused' : connected ? 'live' : 'away', waiting, toggle };
}

function changedTasks(events: readonly StreamEvent[]): ReadonlySet<string> {
  return new Set(
    events.flatMap(({ data }) => {
      const event = JSON.parse(data) as EventJson;
      return event.type === 'task' ? [event.task.id] : [];
    }),
  );
}

/** Whether a trace, as its page holds it, is of one of the tasks, and small enough to be read again. */
function isOf(data: unknown, tasks: ReadonlySet<string>): boolean {
  const model = data as LiveTrace | undefined;
  if (model === undefined || model.totals.spans > mostSpansRead) return false;
  return model.taskIds.some((id) => tasks.has(id));
}

const pause = (millis: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, millis));

async function listenForEver(
  signal: AbortSignal,
  onEvents: (events: readonly StreamEvent[]) => void,
  setConnected: (connected: boolean) => void,
): Promise<void> {
  let lastId: string | null = null;
  while (!signal.aborted) {
    try {
      for await (const events of readEvents(lastId, signal, setConnected)) {
        lastId = events.findLast(({ id }) => id !== null)?.id ?? lastId;
        onEvents(events);
        await pause(2000);
      }
    } catch {
      // The server went away, or the page closes: the loop decides.
    }
    if (signal.aborted) return;
    setConnected(false);
    await pause(2000);
  }
}

async function* readEvents(
  lastId: string | null,
  signal: AbortSignal,
  setConnected: (connected: boolean) => void,
) {
  const headers = { ...authorization(), ...(lastId === null ? {} : { 'last-event-id': lastId }) };
  const response = await fetch('/api/v1/events', { headers, signal });
  if (!response.ok || response.body === null) return;
  setConnected(true);
  const parse = makeEventParser();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const events = parse(value);
    if (events.length > 0) yield events;
  }
}
