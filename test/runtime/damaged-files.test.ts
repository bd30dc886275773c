import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from 'sqlite3';
import { diagnose } from '../../src/runtime';
import { openStore } from '../../src/store';
import { runCli } from '../support/run-cli';
import { makeMeaning } from '../support/make-meaning';
import { attributes, makeSpan, spanId, traceId } from '../support/make-span';

let healthy: string;
let contents: string;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'evolution-damage-'));
  healthy = join(folder, 'healthy.db');
  const store = await openStore(`sqlite:${healthy}`);
  await store.write({
    spans: Array.from({ length: 600 }, (_, number) => ({
      span: makeSpan({
        traceId: traceId(Math.floor(number / 3) + 1),
        spanId: spanId((number % 3) + 1),
        parentSpanId: number % 3 === 0 ? null : spanId(1),
        attributes: attributes({ note: `about ${'some words '.repeat(20)}`, number }),
      }),
      meaning: makeMeaning({
        role: 'agent',
        taskId: `t${number % 7}`,
        tags: [`tag-${number % 5}`],
      }),
    })),
    rewards: [],
  });
  await store.closeExecutions({ nowUnixNano: 4_000_000_000_000_000_000n, rule: 'ended' });
  await store.reclaim();
  await store.close();
  contents = (await dump(healthy))!;
});

/** Everything that can be read, row by row; `null` where reading fails. */
async function dump(file: string): Promise<string | null> {
  const database = new Database(file);
  const all = (sql: string): Promise<Record<string, unknown>[]> =>
    new Promise((resolve, reject) =>
      database.all<Record<string, unknown>>(sql, (error, rows) =>
        error ? reject(error) : resolve(rows),
      ),
    );
  try {
    const tables = await all(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`);
    const parts = [JSON.stringify(await all('SELECT sql FROM sqlite_schema'))];
    for (const { name } of tables) {
      parts.push(JSON.stringify(await all(`SELECT * FROM "${String(name)}" ORDER BY rowid`)));
    }
    return parts.join('\n');
  } catch {
    return null;
  } finally {
    await new Promise<void>((resolve) => database.close(() => resolve()));
  }
}

function damaged(name: string, damage: (bytes: Buffer) => void): string {
  const file = join(folder, `${name}.db`);
  const bytes = readFileSync(healthy);
  damage(bytes);
  writeFileSync(file, bytes);
  return file;
}

async function verdict(file: string): Promise<{ readonly ok: boolean; readonly detail: string }> {
  const checks = await diagnose({ databaseUrl: `sqlite:${file}` });
  const bad = checks.find(({ ok }) => !ok);
  return { ok: bad === undefined, detail: `${bad?.detail ?? ''} ${bad?.hint ?? ''}` };
}

test('a healthy file passes, and every page and row was looked at', async () => {
  // `doctor` writes a row, so it looks at a copy.
  const file = damaged('none', () => {});
  const checks = await diagnose({ databaseUrl: `sqlite:${file}` });
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(checks.find(({ name }) => name === 'damage')?.detail).toBe('none in any page or row');
});

const places = 24;

test.each(Array.from({ length: places }, (_, place) => place))(
  'garbage at %i of 24 places is found',
  async (place) => {
    const { size } = statSync(healthy);
    const at = Math.floor((size * (place + 0.5)) / places);
    let seed = 7 + place;
    const file = damaged(`garbage-${place}`, (bytes) => {
      for (let index = at; index < at + 512; index += 1) {
        seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
        bytes[index] = seed >> 8;
      }
    });
    // What changes nothing that is read, such as an unused part of a page, need not be found.
    const harmless = (await dump(file)) === contents;
    const { ok, detail } = await verdict(file);
    if (harmless && ok) return;
    expect([ok, detail]).toEqual([false, expect.stringContaining('.recover') as string]);
    expect(detail).not.toContain('try again');
  },
);

test.each([0.25, 0.5, 0.9])('a file cut to %f of its length is found', async (share) => {
  const file = join(folder, `cut-${share}.db`);
  copyFileSync(healthy, file);
  truncateSync(file, Math.floor((statSync(healthy).size * share) / 8_192) * 8_192);
  expect(await verdict(file)).toMatchObject({ ok: false });
});

test('a file that is no database, or has lost its head, is named with its repair, never "try again"', async () => {
  const text = join(folder, 'notes.txt');
  writeFileSync(text, 'These are my notes, and no database. '.repeat(300));
  const headless = damaged('headless', (bytes) => bytes.fill(0xff, 0, 100));
  for (const file of [text, headless]) {
    for (const command of [['tasks'], ['import', '/dev/null'], ['migrate', 'status']]) {
      const { code, err } = await runCli([...command, '--db', `sqlite:${file}`]);
      expect([command, code]).toEqual([command, 5]);
      expect(err).toContain('The file is no SQLite database');
      expect(err).toContain(file);
      expect(err).toContain('.recover');
      expect(err).not.toMatch(/try again/i);
    }
    expect((await verdict(file)).ok).toBe(false);
  }
  expect(readFileSync(text, 'utf8').startsWith('These are my notes')).toBe(true);
});

test('damage that a command runs into is told with the file and its repair', async () => {
  const file = damaged('tables', (bytes) => bytes.fill(0xaa, 8_192 * 2));
  const { code, err } = await runCli(['tasks', '--db', `sqlite:${file}`]);
  expect(code).toBe(5);
  expect(err).toContain('The database file is damaged.');
  expect(err).toContain(file);
  expect(err).toContain('.recover');
});
