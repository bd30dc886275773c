import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const run = promisify(execFile);
const root = resolve(__dirname, '../..');
// Inside the project, so that packages are found.
const library = join(root, 'node_modules', '.cache', `process-end-${process.pid}.cjs`);

beforeAll(async () => {
  await build({
    entryPoints: [join(root, 'src/index.ts')],
    outfile: library,
    bundle: true,
    platform: 'node',
    packages: 'external',
    format: 'cjs',
  });
});
afterAll(() => {
  rmSync(library);
});

// A guest does not keep its host alive: a program that forgets `shutdown` and `close` ends by itself.
describe.each([
  ['SQLite', () => `sqlite:${join(mkdtempSync(join(tmpdir(), 'evolution-')), 'test.db')}`],
  ['Postgres', () => `${process.env.TEST_PG_URL}?schema=process_end_${process.pid}`],
])('on %s', (_name, newDatabase) => {
  test.each([
    ['an open instance', `await createEvolution({ databaseUrl });`],
    [
      'a processor that has written',
      `const processor = new EvolutionSpanProcessor({ databaseUrl });
       const provider = new NodeTracerProvider({ spanProcessors: [processor] });
       provider.getTracer('app').startSpan('work').end();
       await processor.forceFlush();
       console.log(processor.stats().processed);`,
    ],
  ])('%s', async (_what, body) => {
    const program = `
      const { createEvolution, EvolutionSpanProcessor } = require(${JSON.stringify(library)});
      const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
      const databaseUrl = ${JSON.stringify(newDatabase())};
      (async () => { ${body} })();
    `;
    const ended = run(process.execPath, ['-e', program], {
      cwd: root,
      timeout: 20_000,
    });
    await expect(ended).resolves.toMatchObject({ stderr: '' });
  });
});
