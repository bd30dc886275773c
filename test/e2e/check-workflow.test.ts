import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeProgramFolder } from '../support/packed-library';
import { runCli } from '../support/run-cli';
import { newFolder, runNode } from '../support/run-program';

// The commands of examples/check/workflow.yml, as they are printed there.

const example = resolve(__dirname, '../../examples/check');
const commands = [
  ...readFileSync(join(example, 'workflow.yml'), 'utf8').matchAll(/run: (.+)/g),
].map(([, command]) => command!.split(' '));
let programs: Awaited<ReturnType<typeof makeProgramFolder>>;
const folder = newFolder();
const before = process.env.EVOLUTION_DB_URL;

beforeAll(async () => {
  process.env.EVOLUTION_DB_URL = `sqlite:${join(folder, 'evolution.db')}`;
  programs = await makeProgramFolder();
  cpSync(example, programs.folder, { recursive: true });
  for (const [program, file, ...args] of commands.filter(([name]) => name === 'node')) {
    const ended = await runNode([join(programs.folder, file!), ...args], { cwd: folder });
    expect([program, ended.code, ended.stderr]).toEqual(['node', 0, '']);
  }
}, 60_000);
afterAll(() => {
  if (before === undefined) delete process.env.EVOLUTION_DB_URL;
  else process.env.EVOLUTION_DB_URL = before;
  programs.remove();
});

/** The check of the workflow, with what a test must say otherwise. */
function check(change: (line: readonly string[]) => readonly string[]) {
  const line = commands.find(([, name]) => name === 'otel-evolution')!.slice(2);
  const junit = join(folder, 'check.xml');
  return runCli([...change(line.map((word) => (word === 'check.xml' ? junit : word)))]);
}

test('the workflow names its commands', () => {
  expect(commands.map(([program, name]) => `${program} ${name}`)).toEqual([
    'npm ci',
    'node evaluate.mjs',
    'node evaluate.mjs',
    'npx otel-evolution',
  ]);
});

test('a proven regression ends with 8, and JUnit says so', async () => {
  const { out, code } = await check((line) => line);
  expect(out).toMatch(/^Success fell by more than 3\.0 points: −?-?50\.0 points \[/);
  expect(code).toBe(8);
  expect(existsSync(join(folder, 'check.xml'))).toBe(true);
  expect(readFileSync(join(folder, 'check.xml'), 'utf8')).toContain('failures="1"');
});

test('the other way round it passes', async () => {
  const swap = (word: string): string =>
    word.includes('=first') ? word.replace('first', 'last') : word.replace('=last', '=first');
  const { out, code } = await check((line) => line.map(swap));
  expect(out).toMatch(/^No regression beyond 3\.0 points: 50\.0 points \[/);
  expect(code).toBe(0);
});
