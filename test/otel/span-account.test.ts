import * as fs from 'node:fs';
import { SpanAccount } from '../../src/otel/span-account';

jest.mock('node:fs', () => ({ ...jest.requireActual<typeof fs>('node:fs'), writeSync: jest.fn() }));

const lines = (): string[] =>
  jest.mocked(fs.writeSync).mock.calls.map((call) => String(call[1]).trim());

test('drops after the first within a minute were never reported: they are told when it is over', () => {
  jest.useFakeTimers();
  const account = new SpanAccount('test_processor', undefined);
  account.addDropped(2, 'queue_full');
  account.addDropped(3, 'queue_full');
  jest.advanceTimersByTime(1_000);
  expect(lines()).toEqual(['otel-evolution: 5 span(s) lost by test_processor (queue_full 5)']);
  jest.advanceTimersByTime(10_000);
  account.addDropped(4, 'queue_full');
  account.addDropped(1, 'timeout');
  jest.advanceTimersByTime(30_000);
  expect(lines()).toHaveLength(1);
  jest.advanceTimersByTime(30_000);
  expect(lines()[1]).toBe(
    'otel-evolution: 5 span(s) lost by test_processor (queue_full 4, timeout 1)',
  );
  jest.useRealTimers();
});
