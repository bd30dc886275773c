import { parentPort, workerData } from 'node:worker_threads';
import type { ConfigurationOptions } from '../model/configuration';
import { openEvolution } from './create-evolution';
import type { LearningAnswer, LearningWish } from './learning-thread';

const opened = openEvolution(workerData as ConfigurationOptions);
// Told at the first wish.
opened.catch(() => undefined);

parentPort!.on('message', (wish: LearningWish) => {
  void (wish === 'learn' ? learn() : close());
});

async function learn(): Promise<void> {
  let error: Error | null = null;
  try {
    await (await opened).learner.learnInBackground();
  } catch (thrown) {
    error = thrown instanceof Error ? thrown : new Error(String(thrown));
  }
  parentPort!.postMessage({ error } satisfies LearningAnswer);
}

async function close(): Promise<void> {
  try {
    const evolution = await opened.catch(() => null);
    await evolution?.close();
  } finally {
    parentPort!.close();
  }
}
