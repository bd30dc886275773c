import { parentPort, workerData } from 'node:worker_threads';
import type { ConfigurationOptions } from '../model/configuration';
import { EvolutionError } from '../errors';
import type { EvolutionLearner } from '../model/evolution';
import { openEvolution } from './create-evolution';
import type { LearningAnswer, LearningWish, LongQuestion, SentError } from './learning-thread';

const opened = openEvolution(workerData as ConfigurationOptions);
// Told at the first wish.
opened.catch(() => undefined);

parentPort!.on('message', (wish: LearningWish) => {
  void (wish.wish === 'close' ? close() : grant(wish));
});

async function grant(wish: Exclude<LearningWish, { wish: 'close' }>): Promise<void> {
  const { id } = wish;
  let said: LearningAnswer;
  try {
    const { learner } = await opened;
    if (wish.wish === 'learn') {
      await learner.learnInBackground();
      said = { id, error: null, answer: null };
    } else said = { id, error: null, answer: await answerTo(learner, wish.of, wish.with) };
  } catch (thrown) {
    said = { id, error: sent(thrown), answer: null };
  }
  parentPort!.postMessage(said);
}

function answerTo(
  learner: EvolutionLearner,
  of: LongQuestion,
  given: readonly unknown[],
): Promise<unknown> {
  return (learner as Record<LongQuestion, (...given: unknown[]) => Promise<unknown>>)[of](...given);
}

function sent(thrown: unknown): SentError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const ours = error instanceof EvolutionError ? error : null;
  return {
    code: ours?.code ?? null,
    message: error.message,
    hint: ours?.hint ?? null,
    cause: error,
  };
}

async function close(): Promise<void> {
  try {
    const evolution = await opened.catch(() => null);
    await evolution?.close();
  } finally {
    parentPort!.close();
  }
}
