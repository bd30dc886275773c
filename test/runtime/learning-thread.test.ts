import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { resolveConfiguration } from '../../src/config';
import { createAutoLearning } from '../../src/runtime/auto-learning';
import { LearningThread } from '../../src/runtime/learning-thread';
import { openStore } from '../../src/runtime';
import { writeDyingWorker } from '../support/dying-worker';
import { bundleCli, type CliBundle } from '../support/server-process';

let cli: CliBundle;
let folder: string;

beforeAll(async () => {
  cli = await bundleCli();
  folder = await mkdtemp(join(tmpdir(), 'otel-evolution-learning-'));
});
afterAll(async () => {
  await cli.remove();
  await rm(folder, { recursive: true });
});

function moduleUrl(name: string): URL {
  return pathToFileURL(join(dirname(cli.path), name));
}

it('closes and admits in its thread what another connection has stored', async () => {
  const databaseUrl = `sqlite:${join(folder, 'learn.db')}`;
  const store = await openStore(databaseUrl);
  const { id: taskId } = await store.createTask({ type: 'question' });
  await store.createExecution({ id: 'one', taskId, status: 'completed' });
  const thread = new LearningThread(moduleUrl('learning-worker.mjs'), { databaseUrl }, 512);
  await thread.learnInBackground();
  await thread.learnInBackground();
  await thread.close();
  const admitted: string[] = [];
  for await (const { id } of store.readClosedExecutions({ throughCut: 1 })) {
    admitted.push(id);
  }
  expect(admitted).toEqual(['one']);
  await store.close();
});

it('says why a round failed, and goes on', async () => {
  const databaseUrl = `sqlite:${join(folder, 'missing', 'learn.db')}`;
  const thread = new LearningThread(moduleUrl('learning-worker.mjs'), { databaseUrl }, 512);
  await expect(thread.learnInBackground()).rejects.toThrow('Cannot open the database file');
  await expect(thread.learnInBackground()).rejects.toThrow('Cannot open the database file');
  await thread.close();
});

it('follows a thread that dies by another', async () => {
  const dying = await writeDyingWorker(fileURLToPath(moduleUrl('learning-worker.mjs')));
  const databaseUrl = `sqlite:${join(folder, 'again.db')}`;
  const thread = new LearningThread(dying, { databaseUrl }, 512);
  await expect(thread.learnInBackground()).rejects.toThrow('ended with code 7');
  await thread.learnInBackground();
  await thread.close();
  await thread.close();
});

it('a look that needs more memory than it may use says so, and the process lives', async () => {
  const hungry = fileURLToPath(moduleUrl('hungry-worker.mjs'));
  await writeFile(
    hungry,
    `import { parentPort } from 'node:worker_threads';
     const kept = [];
     parentPort.on('message', () => { for (;;) kept.push(new Array(1000).fill(kept.length)); });`,
  );
  const databaseUrl = `sqlite:${join(folder, 'hungry.db')}`;
  const thread = new LearningThread(pathToFileURL(hungry), { databaseUrl }, 64);
  await expect(thread.learnInBackground()).rejects.toMatchObject({
    code: 'out_of_memory',
    message: 'Learning needs more than 64 MiB; requests are not touched by it.',
  });
  await thread.close();
});

it('autoLearn takes its looks in a thread of its own, not in the agent’s', async () => {
  const databaseUrl = `sqlite:${join(folder, 'auto.db')}`;
  const store = await openStore(databaseUrl);
  const { id: taskId } = await store.createTask({ type: 'question' });
  await store.createExecution({ id: 'auto', taskId, status: 'completed' });
  const here = { learnInBackground: () => Promise.reject(new Error('in the thread of the agent')) };
  const { values } = resolveConfiguration({ databaseUrl }, {});
  const module = moduleUrl('learning-worker.mjs');
  const learning = createAutoLearning({ databaseUrl }, values, here, module);
  await learning.learn();
  await learning.close();
  const admitted: string[] = [];
  for await (const { id } of store.readClosedExecutions({ throughCut: 1 })) admitted.push(id);
  expect(admitted).toEqual(['auto']);
  await store.close();
});

it('autoLearn looks where it is in a database in memory, and where there is no module of a thread', async () => {
  const looks: string[] = [];
  for (const databaseUrl of ['sqlite::memory:', `sqlite:${join(folder, 'auto.db')}`]) {
    const { values } = resolveConfiguration({ databaseUrl }, {});
    const here = { learnInBackground: async () => looks.push(databaseUrl) };
    const module = databaseUrl.endsWith(':memory:') ? moduleUrl('learning-worker.mjs') : null;
    const learning = createAutoLearning({ databaseUrl }, values, here, module);
    await learning.learn();
    await learning.close();
  }
  expect(looks).toHaveLength(2);
});
