import { findTask, findTraceId, openStore, readAllPages } from '../../src/runtime';
import type { RecordingStore } from '../../src/runtime';
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
