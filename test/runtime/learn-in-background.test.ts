import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeReward } from '../store/make-reward';
import { createEvolution, type Evolution } from '../../src/runtime';

let folder: string;
let evolution: Evolution;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otel-evolution-background-'));
  evolution = await createEvolution({ databaseUrl: `sqlite:${join(folder, 'learn.db')}` });
});
afterAll(async () => {
  await evolution.close();
  await rm(folder, { recursive: true });
});

/** Runs of one task each; every second one succeeds, every third has the small model. */
async function record(from: number, count: number, attempt = 1): Promise<void> {
  for (let number = from; number < from + count; number += 1) {
    const { id: taskId } = await evolution.store.createTask({ id: `t${number}` });
    const { id } = await evolution.store.createExecution({
      taskId,
      attempt,
      config: { model: number % 3 === 0 ? 'small' : 'large' },
      status: 'completed',
    });
    await evolution.store.recordReward(
      makeReward({
        id: `r${number}`,
        target: { kind: 'execution', executionId: id },
        value: number % 2,
      }),
    );
  }
}

it('reads executions only where a look can be due', async () => {
  const { learner } = evolution;
  await record(0, 249);
  expect(await learner.learnInBackground()).toBeNull();
  // A retry is no unit, which only reading tells; once known, it is not read for again.
  await record(249, 1, 2);
  expect(await learner.learnInBackground()).toMatchObject({ executions: 250, units: 249 });
  expect(await learner.learnInBackground()).toBeNull();
  await record(250, 1);
  expect(await learner.learnInBackground()).toMatchObject({
    executions: 251,
    units: 250,
    look: { number: 1 },
    nextLookAtUnits: 500,
  });
  await record(251, 249);
  expect(await learner.learnInBackground()).toBeNull();
  await record(500, 1);
  expect(await learner.learnInBackground()).toMatchObject({ units: 500, look: { number: 2 } });
});
