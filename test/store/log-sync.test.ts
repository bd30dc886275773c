import fs, { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../src/store';
import { traceId } from '../support/make-span';
import { waitFor } from '../support/wait-for';
import { interpreted } from './contract/harness';

const folder = mkdtempSync(join(tmpdir(), 'otel-evolution-log-'));
const file = join(folder, 'log.db');
const one = (number: number) => ({
  spans: [interpreted({ traceId: traceId(number) }, { role: 'agent' })],
  rewards: [],
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a write is told when it is synced; the next transaction runs meanwhile, and the sync under way does not cover it', async () => {
  const store = await openStore(`sqlite:${file}`);
  await store.write(one(1));
  const held: (() => void)[] = [];
  jest.spyOn(fs, 'fdatasync').mockImplementation((_, done) => {
    held.push(() => done(null));
  });
  const told: number[] = [];
  const write = (number: number): Promise<unknown> =>
    store.write(one(number)).then(() => told.push(number));
  const writes = [write(2)];
  await waitFor('the first sync', () => Promise.resolve(held.length === 1));
  writes.push(write(3));
  // A read sees what is committed.
  await waitFor('the next commit', async () => (await store.getTrace(traceId(3))).length === 1);
  expect([told, held.length]).toEqual([[], 1]);
  held[0]!();
  await waitFor('the second sync', () => Promise.resolve(held.length === 2));
  expect(told).toEqual([2]);
  held[1]!();
  await Promise.all(writes);
  expect(told).toEqual([2, 3]);
  jest.restoreAllMocks();
  await store.close();
});

test('after a sync that failed nothing is told before the log is copied, since the next sync would succeed without it', async () => {
  const store = await openStore(`sqlite:${file}`);
  // Names of operations are listed in a transaction of their own, before the first span of a day.
  await store.write(one(8));
  const failure = Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });
  jest.spyOn(fs, 'fdatasync').mockImplementationOnce((_, done) => done(failure));
  await expect(store.write(one(4))).rejects.toThrow('The disk of the database failed to write.');
  await store.write(one(5));
  // Without the log, which holds the fifth alone by now.
  const copied = join(folder, 'copied.db');
  copyFileSync(file, copied);
  await store.close();
  const alone = await openStore(`sqlite:${copied}`);
  expect(await alone.getTrace(traceId(4))).toHaveLength(1);
  await alone.close();
});
