import { evaluateAnswer, readModuleSystem, readTruth } from '../../src/demo/evaluate';
import { findPackages } from '../../src/demo/installed-packages';
import { makeInstalledRoot, smallRoot } from './make-packages';

const manifest = { name: '@scope/tool', version: '1.0.0' };

test.each([
  [['a', 'b'], ['a', 'b'], 1],
  [['a', 'b'], ['b'], 2 / 3],
  [['a', 'b'], ['b', 'c', 'd'], 0.4],
  [['a'], [], 0],
  [['a'], ['b'], 0],
  [['a'], ['a', 'a'], 1],
  [['MIT'], ['mit'], 1],
  [['MIT'], ['The MIT License'], 1],
  [['MIT'], ['MIT', 'ISC'], 2 / 3],
])('%j answered by %j is worth %d', (truth, answer, accuracy) => {
  expect(evaluateAnswer(truth, answer)).toBeCloseTo(accuracy, 12);
});

test.each([
  [{}, 'cjs'],
  [{ type: 'module' }, 'esm'],
  [{ main: './lib' }, 'cjs'],
  [{ main: 'index.mjs' }, 'esm'],
  [{ main: 'a.js', module: 'a.esm.js' }, 'dual'],
  [{ exports: './index.js', type: 'module' }, 'esm'],
  [{ exports: { import: './a.js', require: './a.cjs' } }, 'dual'],
  [{ exports: { '.': { import: './a.mjs' }, './package.json': './package.json' } }, 'esm'],
  [{ exports: { '.': { types: './a.d.ts', default: './a.js' } } }, 'cjs'],
  [{ exports: { '.': { import: { types: './a.d.mts', default: './a.js' } } } }, 'esm'],
  [{ exports: { '.': [{ import: './a.mjs' }, './a.cjs'] } }, 'dual'],
  [{ main: '', exports: null }, null],
  [{ main: 'index.d.ts' }, null],
  [{ main: 7 }, null],
])('the module system of %j is %s', (fields, system) => {
  expect(readModuleSystem({ ...manifest, ...fields })).toBe(system);
});

test.each([
  ['dependencies', { dependencies: { a: '1', b: '2' } }, ['a', 'b']],
  ['dependencies', { dependencies: {} }, null],
  ['dependencies', { dependencies: 'a' }, null],
  ['licence', { license: 'BSD-3-Clause' }, ['BSD-3-Clause']],
  ['licence', { license: '(MIT OR CC0-1.0)' }, null],
  ['licence', { license: { type: 'MIT' } }, null],
  ['repository', { repository: 'git+https://github.com/o/n.js.git' }, ['o/n.js']],
  ['repository', { repository: { url: 'git@github.com:o/n.git' } }, ['o/n']],
  ['repository', { repository: 'github:o/n' }, ['o/n']],
  ['repository', { repository: 'o/n' }, ['o/n']],
  ['repository', { repository: 'https://gitlab.com/o/n' }, null],
  ['author', { author: 'Ada B <a@b.c> (https://b.c)' }, ['Ada B']],
  ['author', { author: { name: 'Ada B', email: 'a@b.c' } }, ['Ada B']],
  ['author', { author: ['Ada'] }, null],
  ['binaries', { bin: './cli.js' }, ['tool']],
  ['binaries', { bin: { x: './x.js', y: './y.js' } }, ['x', 'y']],
  ['binaries', {}, null],
] as const)('the right %s of %j', (type, fields, truth) => {
  expect(readTruth({ ...manifest, ...fields }, type)).toEqual(truth);
});

describe('installed packages', () => {
  const installed = makeInstalledRoot({
    ...smallRoot,
    'beta/node_modules/inner/package.json': { name: 'inner', version: '2.0.0' },
  });
  afterAll(installed.remove);

  test('nested and scoped ones are found, copies counted and taken once', async () => {
    const { found, packages } = await findPackages(installed.root);
    expect(packages.map(({ name, version }) => `${name}@${version}`)).toEqual([
      '@scope/delta@1.0.0',
      'alpha@1.0.0',
      'beta@1.0.0',
      'gamma@1.0.0',
      'inner@2.0.0',
    ]);
    expect(found).toBe(6);
  });

  test('a folder that does not exist holds none', async () => {
    expect(await findPackages(`${installed.root}/nowhere`)).toEqual({ found: 0, packages: [] });
  });
});
