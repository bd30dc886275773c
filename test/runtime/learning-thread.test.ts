import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { resolveConfiguration } from '../../src/config';
import type { EvolutionError } from '../../src/errors';
import { createAutoLearning } from '../../src/runtime/auto-learning';
import { LearningThread } from '../../src/runtime/learning-thread';
import { createEvolution, openStore } from '../../src/runtime';
import { makeReward } from '../store/make-reward';
import { makePattern } from '../support/make-pattern';
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

describe('long questions', () => {
  // The page of findings kept every other request waiting for the seconds in which all runs were reviewed.
  it('are answered in the thread as the learner itself answers them', async () => {
    const databaseUrl = `sqlite:${join(folder, 'asked.db')}`;
    const evolution = await createEvolution({ databaseUrl });
    const { id: taskId } = await evolution.store.createTask({ type: 'question' });
    for (let run = 0; run < 40; run += 1) {
      const config = { effort: run % 2 === 0 ? 'low' : 'high' };
      const replication = run;
      const given = { id: `run ${run}`, taskId, replication, config, status: 'completed' as const };
      await evolution.store.createExecution(given);
      const target = { kind: 'execution' as const, executionId: given.id };
      await evolution.store.recordReward(makeReward({ id: given.id, target, value: run % 2 }));
    }
    const { learner } = evolution;
    const module = moduleUrl('learning-worker.mjs');
    const thread = new LearningThread(module, { databaseUrl }, 512);
    // Whatever is asked here by mistake fails.
    const asked = thread.inFrontOf({} as typeof learner);
    const query = { kinds: ['config'] };
    const candidates = await asked.candidates(query);
    expect(candidates.executions).toBe(40);
    expect(candidates).toEqual(await learner.candidates(query));
    expect(await asked.review({ limit: 5 })).toEqual(await learner.review({ limit: 5 }));
    expect(await asked.differences()).toEqual(await learner.differences());
    expect(await asked.tradeoffs()).toEqual(await learner.tradeoffs());
    expect(await asked.audit()).toEqual(await learner.audit());
    await expect(asked.strata('nothing')).rejects.toMatchObject({ code: 'not_found' });
    // It read 10,000 runs on the thread that answers requests, which others waited for.
    await evolution.store.storePattern(makePattern());
    const context = { agentId: 'nobody', atUnixNano: 1n };
    expect(await asked.isApplicable('pattern-1', context)).toEqual(
      await learner.isApplicable('pattern-1', context),
    );
    await thread.close();
    await evolution.close();
  });

  it('keep their code and hint where they are refused, and one answer serves all who ask the same meanwhile', async () => {
    const databaseUrl = `sqlite:${join(folder, 'shared.db')}`;
    const evolution = await createEvolution({ databaseUrl });
    const module = moduleUrl('learning-worker.mjs');
    const asked = new LearningThread(module, { databaseUrl }, 512).inFrontOf(evolution.learner);
    const refusal: unknown = await evolution.learner
      .candidates({ by: ['moon' as 'task'] })
      .catch((error: unknown) => error);
    const { code, message, hint } = refusal as EvolutionError;
    await expect(asked.candidates({ by: ['moon' as 'task'] })).rejects.toMatchObject({
      code,
      message,
      hint,
    });
    const first = asked.review({ limit: 3 });
    expect(asked.review({ limit: 3 })).toBe(first);
    expect(asked.review({ limit: 4 })).not.toBe(first);
    await first;
    expect(asked.review({ limit: 3 })).not.toBe(first);
    await evolution.close();
  });

  it('fail with the thread that dies, and the next one is answered', async () => {
    const dying = await writeDyingWorker(fileURLToPath(moduleUrl('learning-worker.mjs')));
    await rm(`${fileURLToPath(dying)}.died`, { force: true });
    const databaseUrl = `sqlite:${join(folder, 'dying.db')}`;
    const evolution = await createEvolution({ databaseUrl });
    const thread = new LearningThread(dying, { databaseUrl }, 512);
    const asked = thread.inFrontOf(evolution.learner);
    await expect(asked.review()).rejects.toThrow('ended with code 7');
    expect(await asked.review()).toEqual({ marginalFindings: [], notYetKnown: [] });
    await thread.close();
    await evolution.close();
  });
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
