import {
  findReward,
  findSpan,
  findTask,
  findTraceId,
  openStore,
  readAllPages,
} from '../../src/runtime';
import type { RecordingStore } from '../../src/runtime';
import { makeReward } from '../store/make-reward';
import { attributes, makeSpan, traceId } from '../support/make-span';

let store: RecordingStore;

beforeEach(async () => {
  store = await openStore('sqlite::memory:');
});
afterEach(() => store.close());

test('a task is found by the first characters of its id, as a pattern is', async () => {
  for (const id of ['ticket-17', 'ticket-18', 'order-1']) await store.createTask({ id });
  expect((await findTask(store, 'ord')).id).toBe('order-1');
  expect((await findTask(store, 'ticket-17')).id).toBe('ticket-17');
  await expect(findTask(store, 'ticket')).rejects.toMatchObject({ code: 'ambiguous' });
  await expect(findTask(store, 'nothing')).rejects.toMatchObject({ code: 'not_found' });
  await expect(findTask(store, '')).rejects.toMatchObject({ code: 'argument_invalid' });
});

test('a trace likewise', async () => {
  const id = 'abcdef'.padEnd(32, '0');
  await store.recordSpan(makeSpan({ traceId: id }));
  expect(await findTraceId(store, 'abcd')).toBe(id);
  expect(await findTraceId(store, id)).toBe(id);
  await expect(findTraceId(store, 'ffff')).rejects.toMatchObject({ code: 'not_found' });
});

test('a span and a reward likewise', async () => {
  const traceIds = ['a'.padEnd(32, '1'), 'b'.padEnd(32, '1')];
  const spanIds = ['12ab'.padEnd(16, '0'), '12cd'.padEnd(16, '0')];
  for (const traceId of traceIds) {
    for (const spanId of spanIds) await store.recordSpan(makeSpan({ traceId, spanId }));
  }
  expect(await findSpan(store, 'a:12a')).toMatchObject({
    traceId: traceIds[0],
    spanId: spanIds[0],
  });
  expect(await findSpan(store, `${traceIds[1]}:${spanIds[1]}`)).toMatchObject({
    traceId: traceIds[1],
  });
  await expect(findSpan(store, 'a:12')).rejects.toMatchObject({ code: 'ambiguous' });
  await expect(findSpan(store, '12a')).rejects.toMatchObject({ code: 'ambiguous' }); // two traces
  await expect(findSpan(store, 'a:')).rejects.toMatchObject({ code: 'argument_invalid' });
  await expect(findSpan(store, 'a:9')).rejects.toMatchObject({ code: 'not_found' });

  for (const id of ['r-17', 'r-18']) await store.recordReward(makeReward({ id }));
  expect((await findReward(store, 'r-17')).id).toBe('r-17');
  await expect(findReward(store, 'r-1')).rejects.toMatchObject({ code: 'ambiguous' });
  await expect(findReward(store, '')).rejects.toMatchObject({ code: 'argument_invalid' });
});

test('a task with more than 1,000 runs has all of them', async () => {
  const taskId = 'many';
  await store.recordSpanBatch(
    Array.from({ length: 1_050 }, (_, n) =>
      makeSpan({
        traceId: traceId(n + 1),
        attributes: attributes({
          'gen_ai.operation.name': 'invoke_agent',
          'task.id': taskId,
          'execution.id': `run-${n}`,
        }),
      }),
    ),
  );
  const runs = await readAllPages((page) => store.listExecutions({ taskId, ...page }));
  expect(new Set(runs.map(({ id }) => id)).size).toBe(1_050);
});
