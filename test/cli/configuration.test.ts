import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEvolution } from '../../src/index';
import {
  auditEntrySchema,
  configurationComparisonSchema,
  configurationPageSchema,
  configurationVersionSchema,
} from '../../src/wire';
import { makePattern } from '../support/make-pattern';
import { runCli } from '../support/run-cli';

const folder = mkdtempSync(join(tmpdir(), 'cli-configuration-'));
const db = `sqlite:${join(folder, 'runs.db')}`;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const cli = (...line: string[]) => runCli(['configuration', ...line, '--db', db]);
async function json(...line: string[]): Promise<unknown> {
  const { out, code } = await cli(...line, '--json');
  expect(code).toBe(0);
  return JSON.parse(out) as unknown;
}
function settings(name: string, content: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

test('versions are recorded, listed, shown, compared and restored, with an audit', async () => {
  const first = configurationVersionSchema.parse(
    await json('record', settings('1.json', { window: 'head', retries: 0 }), '--label', 'first'),
  );
  const second = configurationVersionSchema.parse(
    await json('record', settings('2.json', { retries: 0, window: 'tail', tone: 'warm' })),
  );
  // The same content, whatever the order of its keys, is the same version.
  const again = settings('3.json', { retries: 0, window: 'head' });
  expect(await json('record', again)).toMatchObject({ id: first.id, label: 'first' });
  const { items } = configurationPageSchema.parse(await json('list'));
  expect(items.map(({ id }) => id)).toEqual([second.id, first.id]);
  expect((await cli('show', first.id.slice(0, 8))).out).toContain('"window": "head"');

  const { differences } = configurationComparisonSchema.parse(
    await json('compare', first.id, second.id),
  );
  expect(differences).toEqual([
    { key: 'tone', after: 'warm' },
    { key: 'window', before: 'head', after: 'tail' },
  ]);
  expect((await cli('compare', first.id, second.id)).out).toMatch(/window +"head" +"tail"/);
  expect((await cli('compare', first.id, first.id)).err).toContain('They do not differ.');

  expect((await cli('history')).err).toContain('No version was ever put in force.');
  const restored = await cli('restore', first.id.slice(0, 8), '--why', 'slower', '--by', 'ada');
  expect(restored.out).toBe(`${first.id} is in force.\n`);
  await cli('restore', second.id, '--why', 'mended');
  const history = (await json('history')) as { items: unknown[] };
  expect(history.items.map((item) => auditEntrySchema.parse(item))).toMatchObject([
    { actor: 'ada', from: null, to: first.id, reason: 'slower' },
    { actor: 'command line', from: first.id, to: second.id, reason: 'mended' },
  ]);
  expect((await cli('list')).out).toMatch(new RegExp(`${second.id.slice(0, 12)}.* yes`));
  const evolution = await createEvolution({ databaseUrl: db });
  expect((await evolution.configurations.current())?.id).toBe(second.id);
  await evolution.close();
});

test('an adaptation leads from one version of what is in force to another', async () => {
  const levers = [
    {
      knob: 'window',
      kind: 'config',
      values: { oneOf: ['head', 'tail'] },
      initial: 'head',
    } as const,
  ];
  const evolution = await createEvolution({ databaseUrl: db, levers });
  const proposed = await evolution.adaptation.propose(
    makePattern({
      controllable: true,
      predicate: {
        text: 'config:window=tail',
        terms: [{ kind: 'config', key: 'window', op: '=', value: 'tail' }],
      },
    }),
    'ada',
  );
  await evolution.close();
  if (proposed.kind === 'refused') throw new Error(proposed.reason);
  const { fromVersionId, toVersionId } = proposed.adaptation;
  const after = configurationVersionSchema.parse(await json('show', toVersionId!));
  expect(after).toMatchObject({
    actor: 'command line', // it was there before: the second one above
    config: { retries: 0, window: 'tail', tone: 'warm' },
  });
  expect(await json('compare', fromVersionId!, toVersionId!)).toMatchObject({
    differences: [{ key: 'window', before: 'head', after: 'tail' }],
  });
});

test.each([
  ['no such file', 'none.json', /none\.json cannot be read/],
  ['no JSON', settings('bad.json', '{ window: head }'), /bad\.json must be JSON, and is not/],
  ['a list', settings('list.json', [1]), /list\.json must be a JSON object of settings/],
])('record refuses %s', async (_, file, message) => {
  const { err, code } = await cli('record', file);
  expect(err).toMatch(message);
  expect(code).not.toBe(0);
});

test('an unknown version is refused', async () => {
  const { err, code } = await cli('restore', 'ffff', '--why', 'no reason');
  expect(err).toContain('There is no configuration version "ffff".');
  expect(code).not.toBe(0);
});
