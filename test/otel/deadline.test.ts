import { setTimeout as sleep } from 'node:timers/promises';
import { AwakeBudget, timedOut } from '../../src/otel/deadline';

test('a freeze of an hour costs a step, not the budget', async () => {
  let now = 0;
  const budget = new AwakeBudget(10_000, () => (now += 3_600_000));
  expect(await budget.spend(sleep(100, 'done'))).toBe('done');
  expect(budget.leftMillis).toBe(9_750);
});

test('time in which the process ran is spent, and then it is over', async () => {
  const budget = new AwakeBudget(300, () => performance.now());
  expect(await budget.spend(sleep(5_000, 'late', { ref: false }))).toBe(timedOut);
  expect(budget.leftMillis).toBeLessThanOrEqual(0);
});

test('with nothing left, what fails later ended the host by an unhandled rejection', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  const spent = new AwakeBudget(0, () => 0);
  expect(await spent.spend(sleep(20).then(() => Promise.reject(new Error('away'))))).toBe(timedOut);
  await sleep(60);
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});
