import { RefusalLog } from '../../src/api';
import type { HealthJson } from '../../src/wire';
import { startApi } from '../support/api';

let now = 0n;
const clock = { nowUnixNano: () => (now += 1n) };

test('reasons that differ in numbers and quoted texts are one, the latest told first', () => {
  const log = new RefusalLog(clock);
  log.add('traces', 'the span id is missing', 3);
  log.add('traces', 'a tag of 600 characters: "aaa"');
  log.add('traces', 'a tag of 700 characters: "bbb 7"', 2);
  log.add('logs', 'the span id is missing');
  expect(log.read().map(({ source, reason, count }) => [source, reason, count])).toEqual([
    ['logs', 'the span id is missing', 1],
    ['traces', 'a tag of 700 characters: "bbb 7"', 3],
    ['traces', 'the span id is missing', 3],
  ]);
});

test('whoever invents reasons fills no memory, and nothing goes uncounted', () => {
  const log = new RefusalLog(clock);
  const letters = [...'abcdefghijklmnopqrstuvwxyz'];
  for (const a of letters) for (const b of letters) log.add('api', `${a}${b}`.repeat(1000));
  const entries = log.read();
  expect(entries.length).toBeLessThanOrEqual(101);
  expect(Math.max(...entries.map(({ reason }) => reason.length))).toBe(300);
  expect(entries.reduce((sum, { count }) => sum + count, 0)).toBe(26 * 26);
});

test('what the API does not take is told by /health, with its reason', async () => {
  const served = await startApi();
  const spans = [{ name: 7 }, { name: 8 }];
  await served.call('POST', '/api/v1/spans/batch', { body: { spans } });
  await served.call('POST', '/api/v1/spans', { body: { start_time: 1_700_000_000_000 } });
  await served.call('GET', '/api/v1/spans?nonsense=1');
  const { refused } = (await (await served.call('GET', '/api/v1/health')).json()) as HealthJson;
  expect(refused.map(({ source, count }) => [source, count])).toEqual([
    ['api', 1],
    ['api', 2],
  ]);
  expect(refused[0]!.reason).toContain('start_time');
  await served.close();
});
