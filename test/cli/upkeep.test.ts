import { existsSync, mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../src/store';
import { type PruneJson, pruneSchema } from '../../src/wire';
import { makeMeaning } from '../support/make-meaning';
import { attributes, makeSpan, spanId, traceId } from '../support/make-span';
import { runCli } from '../support/run-cli';

const start = 1_700_000_000_000_000_000n;
const day = 86_400_000_000_000n;

/** Three closed runs, a day apart, of users 1 to 3. */
async function threeRuns(): Promise<{ readonly db: string; readonly file: string }> {
  const file = join(mkdtempSync(join(tmpdir(), 'evolution-upkeep-')), 'test.db');
  const db = `sqlite:${file}`;
  const store = await openStore(db);
  await store.write({
    spans: [1, 2, 3].map((number) => ({
      span: makeSpan({
        traceId: traceId(number),
        spanId: spanId(1),
        startTimeUnixNano: start + BigInt(number) * day,
        endTimeUnixNano: start + BigInt(number) * day + 1n,
        attributes: attributes({ 'user.id': `user-${number}` }),
      }),
      meaning: makeMeaning({ role: 'agent', taskId: `t${number}`, sessionId: `s${number}` }),
    })),
    rewards: [],
  });
  await store.closeExecutions({ nowUnixNano: start + 99n * day, rule: 'ended' });
  await store.close();
  return { db, file };
}

function documentOf(out: string): PruneJson {
  const document: unknown = JSON.parse(out);
  const known = pruneSchema.parse(document);
  expect(known).toEqual(document);
  return known;
}

describe('prune', () => {
  test('a dry run counts, and what is removed is removed', async () => {
    const { db } = await threeRuns();
    const line = ['prune', '--db', db, '--older-than', '2023-11-17', '--json'];
    const dry = await runCli([...line, '--dry-run']);
    expect(dry.code).toBe(0);
    const counted = { by: 'age', traces: 2, spans: 2, executions: 0 };
    expect(documentOf(dry.out)).toEqual({
      dry_run: true,
      removed: [counted],
      reclaimed: null,
    });
    const done = await runCli(line);
    expect(documentOf(done.out)).toMatchObject({
      dry_run: false,
      removed: [counted],
      reclaimed: { how: 'pages' },
    });
    const { out } = await runCli(['stats', '--db', db, '--json']);
    expect(JSON.parse(out)).toMatchObject({ spans: 1, executions: 3 });
  });

  test.each([[['--task', 't2']], [['--session', 's2']], [['--user', 'user-2']]])(
    '%j goes whole',
    async (what) => {
      const { db } = await threeRuns();
      const { code, out } = await runCli(['prune', '--db', db, ...what]);
      expect(code).toBe(0);
      expect(out).toContain('1 traces · 1 spans · 1 executions with their records');
      expect(out).toMatch(/size: [\d.]+ [MK]B → [\d.]+ [MK]B/);
      const tasks = await runCli(['tasks', '--db', db, '--json']);
      const { items } = JSON.parse(tasks.out) as { items: { id: string }[] };
      expect(items.map(({ id }) => id).sort()).toEqual(['t1', 't3']);
    },
  );

  test('age and size in one line', async () => {
    const { db } = await threeRuns();
    const line = ['prune', '--db', db, '--older-than', '2023-11-16', '--max-size', '1B', '--json'];
    const { out } = await runCli(line);
    expect(documentOf(out).removed).toMatchObject([
      { by: 'age', spans: 1 },
      { by: 'size', spans: 2 },
    ]);
  });

  test('a file that was made without incremental vacuum is written anew, and says so', async () => {
    const { db, file } = await threeRuns();
    const store = await openStore(db);
    await store.close();
    const { Database } = await import('sqlite3');
    await new Promise<void>((resolve, reject) => {
      const raw = new Database(file, () => {
        raw.exec('PRAGMA journal_mode = DELETE; PRAGMA auto_vacuum = 0; VACUUM;', (error) => {
          raw.close();
          if (error) reject(error);
          else resolve();
        });
      });
    });
    const { out, err } = await runCli(['prune', '--db', db, '--max-size', '1B']);
    expect(out).toContain('removed by size: 3 traces');
    expect(err).toContain('written anew (VACUUM)');
    const again = await runCli(['prune', '--db', db, '--max-size', '1B']);
    expect(again.err).not.toContain('VACUUM');
  });

  test.each([
    [[], 'Nothing says what to remove'],
    [['--max-size', 'big'], '"big" is no size such as 500MB'],
    [['--older-than', 'soon'], '"soon" is no time'],
  ])('%j is a bad argument', async (what, advice) => {
    const { code, err } = await runCli(['prune', ...what]);
    expect(code).toBe(3);
    expect(err).toContain(advice);
  });

  test('a database that is not there is named and not made', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'evolution-upkeep-')), 'none.db');
    const { code, err } = await runCli(['prune', '--db', `sqlite:${file}`, '--task', 't']);
    expect(code).toBe(5);
    expect(err).toContain('There is no database');
    expect(existsSync(file)).toBe(false);
  });
});

describe('backup', () => {
  test('copies a database for its owner only, and never over a file', async () => {
    const { db, file } = await threeRuns();
    const copy = `${file}.copy`;
    const { code, out } = await runCli(['backup', copy, '--db', db, '--json']);
    expect([code, JSON.parse(out)]).toEqual([0, { file: copy }]);
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    const stats = await runCli(['stats', '--db', `sqlite:${copy}`, '--json']);
    expect(JSON.parse(stats.out)).toMatchObject({ spans: 3 });
    const again = await runCli(['backup', copy, '--db', db]);
    expect(again.code).toBe(3);
    expect(again.err).toContain('exists already');
    const nowhere = await runCli(['backup', '/nonexistent/folder/copy.db', '--db', db]);
    expect(nowhere.code).toBe(3);
    expect(nowhere.err).toContain('Check that its folder exists');
  });

  test('for Postgres it names the command, without the password', async () => {
    const db = 'postgres://anna:hunter2@db.example:5433/traces?schema=evo&sslmode=require';
    const { code, err } = await runCli(['backup', 'copy of today.dump', '--db', db]);
    expect(code).toBe(3);
    expect(err).toContain(
      "pg_dump --format=custom --schema=evo --file='copy of today.dump' 'postgres://anna@db.example:5433/traces?sslmode=require'",
    );
    expect(err).not.toContain('hunter2');
  });
});
