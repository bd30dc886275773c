import fc from 'fast-check';

import { createPackageTools, WINDOW_BYTES, type ToolResult } from '../../src/demo/package-tools';
import { makeInstalledRoot } from './make-packages';

const secret = 'TOP-SECRET';
const installed = makeInstalledRoot({
  'outside.txt': `${secret} outside`,
  'alpha-neighbour/index.js': `${secret} of a folder whose name starts alike`,
  'alpha/package.json': { name: 'alpha', secret },
  'alpha/dist/package.json': { secret },
  'alpha/package-lock.json': { secret },
  'alpha/yarn.lock': secret,
  'alpha/pnpm-lock.yaml': secret,
  'alpha/npm-shrinkwrap.json': { secret },
  'alpha/node_modules/inner/index.js': `// ${secret}`,
  'alpha/index.js': 'head'.repeat(WINDOW_BYTES) + 'TAIL',
  'alpha/lib/a.js': "const one = require('one');\nmodule.exports = one;\n",
  'alpha/README.md': '# Alpha\nOne line.\n',
});
installed.link('../outside.txt', 'alpha/link.txt');
installed.link('..', 'alpha/up');
installed.link('package.json', 'alpha/manifest.txt');
installed.link('node_modules', 'alpha/vendored');
installed.link('lib', 'alpha/code');
afterAll(installed.remove);

const tools = createPackageTools(`${installed.root}/alpha`);

function textOf(result: ToolResult): string {
  if (result.status !== 'ok') throw new Error(`${result.status}: ${result.reason}`);
  return result.text;
}

test('a file by head, tail and whole, with the bytes that were read', async () => {
  const whole = await tools.readFile('index.js', 'whole');
  expect(whole).toMatchObject({ status: 'ok', bytesRead: 4 * WINDOW_BYTES + 4 });
  const head = await tools.readFile('index.js', 'head');
  expect(head).toEqual({
    status: 'ok',
    text: 'head'.repeat(WINDOW_BYTES / 4),
    bytesRead: WINDOW_BYTES,
  });
  const tail = await tools.readFile('./index.js', 'tail');
  expect(tail.bytesRead).toBe(WINDOW_BYTES);
  expect(textOf(tail)).toMatch(/headTAIL$/);
});

test('a listing names files and folders, but nothing forbidden and no link', async () => {
  const listing = await tools.listFiles('.');
  expect(textOf(listing).split('\n')).toEqual(['README.md', 'dist/', 'index.js', 'lib/']);
  expect(listing.bytesRead).toBe(textOf(listing).length);
  expect(textOf(await tools.listFiles('dist'))).toBe('');
});

test('a search gives path, line and text, in any case, and counts every byte it went through', async () => {
  const result = await tools.search('REQUIRE(');
  expect(textOf(result)).toBe("lib/a.js:1: const one = require('one');");
  expect(result.bytesRead).toBeGreaterThan(4 * WINDOW_BYTES);
  expect(textOf(await tools.search(secret))).toBe('');
  expect((await tools.search('')).status).toBe('refused');
});

test.each([
  ['package.json'],
  ['./package.json'],
  ['lib/../package.json'],
  ['PACKAGE.JSON'],
  ['Package.json'],
  ['pac\u212Aage.json'],
  ['ｐackage.json'],
  ['package.json.'],
  ['package.json '],
  ['dist/package.json'],
  ['package-lock.json'],
  ['yarn.lock'],
  ['pnpm-lock.yaml'],
  ['npm-shrinkwrap.json'],
  ['node_modules/inner/index.js'],
  ['Node_Modules/inner/index.js'],
  ['lib/../node_modules/inner/index.js'],
  ['manifest.txt'],
  ['vendored/inner/index.js'],
  ['../outside.txt'],
  ['lib/../../outside.txt'],
  ['../alpha-neighbour/index.js'],
  ['../alpha/package.json'],
  ['link.txt'],
  ['up/outside.txt'],
  ['up/alpha/index.js/../../outside.txt'],
  [`${installed.root}/outside.txt`],
  [`${installed.root}/alpha/index.js`],
  ['..\\outside.txt'],
  ['index.js\0.txt'],
  ['/etc/passwd'],
])('refuses %j', async (path) => {
  expect(await tools.readFile(path, 'whole')).toMatchObject({ status: 'refused', bytesRead: 0 });
});

test.each([
  ['%2e%2e/outside.txt'],
  ['package%2ejson'],
  ['nothing.js'],
  ['lib'],
  ['..%2foutside.txt'],
])('finds nothing under %j', async (path) => {
  expect(await tools.readFile(path, 'whole')).toMatchObject({ status: 'missing', bytesRead: 0 });
});

test.each([['..'], ['node_modules'], ['vendored'], ['up'], ['/']])(
  'lists no %j',
  async (folder) => {
    expect((await tools.listFiles(folder)).status).toBe('refused');
  },
);

test('a link that stays inside is followed', async () => {
  expect(textOf(await tools.readFile('code/a.js', 'head'))).toContain("require('one')");
});

test('no path whatsoever reaches a secret', async () => {
  const part = fc.constantFrom(
    ...['..', '.', '', 'alpha', 'dist', 'lib', 'up', 'code', 'vendored', 'inner', 'node_modules'],
    ...['package.json', 'PACKAGE.JSON', 'manifest.txt', 'link.txt', 'outside.txt', 'yarn.lock'],
    ...['index.js', '%2e%2e', '..\\', '~', installed.root],
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 6 }), async (parts) => {
      const path = parts.join('/');
      const results = [
        await tools.readFile(path, 'whole'),
        await tools.readFile(path, 'tail'),
        await tools.listFiles(path),
      ];
      for (const result of results) expect(JSON.stringify(result)).not.toContain(secret);
    }),
    { numRuns: 300 },
  );
});
