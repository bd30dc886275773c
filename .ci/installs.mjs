// usage: node .ci/installs.mjs TARBALL FOLDER
// The package installed by npm, pnpm and both kinds of yarn, with install scripts and without. With them, what a program
// says is stored is stored. Without them no driver may be there: then the message names the command for this package
// manager, and that command, typed as it stands, mends it.
import { execSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [tarball, folder] = process.argv.slice(2);
const packages = `${tarball} @opentelemetry/api@1.9.1`;
const [major, minor] = process.versions.node.split('.').map(Number);
/** Then a driver comes with Node, and nothing is missing. */
const bringsOne = major > 22 || (major === 22 && minor >= 13);

const managers = {
  npm: {
    with: `npm install --prefer-offline --no-audit --no-fund ${packages}`,
    without: `npm install --prefer-offline --no-audit --no-fund --ignore-scripts ${packages}`,
  },
  'pnpm 10': {
    version: 'pnpm@10.34.9',
    with: `pnpm add --prefer-offline --allow-build=sqlite3 ${packages}`,
    // What pnpm does unless it is told otherwise.
    without: `pnpm add --prefer-offline ${packages}`,
  },
  'pnpm 12': {
    version: 'pnpm@12.21.0',
    with: `pnpm add --prefer-offline --allow-build=sqlite3 ${packages}`,
    // Without the option it fails: it asks for an answer.
    without: `pnpm add --prefer-offline --ignore-scripts ${packages}`,
  },
  'yarn 1': {
    version: 'yarn@1.22.22',
    with: `yarn add --prefer-offline ${packages}`,
    without: `yarn add --prefer-offline --ignore-scripts ${packages}`,
  },
  'yarn 4': {
    version: '@yarnpkg/cli-dist@4.18.1',
    with: `npm pkg set dependenciesMeta.sqlite3.built=true --json && yarn add ${packages.replace(tarball, `otel-evolution@file:${tarball}`)}`,
    // What it does unless it is told otherwise.
    without: `yarn add ${packages.replace(tarball, `otel-evolution@file:${tarball}`)}`,
  },
};

const program = `
import { createEvolution } from 'otel-evolution';
try {
  const evolution = await createEvolution({ databaseUrl: 'sqlite:./installed.db' });
  const { tracker, store } = evolution;
  await tracker.withTask({ id: 'ticket-17' }, () => tracker.withExecution(async () => {}));
  await evolution.close();
  console.log('stored, it says, by ' + store.driver);
} catch (error) {
  console.log(error.code);
  console.log(error.hint);
}`;

for (const [name, manager] of Object.entries(managers)) {
  for (const scripts of ['with', 'without']) {
    const began = Date.now();
    const place = join(folder, `${name.replace(' ', '-')}-${scripts}`);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'package.json'), '{ "private": true, "type": "module" }');
    writeFileSync(join(place, 'program.mjs'), program);
    if (name === 'yarn 4') writeFileSync(join(place, 'yarn.lock'), '');
    writeFileSync(join(place, '.yarnrc.yml'), 'nodeLinker: node-modules\nenableTelemetry: false\n');
    type(place, manager, manager[scripts]);
    let said = run(place);
    if (scripts === 'without' && !bringsOne) {
      const command = /^Run: (.*?) — or/m.exec(said)?.[1];
      if (!said.startsWith('driver_missing') || command === undefined) {
        throw new Error(`${name} ${scripts} install scripts said: ${said}`);
      }
      type(place, manager, command);
      said = `${run(place).trim()}, after: ${command}`;
    }
    if (!said.startsWith('stored')) throw new Error(`${name} ${scripts} scripts said: ${said}`);
    const cli = join('node_modules', 'otel-evolution', 'dist', 'cli.mjs');
    const stats = type(place, manager, `node ${cli} stats --db sqlite:./installed.db --json`);
    const { tasks, executions } = JSON.parse(stats);
    if (tasks !== 1 || executions !== 1) throw new Error(`${name}: stored are ${stats}`);
    const seconds = Math.round((Date.now() - began) / 1_000);
    console.log(`${name}, ${scripts} install scripts: ${said.trim()} (${seconds} s)`);
  }
}

/** As somebody types it who has that package manager on the path. */
function type(place, { version }, command) {
  const bin = version === undefined ? '' : join(folder, 'managers', version.replace(/\W/g, '-'));
  if (version !== undefined && !existsSync(bin)) {
    mkdirSync(bin, { recursive: true });
    execSync(`npm install --prefer-offline --no-audit --no-fund --prefix . ${version}`, {
      cwd: bin,
      stdio: 'pipe',
    });
  }
  const PATH = `${join(bin, 'node_modules', '.bin')}:${process.env.PATH}`;
  const env = { ...process.env, PATH, CI: 'true', npm_config_user_agent: '' };
  return execSync(command, {
    cwd: place,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
}

function run(place) {
  const env = { ...process.env, npm_config_user_agent: '' };
  return spawnSync(process.execPath, ['program.mjs'], { cwd: place, env, encoding: 'utf8' }).stdout;
}
