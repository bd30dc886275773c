import type { QuestionType } from '../../src/demo/evaluate';
import type { Knobs } from '../../src/demo/knobs';
import { answerQuestion } from '../../src/demo/package-agent';
import { createPackageTools, type PackageTools } from '../../src/demo/package-tools';
import { makeInstalledRoot, smallRoot } from './make-packages';

const installed = makeInstalledRoot({
  ...smallRoot,
  'typed/package.json': { name: 'typed', version: '1.0.0' },
  'typed/index.d.ts': "import { A } from '@types/alpha';\nexport const a: A;\n",
  'many/package.json': { name: 'many', version: '1.0.0' },
  ...Object.fromEntries(
    Array.from({ length: 50 }, (_, i) => [`many/lib/part-${i}.js`, `require('dep-${i}');\n`]),
  ),
});
afterAll(installed.remove);

const best: Knobs = {
  window: 'whole',
  scan: 'both',
  first_file: 'code',
  effort: 'verify',
  normalise: 'yes',
  greeting: 'hello',
};

interface Run {
  readonly answer: readonly string[];
  /** `read_file index.js ok`, in order. */
  readonly calls: readonly string[];
}

async function ask(type: QuestionType, name: string, knobs: Partial<Knobs> = {}): Promise<Run> {
  const tools = createPackageTools(`${installed.root}/${name}`);
  const calls: string[] = [];
  const noted: PackageTools = {
    async listFiles(folder) {
      const result = await tools.listFiles(folder);
      calls.push(`list_files ${folder} ${result.status}`);
      return result;
    },
    async readFile(path, window) {
      const result = await tools.readFile(path, window);
      calls.push(`read_file ${path} ${result.status}`);
      return result;
    },
    async search(text) {
      const result = await tools.search(text);
      calls.push(`search ${text} ${result.status}`);
      return result;
    },
  };
  const question = { type, text: 'not read by this agent', packageName: name };
  return { answer: await answerQuestion(question, { ...best, ...knobs }, noted), calls };
}

test.each([
  ['dependencies', 'alpha', ['lodash', '@scope/delta']],
  ['dependencies', 'beta', ['yallist']],
  ['dependencies', 'gamma', ['yallist']],
  ['dependencies', 'typed', ['@types/alpha']],
  ['module_system', 'alpha', ['cjs']],
  ['module_system', 'beta', ['esm']],
  ['module_system', 'gamma', ['dual']],
  ['licence', 'alpha', ['MIT']],
  ['licence', 'beta', ['ISC']],
  ['licence', 'gamma', []],
  ['author', 'alpha', ['Ada Example']],
  ['author', 'beta', ['Bo Example']],
  ['repository', 'alpha', ['example/alpha']],
  ['binaries', 'alpha', ['alpha']],
] as const)('with its best settings it knows %s of %s', async (type, name, answer) => {
  expect((await ask(type, name)).answer).toEqual(answer);
});

test('the settings do what they say', async () => {
  expect((await ask('dependencies', 'beta', { scan: 'require' })).answer).toEqual([]);
  expect((await ask('dependencies', 'alpha', { scan: 'import' })).answer).toEqual([]);
  expect((await ask('dependencies', 'alpha', { normalise: 'no' })).answer).toEqual([
    'node:fs',
    'lodash/get',
    '@scope/delta',
  ]);
  const licence = { first_file: 'licence' } as const;
  expect((await ask('author', 'alpha', { ...licence, window: 'head' })).answer).toEqual([
    'Ada Example',
  ]);
  const tail = await ask('author', 'alpha', { ...licence, window: 'tail', effort: 'stop_early' });
  expect(tail.answer).toEqual([]);
});

test('it stops early, or looks on', async () => {
  const early = await ask('dependencies', 'many', { effort: 'stop_early' });
  const whole = await ask('dependencies', 'many', { effort: 'verify' });
  expect(early.answer).toHaveLength(2);
  expect(whole.answer).toHaveLength(32);
  expect(early.calls.length).toBeLessThan(whole.calls.length);
});

test('it tries usual names, then looks around, and searches only when there is nothing to read', async () => {
  expect((await ask('licence', 'beta', { first_file: 'readme' })).calls.slice(0, 5)).toEqual([
    'read_file README.md missing',
    'read_file LICENSE missing',
    'read_file LICENSE.md missing',
    'list_files . ok',
    'read_file license ok',
  ]);
  expect((await ask('licence', 'gamma')).calls.at(-1)).toBe('search license ok');
  expect((await ask('licence', 'alpha')).calls.join()).not.toContain('search');
});

test('the greeting changes neither an answer nor a call', async () => {
  for (const type of ['dependencies', 'licence', 'repository'] as const) {
    for (const effort of ['stop_early', 'verify'] as const) {
      const hello = await ask(type, 'alpha', { effort, greeting: 'hello' });
      expect(await ask(type, 'alpha', { effort, greeting: 'good_day' })).toEqual(hello);
    }
  }
});

test('it never asks for what is forbidden', async () => {
  for (const type of ['dependencies', 'module_system', 'binaries'] as const) {
    const { calls } = await ask(type, 'alpha');
    expect(calls.join()).not.toMatch(/refused|package\.json|node_modules/);
  }
});
