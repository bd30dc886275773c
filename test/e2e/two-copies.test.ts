import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEvolution } from '../../src/index';
import { makeProgramFolder } from '../support/packed-library';
import { newFolder, runNode, totalsOf, type RunOptions } from '../support/run-program';

// An application is ESM, one of its dependencies CommonJS, and both use this package: Node loads it twice.
let programs: Awaited<ReturnType<typeof makeProgramFolder>>;
let count = 0;
beforeAll(async () => {
  programs = await makeProgramFolder();
});
afterAll(() => programs.remove());

const run = (source: string, options: RunOptions = {}) => {
  const file = join(programs.folder, `program-${(count += 1)}.mjs`);
  const copies = `
    import { createRequire } from 'node:module';
    import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
    import * as esm from 'otel-evolution';
    const cjs = createRequire(import.meta.url)('otel-evolution');
    if (esm.linkReward === cjs.linkReward) throw new Error('one copy only');`;
  writeFileSync(file, copies + source);
  return runNode([file], options);
};
const newUrl = () => `sqlite:${join(newFolder(), 'test.db')}`;

test('what one copy set up serves the other: tasks, tags and rewards meet, each span is stored once', async () => {
  const databaseUrl = newUrl();
  const ended = await run(`
    const processor = new esm.EvolutionSpanProcessor({ databaseUrl: '${databaseUrl}' });
    const provider = new NodeTracerProvider({ spanProcessors: [processor] });
    provider.register();
    const agent = cjs.withEvolutionTracking({ run: async (text) => text.length });
    await esm.getGlobalTracker().withTask({ id: 't' }, () =>
      cjs.getGlobalTracker().withExecution({ id: 'e' }, async (span) => {
        await agent.run('hello');
        await cjs.withTags(span, ['seen']);
        await esm.linkReward(span, { value: 1 });
      }));
    await provider.shutdown();
    const { processed, dropped } = processor.stats();
    console.log(processed, JSON.stringify(dropped));`);
  // The execution, the call below it, the carriers of its tag and of its reward.
  expect(ended).toMatchObject({ code: 0, stderr: '', stdout: '4 {}\n' });
  const evolution = await createEvolution({ databaseUrl });
  expect(await evolution.store.getTotals()).toMatchObject({ tasks: 1, executions: 1, rewards: 1 });
  expect(await evolution.store.getExecution('e')).toMatchObject({ taskId: 't', spans: 2 });
  await evolution.close();
});

test('a processor of each copy on one database: no span twice, and neither keeps the other from ending', async () => {
  const databaseUrl = newUrl();
  const ended = await run(
    `const processors = [esm, cjs].map((copy) => new copy.EvolutionSpanProcessor({ databaseUrl: '${databaseUrl}' }));
    const provider = new NodeTracerProvider({ spanProcessors: processors });
    for (let n = 0; n < 600; n += 1) provider.getTracer('app').startSpan('s').end();
    setInterval(() => {}, 1_000);
    console.log('ready');`,
    { signal: 'SIGTERM' },
  );
  expect(ended).toMatchObject({ code: null, signal: 'SIGTERM' });
  expect((await totalsOf(databaseUrl)).spans).toBe(600);
});

test('SIGTERM ends a process whose copies came and went in turns', async () => {
  const databaseUrl = newUrl();
  const ended = await run(
    `const databaseUrl = '${databaseUrl}';
    const first = new esm.EvolutionSpanProcessor({ databaseUrl });
    const second = new cjs.EvolutionSpanProcessor({ databaseUrl });
    await first.shutdown();
    await second.shutdown(); // the last to go is not the one that listens
    const third = new cjs.EvolutionSpanProcessor({ databaseUrl });
    new NodeTracerProvider({ spanProcessors: [third] }).getTracer('app').startSpan('s').end();
    setTimeout(() => process.exit(9), 8_000);
    console.log(process.listenerCount('SIGTERM'), 'ready');`,
    { signal: 'SIGTERM' },
  );
  expect(ended).toMatchObject({ code: null, signal: 'SIGTERM', stdout: '1 ready\n' });
  expect((await totalsOf(databaseUrl)).spans).toBe(1);
});
