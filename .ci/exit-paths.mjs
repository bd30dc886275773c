// usage: node .ci/exit-paths.mjs, in a folder with the packed package and SDK 3: a process that ends in each of eight ways with a
// full queue and an open span loses neither, and ends as it would have.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';

const paths = JSON.parse(
  readFileSync(new URL('../test/support/exit-paths.json', import.meta.url), 'utf8'),
);
const queued = 2_048;
const count = `
  const evolution = await (await import('otel-evolution')).createEvolution({ databaseUrl: process.argv[1] });
  console.log((await evolution.store.getTotals()).spans);
  await evolution.close();`;

for (const [n, { name, program, sends, code, signal }] of paths.entries()) {
  const databaseUrl = `sqlite:./exit-${n}.db`;
  writeFileSync(
    `exit-${n}.mjs`,
    `import { TracerProvider } from '@opentelemetry/sdk-trace';
     import { EvolutionSpanProcessor } from 'otel-evolution';
     const processor = new EvolutionSpanProcessor({ databaseUrl: '${databaseUrl}' });
     const tracer = new TracerProvider({ spanProcessors: [processor] }).getTracer('app');
     tracer.startSpan('open');
     for (let i = 0; i < ${queued}; i += 1) tracer.startSpan('ended').end();
     ${program}`,
  );
  const ended = await run([`exit-${n}.mjs`], sends);
  const { stdout } = await run(['--input-type=module', '--eval', count, databaseUrl]);
  console.log(
    `${name}: ${stdout.trim()} of ${queued + 1}, ended with ${ended.code ?? ended.signal}`,
  );
  if (ended.code === code && ended.signal === signal && Number(stdout) === queued + 1) continue;
  throw new Error(`${name}: expected ${code ?? signal}\n${ended.stderr}`);
}

/** `sends` comes when the program has said that it is ready. */
async function run(args, sends) {
  const child = spawn(process.execPath, args);
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (text) => (stderr += text));
  child.stdout.on('data', (text) => {
    stdout += text;
    if (sends !== undefined && stdout.includes('ready')) child.kill(sends);
  });
  const [code, signal] = await once(child, 'close');
  return { code, signal, stdout, stderr };
}
