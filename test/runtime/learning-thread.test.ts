import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
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
