// usage: node .ci/newcomer.mjs TARBALL FOLDER PACKAGE_MANAGER
// Whoever has nothing but the README: installs the package into an empty folder, runs every snippet as it stands there,
// and looks into the database whether what it says is stored is stored. A snippet without a check here fails.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const [tarball, folder, manager] = process.argv.slice(2);

/** An agent that knows OpenTelemetry's API alone. */
const agent = `
import { trace } from '@opentelemetry/api';
const attributes = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.id': 'support' };
trace.getTracer('agent').startActiveSpan('invoke_agent', { attributes }, (span) => span.end());
`;

/** What a snippet leaves to its reader, told apart by a text in it, and what must be there afterwards. */
const checks = [
  { has: 'npm install otel-evolution', run: install },
  { has: 'npm ci && npm run demo', run: () => 'a checkout’s: the gate itself runs it' },
  {
    has: 'new EvolutionSpanProcessor({ databaseUrl',
    run: (code, place) => {
      program(place, code + agent, { OTEL_EXPORTER_OTLP_TIMEOUT: '500' });
      return expect(place, { spans: 1, executions: 1 });
    },
  },
  {
    has: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    run: async (code, place) => {
      const agent = `
        import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
        import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
        const spanProcessors = [new BatchSpanProcessor(new OTLPTraceExporter())];
        const provider = new NodeTracerProvider({ spanProcessors });
        const attributes = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.id': 'support' };
        provider.getTracer('agent').startSpan('invoke_agent', { attributes }).end();
        await provider.shutdown();`;
      writeFileSync(join(place, 'agent.js'), agent);
      await shell(place, code);
      return expect(place, { spans: 1, executions: 1 });
    },
  },
  {
    has: '--import otel-evolution/register',
    run: async (code, place) => {
      writeFileSync(join(place, 'app.js'), agent);
      await shell(place, code);
      return expect(place, { spans: 1, executions: 1 });
    },
  },
  {
    has: 'report --output report.html',
    run: async (code, place) => {
      execFileSync(process.execPath, [cli(), 'migrate', 'up'], { cwd: place });
      const opener = `cd ${place}; printf '#!/bin/sh\\necho "$1" > opened\\n' > xdg-open; chmod +x xdg-open; PATH="$PWD:$PATH"\n`;
      await shell(place, opener + code.replace(/^(npx otel-evolution serve --open).*$/m, '$1 &'));
      if (!existsSync(join(place, 'opened'))) throw new Error('no browser was opened');
      if (!existsSync(join(place, 'report.html'))) throw new Error('no report was written');
      return 'opened, and written';
    },
  },
  {
    has: 'withEvolutionTracking(myAgent)',
    run: (code, place) => {
      const reader = `
        const myAgent = { run: async (wish) => wish.length };
        const answerTicket = async () => ({ ok: true });`;
      program(place, reader + code);
      // The agent's call and the ticket are a run each.
      return expect(place, { executions: 2, rewards: 1 });
    },
  },
  {
    has: 'patterns explain',
    run: async (code, place) => {
      execFileSync(process.execPath, [cli(), 'migrate', 'up'], { cwd: place });
      // An empty database has no finding to explain.
      await shell(place, code.replace(/^.*patterns explain.*$/m, ''));
      return expect(place, { executions: 0 });
    },
  },
  {
    has: 'EvolutionProvider(evolution)',
    run: (code, place) => {
      const reader = `
        import { createEvolution, withEvolutionTracking } from 'otel-evolution';
        const evolution = await createEvolution({ databaseUrl: 'sqlite:./evolution.db' });
        const task = { id: 'task-1' };
        const agent = withEvolutionTracking({ run: async ({ id }) => id });`;
      program(place, `${reader}${code}await evolution.close();`);
      return expect(place, { executions: 1 });
    },
  },
  {
    has: 'token create',
    run: async (code, place) => {
      await shell(place, code);
      return expect(place, { tasks: 1, rewards: 1 });
    },
  },
];

mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
let number = 0;
for (const [, code] of readFileSync('README.md', 'utf8').matchAll(/^```(?:ts|sh)\n(.*?)^```/gms)) {
  number += 1;
  const check = checks.find(({ has }) => code.includes(has));
  if (check === undefined) throw new Error(`.ci/newcomer.mjs has no check for:\n${code}`);
  const place = join(folder, `snippet-${number}`);
  mkdirSync(place);
  console.log(`${manager}, snippet ${number}: ${await check.run(code, place)}`);
}

function install(code) {
  const [, packages] = /npm install ([^#\n]*)/.exec(code);
  const others = [
    '@opentelemetry/sdk-node@0.223.0',
    '@opentelemetry/sdk-trace-node@2.12.0',
    '@opentelemetry/exporter-trace-otlp-http@0.223.1',
    '@openfeature/core@1.12.0',
    '@openfeature/server-sdk@1.23.0',
  ];
  const names = [...packages.trim().replace('otel-evolution', tarball).split(' '), ...others];
  const [command, ...args] = {
    npm: ['npm', 'install', '--prefer-offline', '--no-audit', '--no-fund'],
    pnpm: ['npx', '--yes', 'pnpm@10.34.9', 'add', '--prefer-offline', '--allow-build=sqlite3'],
  }[manager];
  execFileSync(command, [...args, ...names], { cwd: folder, stdio: 'pipe' });
  return 'installed';
}

function program(place, code, env = {}) {
  writeFileSync(join(place, 'program.mjs'), code);
  spawn(place, process.execPath, ['program.mjs'], env);
}

/** Line by line, as typed: the next command comes when `serve` has said that it listens. */
async function shell(place, code) {
  const port = await freePort();
  const wait = `until curl --silent --fail --output /dev/null http://127.0.0.1:${port}/readyz; do sleep .1; done`;
  const script = code
    .replaceAll('4319', String(port))
    .replace(
      /^(npx otel-evolution serve(?: --open)?) &$/m,
      `$1 --port ${port} & serve=$!\n${wait}`,
    );
  const end = 'if [ -n "${serve:-}" ]; then kill -- -"$serve"; wait "$serve" || true; fi';
  const strict = script.replaceAll(
    /\bcurl (?!--silent)/g,
    'curl --fail-with-body --silent --show-error ',
  );
  // Jobs are groups of their own: npx does not hand a signal on.
  spawn(place, 'bash', ['-euc', `set -mo pipefail\n${strict}\n${end}`]);
}

function spawn(place, command, args, env = {}) {
  const { status, stdout, stderr, signal } = spawnSync(command, args, {
    cwd: place,
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, ...env },
  });
  if (status === 0) return;
  throw new Error(`${command} ended with ${status ?? signal} in ${place}\n${stdout}${stderr}`);
}

function expect(place, wanted) {
  // A machine that is busy may leave no time before the process ends: the next one stores what waits in the spool.
  if (existsSync(join(place, 'evolution.db.spool'))) {
    const next = `import('otel-evolution').then(async (it) => (await it.createEvolution()).close())`;
    spawn(place, process.execPath, ['--eval', next]);
  }
  const text = execFileSync(process.execPath, [cli(), 'stats', '--json'], { cwd: place });
  const stored = JSON.parse(text);
  for (const [what, count] of Object.entries(wanted)) {
    if (stored[what] === count) continue;
    throw new Error(`expected ${count} ${what} in ${place}, stored are ${text}`);
  }
  return JSON.stringify(wanted);
}

function cli() {
  return join(folder, 'node_modules', 'otel-evolution', 'dist', 'cli.mjs');
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
