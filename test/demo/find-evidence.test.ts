import { findEvidence, kindOfFile, normaliseValue } from '../../src/demo/find-evidence';

const values = (...input: Parameters<typeof findEvidence>): readonly string[] =>
  findEvidence(...input).map(({ value }) => value);

const code = `#!/usr/bin/env node
import a, { b } from 'alpha/sub';
import '@scope/side-effect';
export { c } from "beta";
const d = await import('gamma');
const e = require('delta');
const f = require("node:fs"), g = require('./local'), h = require('../up');
const i = require('self/inner');
const j = require(\`epsilon\`);
`;

test('dependencies by the syntax that is looked for', () => {
  const source = { path: 'index.mjs', text: code };
  expect(values('dependencies', source, 'self', 'import')).toEqual([
    'alpha/sub',
    '@scope/side-effect',
    'beta',
    'gamma',
  ]);
  expect(values('dependencies', source, 'self', 'require')).toEqual([
    'delta',
    'node:fs',
    'epsilon',
  ]);
  expect(values('dependencies', source, 'self', 'both')).toHaveLength(7);
});

test.each([
  ['module.exports = 1;', 'require', ['cjs']],
  ['exports.a = 1;', 'both', ['cjs']],
  ['module.exports = 1;', 'import', []],
  ['export const a = 1;', 'import', ['esm']],
  ['export{a as b};', 'both', ['esm']],
  ['export const a = 1;', 'require', []],
  ["import { createRequire } from 'module';\nconst r = require('x');", 'both', ['cjs', 'esm']],
  ['// nothing to export', 'both', []],
] as const)('the module system that %j shows to %s', (text, scan, found) => {
  expect(values('module_system', { path: 'index.js', text }, 'self', scan)).toEqual(found);
  expect(values('module_system', { path: 'README.md', text }, 'self', scan)).toEqual([]);
});

test.each([
  ['LICENSE', 'The MIT License (MIT)', 'MIT'],
  ['LICENSE', 'Apache License\nVersion 2.0, January 2004', 'Apache-2.0'],
  ['license', 'Permission to use, copy, modify, and/or distribute this software', 'ISC'],
  ['LICENSE', 'Redistribution and use in source and binary forms', 'BSD-2-Clause'],
  ['LICENSE', 'Neither the name of the copyright holder', 'BSD-3-Clause'],
  ['README.md', '## License\n\nISC © Ada', 'ISC'],
  ['README.md', 'Licensed under the Apache License', 'Apache-2.0'],
])('%s with %j means %s', (path, text, licence) => {
  const [first] = values('licence', { path, text }, 'self', 'both');
  expect(normaliseValue('licence', first ?? '')).toBe(licence);
});

test('a licence named out of context is none', () => {
  expect(values('licence', { path: 'README.md', text: 'Written at MIT.' }, 'self', 'both')).toEqual(
    [],
  );
});

test.each([
  ['Copyright (c) 2014-2020 Ada Example <a@b.c> (https://b.c)', 'Ada Example'],
  ['Copyright © 2019-present, Ada Example. All rights reserved.', 'Ada Example'],
  ['MIT © [Ada Example](https://example.org)', 'Ada Example'],
  ['Copyright 2012 Ada Example and contributors', 'Ada Example'],
  [' * @author Ada Example', 'Ada Example'],
])('the author in %j is %s', (text, author) => {
  const [first] = values('author', { path: 'LICENSE', text }, 'self', 'both');
  expect(normaliseValue('author', first ?? '')).toBe(author);
});

test.each([
  ['The above copyright notice and this permission notice shall be included'],
  ['(c) You must retain, in the Source form of any Derivative Works'],
  ['the author disclaims all warranties'],
])('no author in %j', (text) => {
  expect(values('author', { path: 'LICENSE', text }, 'self', 'both')).toEqual([]);
});

test('a repository of the own name weighs more', () => {
  const text = 'https://github.com/ci/badge and git@github.com:ada/self.git';
  const found = findEvidence('repository', { path: 'README.md', text }, '@x/self', 'both');
  expect(found.map(({ value, weight }) => [normaliseValue('repository', value), weight])).toEqual([
    ['ci/badge', 1],
    ['ada/self', 3],
  ]);
});

test('commands by shebang and by example', () => {
  const shebang = '#!/usr/bin/env node\n';
  expect(values('binaries', { path: 'bin/tool.js', text: shebang }, 'self', 'both')).toEqual([
    'tool.js',
  ]);
  expect(values('binaries', { path: 'cli.js', text: shebang }, '@x/self', 'both')).toEqual([
    'self',
  ]);
  expect(values('binaries', { path: 'index.js', text: 'code' }, 'self', 'both')).toEqual([]);
  const readme = '    $ npm install self\n    $ self --help\n    $ npx other\n';
  expect(values('binaries', { path: 'README.md', text: readme }, 'self', 'both')).toEqual([
    'self',
    'other',
  ]);
});

test.each([
  ['dependencies', '@scope/name/deep/file', '@scope/name'],
  ['dependencies', 'lodash/get', 'lodash'],
  ['dependencies', 'fs/promises', null],
  ['dependencies', 'node:test', null],
  ['repository', 'git://github.com/o/n.git', 'o/n'],
  ['binaries', 'bin/tool.mjs', 'tool'],
  ['module_system', 'esm', 'esm'],
] as const)('%s: %s is %s', (type, value, normal) => {
  expect(normaliseValue(type, value)).toBe(normal);
});

test.each([
  ['README', 'readme'],
  ['docs/Readme.md', 'readme'],
  ['LICENCE.txt', 'licence'],
  ['COPYING', 'licence'],
  ['lib/a.cjs', 'code'],
  ['lib/a.d.ts', 'types'],
  ['lib/a.ts', 'code'],
  ['bin/tool', 'code'],
  ['logo.png', 'other'],
])('%s is %s', (path, kind) => {
  expect(kindOfFile(path)).toBe(kind);
});
