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
