import { Door } from '../../src/otlp/door';
import { Pace } from '../../src/otlp/pace';

const large = 1024 * 1024;

function clock(): { now: number; readonly read: () => number } {
  const state = { now: 0, read: () => state.now };
  return state;
}

/** Stores so many records in so many ms, in steps of a tenth. */
function work(pace: Pace, time: { now: number }, records: number, millis: number): void {
  const end = pace.begin();
  for (let n = 0; n < 10; n += 1) {
    time.now += millis / 10;
    pace.stored(records / 10);
  }
  end();
}

test('the pace is the mean of the latest seconds of work; idle time is not counted', () => {
  const time = clock();
  const pace = new Pace(time.read);
  expect(pace.recordsIn(1_000)).toBeNull();
  work(pace, time, 10_000, 1_000);
  expect(pace.recordsIn(1_000)).toBeCloseTo(10_000);
  time.now += 60_000;
  expect(pace.recordsIn(1_000)).toBeCloseTo(10_000);
  work(pace, time, 2_000, 1_000);
  expect(pace.recordsIn(1_000)).toBeCloseTo(6_000);
  // What is long ago does not count.
  work(pace, time, 10_000, 10_000);
  expect(pace.recordsIn(1_000)).toBeCloseTo(1_000);
});

test('inside are as many large bodies as can be stored in half of the time of an answer', async () => {
  const time = clock();
  const pace = new Pace(time.read);
  work(pace, time, 10_000, 1_000);
  const limits = { maxWorkingRecords: 1, maxWaitMillis: 4_000, maxAnswerMillis: 8_000 };
  const door = new Door(limits, pace, time.read);
  const enter = async (bytes = large) => {
    const passage = await door.enter({}, bytes, 4_000);
    passage.read(bytes / 64);
    return passage;
  };
  const inside = [await enter(), await enter()];
  const third = enter();
  expect(door.waiting).toBe(1);
  // A small body never waits, nor one whose length nobody knows.
  await door.enter({}, 1_000, 4_000);
  await door.enter({}, undefined, 4_000);
  inside[0]!.stored(10_000);
  const passage = await third;
  for (const one of [...inside, passage]) one.end();
  // Alone one may be larger than all that.
  (await enter(16 * large)).end();
});
