import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useState } from 'react';
import { makeEventParser } from './event-stream';
import { authorization } from './http';

export interface Live {
  readonly state: 'live' | 'paused' | 'away';
  /** Events that came while paused. */
  readonly waiting: number;
  readonly toggle: () => void;
}

/** What is read again when something of a kind is new. */
const readsOf: Readonly<Record<string, readonly string[]>> = {
  task: ['/tasks', '/executions', '/traces', '/stats', 'task'],
  pattern: ['/patterns', 'pattern'],
  look: ['/looks', '/patterns'],
};

/** Listens to the server and reads again what has changed, at most once in two seconds; or counts while paused. */
export function useLive(): Live {
  const client = useQueryClient();
  const [connected, setConnected] = useState(false);
  const [paused, setPaused] = useState(false);
  const [waiting, setWaiting] = useState(0);
  const refresh = (type: string): void => {
    const kinds = readsOf[type];
    void client.invalidateQueries(
      kinds === undefined
        ? {}
        : { predicate: ({ queryKey }) => kinds.includes(String(queryKey[0])) },
    );
  };
  const onEvents = useEffectEvent((types: ReadonlySet<string>, count: number) => {
    if (paused) setWaiting((before) => before + count);
    else for (const type of types) refresh(type);
  });
  useEffect(() => {
    const end = new AbortController();
    void listenForEver(end.signal, onEvents, setConnected);
    return () => end.abort();
  }, []);
  const toggle = (): void => {
    setPaused(!paused);
    setWaiting(0);
    if (paused) void client.invalidateQueries();
  };
  return { state: paused ? 'paused' : connected ? 'live' : 'away', waiting, toggle };
}

const pause = (millis: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, millis));

async function listenForEver(
  signal: AbortSignal,
  onEvents: (types: ReadonlySet<string>, count: number) => void,
  setConnected: (connected: boolean) => void,
): Promise<void> {
  let lastId: string | null = null;
  while (!signal.aborted) {
    try {
      for await (const events of readEvents(lastId, signal, setConnected)) {
        lastId = events.findLast(({ id }) => id !== null)?.id ?? lastId;
        onEvents(new Set(events.map(({ type }) => type)), events.length);
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
