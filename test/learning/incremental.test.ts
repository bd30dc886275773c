import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { createPatternLearner } from '../../src/learning';
import { createFollower } from '../../src/learning/units/follower';
import { resolveLearningSettings } from '../../src/learning/units/learning-settings';
import type { ClosedExecution } from '../../src/model/learning';
import type { ExecutionReader, LearningFeed } from '../../src/model/ports-learning';
import { seededRandom } from '../../src/stats';
import { makeExecution, toolSteps } from '../support/make-execution';
import { listMemory, readerOf, steppingClock, type ListMemory } from '../support/memory-learning';

const cuts = [250, 500, 640, 760, 1_000] as const;

/** Runs of 50 tasks that return, admitted in five cuts; one behaviour helps until it harms. */
function stream(): ClosedExecution[] {
  const random = seededRandom('incremental');
  const runs = Array.from({ length: 1_000 }, (_, i) => {
    const good = random() < 0.5;
    const effect = i < 640 ? 0.25 : -0.25;
    const late = i % 97 === 5 && i < 900 ? 1 : 0;
    return makeExecution(i, {
      taskId: `task-${i % 50}`,
      replication: Math.floor(i / 50),
      tags: good ? ['good'] : [],
      steps: toolSteps(i, random() < 0.4 ? ['search', '!read', 'read'] : ['read']),
      outcome: { reward: random() < 0.5 + (good ? effect : -effect) ? 1 : 0 },
      cut: 1 + late + cuts.findIndex((end) => i < end),
    });
  });
  // What is admitted first is closed first.
  return runs.sort((a, b) => (a.cut ?? 0) - (b.cut ?? 0));
}

interface Arrival {
  readonly seed: number;
  readonly pageSize: number;
  readonly duplicates: number;
}

type Feed = ExecutionReader & Pick<LearningFeed, 'readFrozen' | 'readOutcomeChanges'>;

/** Each cut's executions in an order of their own, some twice, in pages of some size. */
function feedOf(arrivals: readonly ClosedExecution[], pageSize: number): Feed {
  return {
    ...readerOf(arrivals),
    readFrozen: async (after, _limit, throughCut = Infinity) => {
      const admitted = arrivals.filter(({ cut }) => (cut ?? 0) <= throughCut);
      const executions = admitted.slice(after, after + pageSize);
      return { executions, cursor: after + executions.length };
    },
    readOutcomeChanges: async (after) => ({ changes: [], cursor: after === 'now' ? 0 : after }),
  };
}

function arrange(all: readonly ClosedExecution[], arrival: Arrival): ClosedExecution[] {
  const random = seededRandom(String(arrival.seed));
  return [1, 2, 3, 4, 5, 6].flatMap((cut) => {
    const own = all.filter((run) => run.cut === cut);
    const twice = own.slice(0, arrival.duplicates);
    return [...own, ...twice]
      .map((run) => ({ run, key: random() }))
      .sort((a, b) => a.key - b.key)
      .map(({ run }) => run);
  });
}

/** Everything that was learned, but for the time of day. */
function registryHash({ looks, entries, patterns }: ListMemory): string {
  const text = JSON.stringify([looks, entries, [...patterns.entries()].sort()], (key, value) =>
    key.endsWith('UnixNano') && key !== 'startTimeUnixNano'
      ? undefined
      : typeof value === 'bigint'
        ? String(value)
        : (value as unknown),
  );
  return createHash('sha256').update(text).digest('hex');
}

async function learnThrough(
  arrivals: readonly ClosedExecution[],
  pageSize: number,
  killedAfter: readonly number[] = [],
): Promise<ListMemory> {
  const memory = listMemory();
  const feed = feedOf(arrivals, pageSize);
  const start = () => createPatternLearner({ reader: feed, feed, memory, clock: steppingClock() });
  let learner = start();
  for (const cut of [1, 2, 3, 4, 5, 6]) {
    await learner.learn({ throughCut: cut });
    if (killedAfter.includes(cut)) learner = start();
  }
  return memory;
}

test('any batches, any order between the same cuts and duplicates: the same registry', async () => {
  const all = stream();
  const straight = await learnThrough(all, 10_000);
  expect(straight.looks.length).toBeGreaterThan(1);
  expect(straight.entries.some(({ test }) => test === 'demotion')).toBe(true);
  const expected = registryHash(straight);
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        seed: fc.integer(),
        pageSize: fc.integer({ min: 1, max: 700 }),
        duplicates: fc.integer({ min: 0, max: 100 }),
      }),
      async (arrival) => {
        const memory = await learnThrough(arrange(all, arrival), arrival.pageSize);
        expect(registryHash(memory)).toBe(expected);
      },
    ),
    { numRuns: 6, seed: 7 },
  );
});

test('a learner that is killed between any two cuts finds the same again', async () => {
  const all = stream();
  const expected = registryHash(await learnThrough(all, 300));
  for (const killed of [[1], [2, 3], [1, 2, 3, 4, 5]]) {
    expect(registryHash(await learnThrough(all, 300, killed))).toBe(expected);
  }
});

test('reads each record once, and each change of an outcome', async () => {
  const all = stream();
  let [read, changes] = [0, 0];
  const feed = feedOf(all, 100);
  const counted: Feed = {
    ...feed,
    async readFrozen(...asked) {
      const page = await feed.readFrozen(...asked);
      read += page.executions.length;
      return page;
    },
    readOutcomeChanges: async (after) => {
      const due = after === 0 && read > 0;
      changes += due ? 1 : 0;
      const change = { executionId: all[0]?.id ?? '', outcome: { reward: 0.25 } };
      return due
        ? { changes: [change], cursor: 1 }
        : { changes: [], cursor: after === 'now' ? 0 : after };
    },
  };
  const follower = createFollower(counted, resolveLearningSettings());
  for (const cut of [1, 1, 2, 3]) await follower.follow(cut);
  expect(read).toBe(all.filter(({ cut }) => (cut ?? 0) <= 3).length);
  expect(follower.size).toBe(read);
  expect(changes).toBe(1);
  expect(follower.table().units[0]?.outcome).toEqual({ reward: 0.25 });
  expect(follower.table().counts.late).toBeGreaterThan(0);
});

test('a hundred thousand names of tools, each used once, leave what has support', () => {
  const used = Array.from({ length: 10_000 }, (_, i) =>
    makeExecution(i, {
      steps: toolSteps(i, [
        ...Array.from({ length: 10 }, (_, k) => `t${i}-${k}`),
        'search',
        'read',
      ]),
    }),
  );
  const feed = feedOf(used, 1_000);
  const follower = createFollower(feed, resolveLearningSettings());
  return follower.follow(undefined).then(() => {
    const { present, follows } = follower.table();
    expect(present.size + follows.size).toBeLessThan(201_000);
    expect(present.get('bigram:search>read')?.positions.length).toBe(10_000);
  });
}, 30_000);

test('what was promoted is followed up between looks, and only after enough new executions', async () => {
  const all = stream().map((run) => ({ ...run, cut: 1 }));
  const arrived = all.slice(0, 500);
  const feed = feedOf(arrived, 500);
  const memory = listMemory();
  const learner = createPatternLearner({ reader: feed, feed, memory, clock: steppingClock() });
  const next = async (until: number) => {
    arrived.push(...all.slice(arrived.length, until).map((run) => ({ ...run, cut: until })));
    return learner.learnOnSchedule({ throughCut: until });
  };
  expect(await next(500)).toMatchObject({ look: { number: 1 } });
  expect(memory.patterns.size).toBeGreaterThan(0);
  expect(await next(540)).toBeNull();
  expect(await next(560)).toMatchObject({ look: null, executions: 560 });
  expect(await next(600)).toBeNull();
  let demoted = 0;
  for (let until = 620; until < 1_000; until += 20) demoted += (await next(until))?.demoted ?? 0;
  expect(demoted).toBe(1);
});
