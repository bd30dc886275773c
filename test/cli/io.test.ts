import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { resolve } from 'node:path';

/** Writes 200 pieces that each fill the pipe, in a process of its own. */
const writer = `
  const { processIo } = require('./src/cli/io');
  void (async () => {
    const io = processIo();
    let written = 0;
    while (written < 200 && (await io.write('x'.repeat(100000)))) written += 1;
    io.note('written ' + written);
  })();
`;

function startWriter() {
  const child = spawn(process.execPath, ['-r', 'esbuild-register', '-e', writer], {
    cwd: resolve(__dirname, '../..'),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { child, notes: text(child.stderr), exit: once(child, 'exit') };
}

test('a reader that goes is no failure, and ends the writing', async () => {
  const { child, notes, exit } = startWriter();
  await once(child.stdout, 'data');
  child.stdout.destroy();
  expect(await exit).toEqual([0, null]);
  expect(await notes).toMatch(/^written 1?\d\d?\n$/);
});

test('a slow reader gets everything, and no listener is left behind', async () => {
  const { child, notes, exit } = startWriter();
  expect((await text(child.stdout)).length).toBe(200 * 100_000);
  await exit;
  expect(await notes).toBe('written 200\n');
});

test('what was piped was coloured where the environment says CI or FORCE_COLOR', async () => {
  const program = `const io = require('./src/cli/io').processIo(); void io.write(io.colors.red('x')); io.note(io.noteColors.red('y'));`;
  const child = spawn(process.execPath, ['-r', 'esbuild-register', '-e', program], {
    cwd: resolve(__dirname, '../..'),
    env: { ...process.env, CI: 'true', FORCE_COLOR: '1', NO_COLOR: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const notes = text(child.stderr);
  expect(await text(child.stdout)).toBe('x');
  expect(await notes).toBe('y\n');
});
