import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseDatabaseUrl } from '../database-url';
import type { Configuration, ConfigurationOptions } from '../model/configuration';
import { withoutTracing } from '../otel';
import type { LearningThread } from './learning-thread';

/** What `autoLearn` runs. */
export interface AutoLearning {
  /** Closes what is settled, and takes the look that is due. */
  learn(): Promise<unknown>;
  close(): Promise<void>;
}

/**
 * In a thread of its own, since a look takes a core for seconds, and this process is an agent's. In the agent's thread only
 * where there is no other way: for a database in memory, and where a bundler has parted this code from its modules.
 *
 * @param module - Of the thread. `null`: there is none
 */
export function createAutoLearning(
  { redact: _, ...options }: ConfigurationOptions,
  { databaseUrl, learningMemoryMb }: Configuration,
  learner: { learnInBackground(): Promise<unknown> },
  module: URL | null = moduleBeside(),
): AutoLearning {
  const address = parseDatabaseUrl(databaseUrl);
  const inMemory = address.dialect === 'sqlite' && address.inMemory;
  if (module === null || inMemory) {
    return { learn: () => learner.learnInBackground(), close: () => Promise.resolve() };
  }
  const settings = { ...options, databaseUrl, feedback: false };
  let made: Promise<LearningThread> | null = null;
  const thread = (): Promise<LearningThread> =>
    (made ??= import('./learning-thread').then(
      (loaded) => new loaded.LearningThread(module, settings, learningMemoryMb),
    ));
  return {
    learn: () => withoutTracing(async () => (await thread()).learnInBackground()),
    close: async () => (await made)?.close(),
  };
}

function moduleBeside(): URL | null {
  // A bundler of the application's may have left no name of this file.
  if (typeof __filename === 'undefined') return null;
  const file = join(dirname(__filename), 'learning-worker.mjs');
  return existsSync(file) ? pathToFileURL(file) : null;
}
