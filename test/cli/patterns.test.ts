import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEvolution } from '../../src';
import { exitCodes } from '../../src/cli/exit-codes';
import { makePattern } from '../support/make-pattern';
import { runCli } from '../support/run-cli';

const folder = mkdtempSync(join(tmpdir(), 'cli-patterns-'));
const db = `sqlite:${join(folder, 'patterns.db')}`;
const ids = ['aa11', 'bb22', 'cc33'];

beforeAll(async () => {
  const evolution = await createEvolution({ databaseUrl: db });
  for (const [i, id] of ids.entries()) {
    // Settings are shown before behaviours, whatever is surer.
    const controllable = i === 0;
    await evolution.store.storePattern(
      makePattern({
        id,
        confidence: 0.9 + i / 100,
        controllable,
        predicate: { text: id, terms: [] },
      }),
    );
  }
  await evolution.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const listed = async (...options: string[]): Promise<string[]> => {
  const { out } = await runCli(['patterns', '--db', db, '--json', ...options]);
  return (JSON.parse(out) as { patterns: { id: string }[] }).patterns.map(({ id }) => id);
};

test('wrong today 11: --limit 1 is the first row of --limit 3, in JSON and in text', async () => {
  const three = await listed('--limit', '3');
  expect(await listed('--limit', '1')).toEqual(three.slice(0, 1));
  const rows = async (limit: string): Promise<string[]> => {
    const { out } = await runCli(['patterns', '--db', db, '--limit', limit]);
    return out.split('\n').filter((line) => /^[▲▼]/.test(line));
  };
  expect(await rows('3')).toHaveLength(3);
  expect(await rows('1')).toEqual((await rows('3')).slice(0, 1));
});

test('a finding is marked with who and why, leaves the list, and stays in the ledger', async () => {
  const mark = [
    'patterns',
    'mark',
    'bb',
    '--as',
    'resolved',
    '--why',
    'fixed in 1.2',
    '--by',
    'Ada',
  ];
  const marked = await runCli([...mark, '--db', db, '--json']);
  expect(JSON.parse(marked.out)).toMatchObject({
    id: 'bb22',
    life: { state: 'resolved', why: 'fixed in 1.2', by: 'Ada' },
  });
  expect(await listed()).toEqual(['cc33', 'aa11']);
  expect(await listed('--closed')).toEqual(['cc33', 'bb22', 'aa11']);
  expect(await listed('--all')).toEqual(['cc33', 'bb22', 'aa11']);
  const { out } = await runCli(['ledger', '--db', db, '--json']);
  expect(JSON.parse(out)).toMatchObject({
    items: [{ test: 'mark', pattern_id: 'bb22', life: { by: 'Ada', why: 'fixed in 1.2' } }],
  });
  const shown = await runCli(['patterns', 'explain', 'bb22', '--db', db]);
  expect(shown.out).toMatch(/life +resolved, \d{4}-\d\d-\d\d, Ada: fixed in 1\.2/);
});

test('a mark without a reason, of an unknown kind or pattern is refused and says what to do', async () => {
  const mark = (...options: string[]) =>
    runCli(['patterns', 'mark', 'aa11', '--db', db, ...options]);
  expect((await mark('--as', 'resolved')).code).toBe(exitCodes.badArgument);
  const empty = await mark('--as', 'resolved', '--why', ' ');
  expect(empty.code).toBe(exitCodes.badArgument);
  expect(empty.err).toContain('A mark needs a reason');
  expect((await mark('--as', 'done', '--why', 'x')).code).toBe(exitCodes.badArgument);
  const unknown = await runCli([
    'patterns',
    'mark',
    'zz',
    '--db',
    db,
    '--as',
    'resolved',
    '--why',
    'x',
  ]);
  expect(unknown.err).toContain('There is no pattern zz');
});

test('a relative change is told in per cent, where points would be of nothing', async () => {
  const evolution = await createEvolution({ databaseUrl: db });
  await evolution.store.storePattern(
    makePattern({
      id: 'dd44',
      type: 'optimization',
      dimension: 'cost_usd',
      predicate: { text: 'cheap', terms: [] },
      effect: {
        measure: 'relative_change',
        estimate: -0.333,
        interval: { lower: -0.352, upper: -0.314 },
        level: 0.95,
        adjusted: true,
      },
    }),
  );
  await evolution.close();
  const list = await runCli(['patterns', '--db', db, '--type', 'optimization']);
  expect(list.out).toContain('▼ cheap');
  expect(list.out).toContain('−33.3 % [−35.2, −31.4]');
  const one = await runCli(['patterns', 'explain', 'dd44', '--db', db]);
  expect(one.out).toContain('−33.3 %, 95');
  expect(one.out).not.toContain('−33.3 points');
});

test('the evidence for a finding is drawn over its looks, from the second on', async () => {
  const evolution = await createEvolution({ databaseUrl: db });
  const pattern = makePattern({ id: 'ee55', predicate: { text: 'grows', terms: [] } });
  for (const [i, pValue] of [0.02, 1e-4, 1e-12].entries()) {
    await evolution.store.recordLook(
      {
        ...{ number: i + 1, atUnixNano: BigInt(i), units: 250 * 2 ** i, alpha: 0.03 },
        ...{ candidates: 1, tested: 1, promoted: 1, settings: {} },
      },
      [pattern],
      [
        {
          ...{ look: i + 1, patternId: 'ee55', predicate: 'grows', dimension: 'reward' },
          ...{ strata: 'task', pValue, qValue: pValue, estimate: 0.2, status: 'observed' },
          ...{ reason: null, finding: null },
        },
      ],
    );
  }
  await evolution.close();
  const { out } = await runCli(['patterns', '--db', db]);
  expect(out).toContain('evidence by look ▂▅█');
  expect(out.match(/evidence by look/g)).toHaveLength(1);
});
