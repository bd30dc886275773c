import { EventFeed } from '../../src/api/event-feed';
import type { FeedEvent } from '../../src/api/event-log';
import { eventSchema } from '../../src/wire';
import { startApi, type TestApi } from '../support/api';
import { expectDocument } from '../support/expect-document';
import { makePattern } from '../support/make-pattern';

let served: TestApi;

beforeEach(async () => {
  served = await startApi();
});

afterEach(() => served.close());

function makeFeed(epoch = 'now'): EventFeed {
  return new EventFeed({
    store: served.evolution.store,
    onError: (error) => served.errors.push(error),
    epoch,
    pollMillis: 20,
  });
}

/** The next events, as many as are asked for. */
async function take(events: AsyncGenerator<FeedEvent>, count: number): Promise<FeedEvent[]> {
  const taken: FeedEvent[] = [];
  for (let i = 0; i < count; i += 1) {
    const next = await events.next();
    if (next.done !== true) taken.push(next.value);
  }
  return taken;
}

test('new and changed tasks, and patterns, come as they are stored', async () => {
  const { store } = served.evolution;
  await store.createTask({ id: 'old' });
  const ending = new AbortController();
  const events = makeFeed().listen(null, ending.signal);
  const first = take(events, 2);
  await new Promise((resolve) => setTimeout(resolve, 60));
  await store.createTask({ id: 'new' });
  await store.storePattern(makePattern());
  expect((await first).map(({ event }) => event.type).sort()).toEqual(['pattern', 'task']);
  const next = take(events, 1);
  await store.updateTask('old', { tags: ['seen'] });
  const [changed] = await next;
  expect(changed!.event).toMatchObject({ type: 'task', task: { id: 'old', tags: ['seen'] } });
  expectDocument(eventSchema, changed!.event);
  ending.abort();
  expect(await events.next()).toMatchObject({ done: true });
});

test('who comes back with the last id misses nothing, whoever listened meanwhile', async () => {
  const { store } = served.evolution;
  const feed = makeFeed();
  const ending = new AbortController();
  const first = feed.listen(null, ending.signal);
  const one = take(first, 1);
  await new Promise((resolve) => setTimeout(resolve, 60));
  await store.createTask({ id: 'a' });
  const [seen] = await one;
  ending.abort();
  await first.return(undefined);
  await store.createTask({ id: 'b' });
  const again = feed.listen(seen!.id, new AbortController().signal);
  const [missed] = await take(again, 1);
  expect(missed!.event).toMatchObject({ type: 'task', task: { id: 'b' } });
});

test.each(['then-3', 'now-99', 'nonsense', ''])(
  'an id that this process did not give, "%s", is a reset',
  async (id) => {
    const [event] = await take(makeFeed().listen(id, new AbortController().signal), 1);
    expect(event!.event).toEqual({ type: 'reset' });
  },
);

test('more new tasks than are watched are a reset, not a gap', async () => {
  const { store } = served.evolution;
  const feed = makeFeed();
  const ending = new AbortController();
  const first = feed.listen(null, ending.signal);
  const one = take(first, 1);
  await new Promise((resolve) => setTimeout(resolve, 60));
  await store.createTask({ id: 'before' });
  const [seen] = await one;
  ending.abort();
  await first.return(undefined);
  await new Promise((resolve) => setTimeout(resolve, 60)); // nobody polls any more
  for (let i = 0; i < 200; i += 1) await store.createTask({ id: `t-${i}` });
  const [event] = await take(feed.listen(seen!.id, new AbortController().signal), 1);
  expect(event!.event).toEqual({ type: 'reset' });
});

test('over HTTP: server-sent events with ids', async () => {
  const answer = await served.call('GET', '/api/v1/events');
  expect(answer.headers.get('content-type')).toBe('text/event-stream');
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  expect(decoder.decode((await reader.read()).value)).toBe(': listening\n\n');
  const pending = reader.read();
  await new Promise((resolve) => setTimeout(resolve, 100));
  await served.evolution.store.createTask({ id: 'x' });
  const text = decoder.decode((await pending).value);
  expect(text).toMatch(/^id: [0-9a-f]{8}-1\nevent: task\ndata: \{.*"id":"x".*\}\n\n$/);
  await reader.cancel();
});

test('over HTTP: Last-Event-ID brings what was missed', async () => {
  const decoder = new TextDecoder();
  const open = async (headers: Record<string, string>) => {
    const answer = await served.call('GET', '/api/v1/events', { headers });
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    await reader.read(); // ': listening'
    return reader;
  };
  const first = await open({});
  const pending = first.read();
  await new Promise((resolve) => setTimeout(resolve, 100));
  await served.evolution.store.createTask({ id: 'x' });
  const [, id = ''] = /^id: (\S+)$/m.exec(decoder.decode((await pending).value)) ?? [];
  await first.cancel();
  await served.evolution.store.createTask({ id: 'missed' });
  const again = await open({ 'last-event-id': id });
  expect(decoder.decode((await again.read()).value)).toContain('"id":"missed"');
  await again.cancel();
});
