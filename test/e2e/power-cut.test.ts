import { filesAfterCut, readWriteLog } from '../support/power-cut/write-log';

const hex = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
const folder = '/data';
const wal = `20<${hex('/data/x.db-wal')}>`;
const random = (): number => 0.1; // what no sync covers is missing

// `bench -- power-cut` replays such logs.
test('a sync that another line interrupts is a sync, and covers what was written before it began', () => {
  const events = readWriteLog(
    [
      `7 pwrite64(${wal}, "${hex('kept')}", 4, 0) = 4`,
      `7 fdatasync(${wal} <unfinished ...>`,
      `7 pwrite64(21<${hex('/other')}>, "${hex('x')}", 1, 0) = 1`,
      `8 pwrite64(${wal}, "${hex('lost')}", 4, 4) = 4`,
      `7 <... fdatasync resumed>)           = 0`,
      `6 write(1<${hex('pipe:[1]')}>, "${hex('ack 1\n')}", 6) = 6`,
    ],
    folder,
  );
  expect(events.map(({ kind }) => kind)).toEqual(['write', 'write', 'sync', 'said']);
  const files = filesAfterCut(events, events.length, random);
  expect(files.get('/data/x.db-wal')?.toString()).toBe('kept');
});

test('where no sync is done, what was acknowledged is lost', () => {
  const events = readWriteLog(
    [
      `7 pwrite64(${wal}, "${hex('kept')}", 4, 0) = 4`,
      `6 write(1<${hex('pipe:[1]')}>, "${hex('ack 1\n')}", 6) = 6`,
    ],
    folder,
  );
  expect(filesAfterCut(events, events.length, random).size).toBe(0);
});
