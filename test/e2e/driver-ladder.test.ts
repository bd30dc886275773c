import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { makeProgramFolder } from '../support/packed-library';
import { newFolder, runNode } from '../support/run-program';

const root = resolve(__dirname, '../..');
let programs: Awaited<ReturnType<typeof makeProgramFolder>>;

// Outside of the project, so that only the drivers are there that a test installs.
beforeAll(async () => {
  programs = await makeProgramFolder(newFolder());
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const name of ['@opentelemetry/api', ...Object.keys(dependencies)]) install(name);
});
afterAll(() => programs.remove());

function install(name: string): void {
  const path = join(programs.folder, 'node_modules', name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(join(root, 'node_modules', name), path);
}

/** Prints the driver, or the message and the remedy. */
async function run(env: Record<string, string> = {}, cwd = newFolder()) {
  const file = join(programs.folder, 'program.mjs');
  writeFileSync(
    file,
    `import { createEvolution } from 'otel-evolution';
     try {
       const evolution = await createEvolution({ databaseUrl: 'sqlite:./ladder.db' });
       await evolution.tracker.withTask({ id: 't' }, () => evolution.tracker.withExecution(async () => {}));
       await evolution.close();
       console.log(evolution.store.driver);
     } catch (error) {
       console.log(error.code + ': ' + error.message);
       console.log(error.hint);
     }`,
  );
  const { stdout } = await runNode([file], { cwd, env });
  return stdout;
}

// Node 22.13 and later bring one.
const bringsOne = Number(process.versions.node.split('.')[0]) >= 22;

// In this order: each test installs one more.
describe('what opens a SQLite file', () => {
  test('nothing is installed', async () => {
    if (bringsOne) return expect(await run()).toBe('node:sqlite\n');
    const told = await run({ npm_config_user_agent: '' });
    expect(told).toMatch(/^driver_missing: No driver for SQLite can be loaded\. sqlite3: /);
    expect(told).toContain('node:sqlite: comes with Node 22.13 and later');
    expect(told).toContain(
      'Run: npm install sqlite3@6 — or, without a compiler: npm install libsql',
    );
  });

  test.each([
    ['npm/11.0.0 node/v20', '', 'npm rebuild sqlite3'],
    [
      'pnpm/10.2.0 npm/? node/v20',
      '',
      'pnpm add --allow-build=sqlite3 sqlite3@6 && pnpm rebuild sqlite3',
    ],
    ['yarn/1.22.22 npm/? node/v20', '', 'npm rebuild sqlite3'],
    [
      '',
      'yarn.lock',
      'npm pkg set dependenciesMeta.sqlite3.built=true --json && yarn rebuild sqlite3',
    ],
    ['', 'pnpm-lock.yaml', 'pnpm add --allow-build=sqlite3 sqlite3@6 && pnpm rebuild sqlite3'],
    ['', 'bun.lock', 'bun pm trust sqlite3'],
  ])('sqlite3 is there but not built, as %s %s leaves it', async (agent, lockFile, command) => {
    const unbuilt = join(programs.folder, 'node_modules', 'sqlite3');
    const source = join(root, 'node_modules', 'sqlite3');
    cpSync(source, unbuilt, { recursive: true, filter: (path) => !/\/(build|deps)$/.test(path) });
    for (const name of ['bindings', 'file-uri-to-path']) {
      const path = join(programs.folder, 'node_modules', name);
      cpSync(join(root, 'node_modules', name), path, { recursive: true });
    }
    const cwd = newFolder();
    if (lockFile !== '') writeFileSync(join(cwd, lockFile), '');
    const env = { npm_config_user_agent: agent, EVOLUTION_SQLITE_DRIVER: 'sqlite3' };
    const told = await run(env, cwd);
    expect(told).toMatch(/^driver_missing: .*bindings file/);
    expect(told).toContain(`Run: ${command} — or`);
  });

  test('libsql is installed: it is taken, or asked for by name', async () => {
    for (const name of ['libsql', '@libsql', '@neon-rs', 'detect-libc']) install(name);
    expect(await run()).toBe(bringsOne ? 'node:sqlite\n' : 'libsql\n');
    expect(await run({ EVOLUTION_SQLITE_DRIVER: 'libsql' })).toBe('libsql\n');
  });

  test('a driver made for a later Node is left out before it is loaded', async () => {
    // Loading the binary of the real one, where it was made for a later Node, ends the process as well.
    const folder = join(programs.folder, 'node_modules', 'better-sqlite3');
    mkdirSync(folder);
    const made = { name: 'better-sqlite3', version: '99.0.0', engines: { node: '>=99' } };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(made));
    writeFileSync(join(folder, 'index.js'), 'process.abort();');
    const told = await run({ EVOLUTION_SQLITE_DRIVER: 'better-sqlite3' });
    expect(told).toContain('better-sqlite3: needs Node 99 or later');
  });

  test('a driver that nobody knows is passed over', async () => {
    expect(await run({ EVOLUTION_SQLITE_DRIVER: 'sqlite' })).toBe(
      bringsOne ? 'node:sqlite\n' : 'libsql\n',
    );
  });
});
