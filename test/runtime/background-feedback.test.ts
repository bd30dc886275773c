import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEvolution, type Evolution } from '../../src/index';
import { startBackgroundFeedback } from '../../src/runtime/background-feedback';
import { makeReward } from '../store/make-reward';
import { makePattern } from '../support/make-pattern';
import { attributes, makeSpan, spanId, traceId } from '../support/make-span';
import { waitFor } from '../support/wait-for';

const folder = mkdtempSync(join(tmpdir(), 'evolution-feedback-'));
const opened: Evolution[] = [];
afterEach(async () => {
  for (const evolution of opened.splice(0)) await evolution.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function open(name: string): Promise<Evolution> {
  const evolution = await createEvolution({
    databaseUrl: `sqlite:${join(folder, `${name}.db`)}`,
    levers: [
      { knob: 'window', kind: 'config', values: { oneOf: ['head', 'tail'] }, initial: 'head' },
    ],
    approval: 'standing',
  });
  opened.push(evolution);
  return evolution;
}

test('the lease: one process works, another takes over when it is gone', async () => {
  const [one, other] = [await open('lease'), await open('lease')];
  const rounds = { one: 0, other: 0 };
  const start = (name: 'one' | 'other', { store }: Evolution) =>
    startBackgroundFeedback(
      () => {
        rounds[name] += 1;
        return Promise.resolve([]);
      },
      store.openLease('feedback', 200),
      20,
    );
  const first = start('one', one);
  await waitFor('rounds.one >= 3', () => Promise.resolve(rounds.one >= 3));
  const second = start('other', other);
  await waitFor('rounds.one >= 10', () => Promise.resolve(rounds.one >= 10));
  expect(rounds.other).toBe(0);
  await first.stop();
  await waitFor('rounds.other >= 3', () => Promise.resolve(rounds.other >= 3));
  await second.stop();
});

test('a round that fails is tried again, and nothing is thrown', async () => {
  let rounds = 0;
  const background = startBackgroundFeedback(
    () => {
      rounds += 1;
      return Promise.reject(new Error('away'));
    },
    { take: () => Promise.resolve(true), release: () => Promise.reject(new Error('away')) },
    10,
  );
  await waitFor('rounds >= 3', () => Promise.resolve(rounds >= 3));
  await background.stop();
});

test('harm that spans and late rewards show is rolled back, with the outcome in the store', async () => {
  const evolution = await open('harm');
  const { adaptation } = evolution;
  const proposed = await adaptation.propose(
    makePattern({
      controllable: true,
      status: 'confirmed',
      predicate: {
        text: 'config:window=tail',
        terms: [{ kind: 'config', key: 'window', op: '=', value: 'tail' }],
      },
    }),
  );
  if (proposed.kind === 'refused') throw new Error(proposed.reason);
  const { id } = proposed.adaptation;
  await adaptation.apply(id, { name: 'ann', automatic: false });
  const now = BigInt(Date.now()) * 1_000_000n;
  const stampOf = (unit: string) => {
    const { applied, notApplied } = adaptation.resolve({ unit }, { window: 'head' });
    return (applied[0] ?? notApplied[0])!.attributes!;
  };
  // At 5 % the treated are few: enough units to see them fail.
  const runs = Array.from({ length: 2_500 }, (_, i) => ({ i, stamp: stampOf(`task ${i}`) }));
  await evolution.sink.accept({
    spans: runs.map(({ i, stamp }) =>
      makeSpan({
        traceId: traceId(i + 1),
        spanId: spanId(1),
        startTimeUnixNano: now + BigInt(i),
        endTimeUnixNano: now + BigInt(i + 1),
        attributes: attributes({
          ...stamp,
          'task.id': `task ${i}`,
          'execution.id': `run ${i}`,
          'gen_ai.operation.name': 'invoke_agent',
        }),
      }),
    ),
  });
  expect(await evolution.feedback.run()).toEqual([]);
  await evolution.sink.accept({
    spans: [],
    rewards: runs.map(({ i, stamp }) =>
      makeReward({
        id: `r${i}`,
        target: { kind: 'execution', executionId: `run ${i}` },
        value: stamp['evolution.variant'] === 'treated' ? 0 : 1,
      }),
    ),
  });
  const steps = await evolution.feedback.run();
  expect(steps.map(({ step }) => step)).toEqual(['roll_back', 'retest']);
  const history = await adaptation.history(id);
  expect(history.map(({ to, actor }) => `${actor}: ${to}`).slice(-3)).toEqual([
    'feedback loop: rolling_out',
    'feedback loop: rolled_back',
    'feedback loop: rolling_out',
  ]);
  const [after] = await adaptation.list();
  expect(after!.outcome).toMatchObject({ treated: { mean: 0 }, heldBack: { mean: 1 } });
});
