import { setTimeout as sleep } from 'node:timers/promises';

import { runConcurrently } from '../../src/demo/run-concurrently';

test('works in order, never more at a time than allowed', async () => {
  let running = 0;
  let most = 0;
  const started: number[] = [];
  const items = Array.from({ length: 20 }, (_, i) => i);
  await runConcurrently(items, 4, undefined, async (item) => {
    started.push(item);
    running += 1;
    most = Math.max(most, running);
    await sleep(item % 3);
    running -= 1;
  });
  expect(started).toEqual(items);
  expect(most).toBe(4);
  expect(running).toBe(0);
});

test('an error ends it, after what was under way', async () => {
  const done: number[] = [];
  const work = runConcurrently([0, 1, 2, 3, 4, 5], 2, undefined, async (item) => {
    if (item === 1) throw new Error('item 1');
    await sleep(10);
    done.push(item);
  });
  await expect(work).rejects.toThrow('item 1');
  expect(done).toEqual([0]);
});
