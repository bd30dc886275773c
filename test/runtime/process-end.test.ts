import type { Feed } from '../../src/runtime/feeds';
import { keepAtProcessEnd } from '../../src/runtime/process-end';

// The time is that of fake timers: a signal that has to wait longer than two seconds is the reason for a `kill -9`.
beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const hanging = () => {
  const rescued: number[] = [];
  const never = (): Promise<never> => new Promise(() => {});
  const feed: Feed = {
    kind: 'processor',
    pending: true,
    forceFlush: never,
    conclude: never,
    rescue: () => void rescued.push(performance.now()),
  };
  return { feed, rescued };
};

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s waits two seconds at most for a database that hangs, then what is held is kept, and the signal raised again',
  async (signal) => {
    const raised: unknown[] = [];
    const kill = jest.spyOn(process, 'kill').mockImplementation((_, by) => {
      raised.push(by);
      return true;
    });
    const { feed, rescued } = hanging();
    const leave = keepAtProcessEnd(feed);
    const began = performance.now();
    process.emit(signal, signal);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(rescued).toEqual([]);
    for (let n = 0; n < 100 && raised.length === 0; n += 1) await jest.advanceTimersByTimeAsync(10);
    expect(rescued[0]! - began).toBeLessThanOrEqual(2_000);
    expect(raised).toEqual([signal]);
    expect(process.listenerCount(signal)).toBe(0); // else it would not end the process
    leave();
    kill.mockRestore();
  },
);

test('whoever sends the signal twice does not wait', () => {
  const kill = jest.spyOn(process, 'kill').mockReturnValue(true);
  const { feed, rescued } = hanging();
  const leave = keepAtProcessEnd(feed);
  process.emit('SIGTERM', 'SIGTERM');
  expect(rescued).toHaveLength(0);
  process.emit('SIGTERM', 'SIGTERM');
  expect(rescued).toHaveLength(1);
  expect(kill).toHaveBeenCalledTimes(1);
  leave();
  kill.mockRestore();
});

test('a return that finds a database that hangs ends the process after two seconds at most', async () => {
  const exit = jest.spyOn(process, 'exit').mockReturnValue(undefined as never);
  const { feed, rescued } = hanging();
  const leave = keepAtProcessEnd(feed);
  const other = process.listeners('beforeExit').length;
  process.emit('beforeExit', 0);
  await jest.advanceTimersByTimeAsync(2_000);
  expect(rescued).toHaveLength(1);
  expect(exit).toHaveBeenCalledTimes(other === 1 ? 1 : 0);
  leave();
  exit.mockRestore();
});
