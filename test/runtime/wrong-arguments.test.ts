import { context } from '@opentelemetry/api';
import * as door from '../../src/index';
import { newFolder } from '../support/run-program';

// From JavaScript anything may come. All of these threw raw TypeErrors out of our insides.
let evolution: door.Evolution;
beforeAll(async () => {
  evolution = await door.createEvolution({ databaseUrl: `sqlite:${newFolder()}/test.db` });
});
afterAll(() => evolution.close());

const calls: Readonly<Record<string, (it: never) => unknown>> = {
  linkReward: (it) => door.linkReward(it, { value: 1 }),
  'linkReward, its reward': (it) => door.linkReward({ traceId: 'a', spanId: 'b' }, it),
  withTags: (it) => door.withTags(it, ['a']),
  'withTags, its tags': (it) =>
    door.withTags({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }, it),
  queryRewardsForOperation: (it) => door.queryRewardsForOperation(it),
  contextFromEnvironment: (it) => door.contextFromEnvironment(it),
  environmentFromContext: (it) => door.environmentFromContext(it),
  withEvolutionTracking: (it) => door.withEvolutionTracking(it),
  'withTask, its work': (it) => evolution.tracker.withTask({}, it),
  'withExecution, its work': (it) => evolution.tracker.withExecution({}, it),
  'track, its work': (it) => evolution.tracker.track('step', it),
  withTask: (it) => evolution.tracker.withTask(it, () => 1),
  track: (it) => evolution.tracker.track(it, () => 1),
  EvolutionSpanProcessor: (it) => new door.EvolutionSpanProcessor(it),
  EvolutionExporter: (it) => new door.EvolutionExporter(it),
  createEvolution: (it) => door.createEvolution(it),
};

describe.each(Object.keys(calls))('%s says what it expected of', (name) => {
  test.each([null, 7, Symbol('x')])('%p', async (given) => {
    const error = await Promise.resolve()
      .then(() => calls[name]!(given as never))
      .then(
        () => null,
        (reason: unknown) => reason,
      );
    expect(error).toBeInstanceOf(door.EvolutionError);
    expect((error as Error).message).toMatch(/expected/i);
  });
});

test.each([7, null, {}])('a database URL that is %p', (databaseUrl) => {
  const given = { databaseUrl: databaseUrl as never };
  expect(() => new door.EvolutionSpanProcessor(given)).toThrow(/Expected a database URL, got/);
});

test('what travels to a child process comes from any context', () => {
  expect(door.environmentFromContext(context.active())).toEqual({});
});
