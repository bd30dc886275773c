import { AdaptationEngine, FeedbackLoop, type FeedbackStep } from '../../src/adaptation';
import type { Adaptation } from '../../src/model/adaptation';
import type { ClosedExecution } from '../../src/model/learning';
import type { OutcomeChange } from '../../src/model/ports-learning';
import { seededRandom } from '../../src/stats';
import { feedOf } from '../support/exposed-feed';
import { makeExecution } from '../support/make-execution';
import { makePattern } from '../support/make-pattern';
import { MemoryAdaptationBook } from '../support/memory-adaptations';

const hour = 3_600_000_000_000n;
const ann = { name: 'ann', automatic: false };

/** An adaptation in use at 50 %, and the runs that it meets. */
class World {
  readonly book = new MemoryAdaptationBook();
  now = 1_700_000_000_000_000_000n;
  readonly runs: ClosedExecution[] = [];
  readonly changes: OutcomeChange[] = [];
  readonly #random = seededRandom('feedback loop');
  readonly engine = new AdaptationEngine({
    book: this.book,
    clock: { nowUnixNano: () => this.now },
    newId: () => 'a1',
    levers: [
      {
        knob: 'window',
        kind: 'config',
        values: { oneOf: ['head', 'tail'] },
        initial: 'head',
        signals: ['latency', { metric: 'cost', margin: 0.5 }],
      },
    ],
    approval: 'standing',
  });

  async start(): Promise<void> {
    const proposed = await this.engine.propose(
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
    for (let i = 0; i < 3; i += 1) {
      await this.engine.apply('a1', ann);
      this.now += hour;
    }
  }

  loop(): FeedbackLoop {
    return new FeedbackLoop({
      engine: this.engine,
      book: this.book,
      clock: { nowUnixNano: () => this.now },
      feed: feedOf(this.runs, this.changes),
    });
  }

  /** A run that asks `resolve`, closed with its reward or before it. */
  run(
    effect: number,
    { judged = true, unit, slower = 1 }: { judged?: boolean; unit?: string; slower?: number } = {},
  ): void {
    const n = this.runs.length;
    const answer = this.engine.resolve({ unit: unit ?? `t${n}` }, {});
    const stamp = (answer.applied[0] ?? answer.notApplied[0])?.attributes;
    if (stamp == null) return;
    const treated = stamp['evolution.variant'] === 'treated';
    const reward = this.#random() < 0.5 + (treated ? effect : 0) ? 1 : 0;
    const variant = treated ? 'treated' : 'held_back';
    const run = makeExecution(n, {
      exposures: [{ experimentId: null, variant, adaptationId: 'a1', patternId: null }],
      propensities: { a1: Number(stamp['evolution.propensity.a1']) },
      rootAttributes: { 'evolution.unit': unit ?? `t${n}` },
      outcome: judged ? { reward } : {},
      rootStartTimeUnixNano: this.now,
      durationNano: BigInt(Math.round(1e9 * (1 + this.#random()) * (treated ? slower : 1))),
    });
    this.runs.push(run);
    if (!judged) this.changes.push({ executionId: run.id, outcome: { reward } });
  }

  adaptation(): Promise<Adaptation | null> {
    return this.book.getAdaptation('a1');
  }
}

const namesOf = (steps: readonly FeedbackStep[]): string[] => steps.map(({ step }) => step);

test('a round reads what is new, acts, and stores what it shows; the second reads no run again', async () => {
  const world = new World();
  await world.start();
  const loop = world.loop();
  for (let i = 0; i < 150; i += 1) world.run(0);
  await loop.round();
  const stored = (await world.adaptation())!.outcome!;
  expect(stored.treated.units + stored.heldBack.units).toBe(150);
  const rows = world.book.audit.length;
  expect(await loop.round()).toEqual([]);
  expect(world.book.audit).toHaveLength(rows);
  for (let i = 0; i < 10; i += 1) world.run(0);
  await loop.round();
  expect(loop.outcomeOf('a1')!.treated.units + loop.outcomeOf('a1')!.heldBack.units).toBe(160);
  // Less than a tenth more is no row of the audit.
  expect(world.book.audit).toHaveLength(rows);
});

test('harm is rolled back and tried again by itself, and the old runs do not count any more', async () => {
  const world = new World();
  await world.start();
  const loop = world.loop();
  const steps: string[] = [];
  for (let i = 0; i < 40 && !steps.includes('retest'); i += 1) {
    for (let n = 0; n < 50; n += 1) world.run(-0.4);
    world.now += 1_000_000_000n;
    steps.push(...namesOf(await loop.round()));
  }
  expect(steps.slice(-2)).toEqual(['roll_back', 'retest']);
  expect(await world.adaptation()).toMatchObject({
    status: 'rolling_out',
    trafficPercent: 5,
    holdBackPercent: 20,
    retests: 1,
    startedAtUnixNano: world.now,
    causalEvidence: null,
  });
  expect(loop.outcomeOf('a1')).toMatchObject({ treated: { units: 0 }, heldBack: { units: 0 } });
});

test('what may be harm is looked at more closely, then alerted: a fifth held back, then half', async () => {
  const world = new World();
  await world.start();
  const loop = world.loop();
  for (let n = 0; n < 400; n += 1) world.run(0.4);
  expect(namesOf(await loop.round())).toEqual(['proof', 'raise']);
  const seen: (readonly [string, number])[] = [];
  for (let i = 0; i < 400 && !seen.some(([step]) => step === 'alert'); i += 1) {
    for (let n = 0; n < 5; n += 1) world.run(-0.2);
    const { holdBackPercent } = (await world.adaptation())!;
    for (const step of namesOf(await loop.round())) seen.push([step, holdBackPercent]);
  }
  expect(seen).toEqual([
    ['closer', 10],
    ['alert', 20],
  ]);
  expect(await world.adaptation()).toMatchObject({ status: 'active', holdBackPercent: 50 });
  const rows = world.book.audit.filter(({ reason }) => reason.includes('held back'));
  expect(
    rows.map(({ actor, reason, evidence }) => [actor, reason, evidence.hold_back_percent]),
  ).toEqual([
    ['feedback loop', 'looked at more closely: a fifth of the units is held back', 20],
    ['feedback loop', 'looks harmful: half of the units are held back', 50],
  ]);
  expect(rows.map(({ evidence }) => evidence.needed)).toEqual([2_500, 25_000]);
  for (const { evidence } of rows) {
    expect(evidence.alarm).toBeGreaterThanOrEqual(Number(evidence.needed));
  }
});

test('before the last stage nobody is held back for a closer look', async () => {
  const world = new World();
  await world.start();
  const loop = world.loop();
  const steps: string[] = [];
  for (let n = 0; n < 1_200; n += 1) world.run(0.05);
  for (let i = 0; i < 400 && !steps.includes('alert'); i += 1) {
    for (let n = 0; n < 5; n += 1) world.run(-0.2);
    steps.push(...namesOf(await loop.round()));
  }
  expect(steps).toEqual(['alert']);
});

test('one that is proven is raised by the loop, one stage an hour', async () => {
  const world = new World();
  await world.start();
  const loop = world.loop();
  for (let i = 0; i < 400; i += 1) world.run(0.4);
  expect(namesOf(await loop.round())).toEqual(['proof', 'raise']);
  expect(await world.adaptation()).toMatchObject({ status: 'active', trafficPercent: 100 });
});

describe('outcomes', () => {
  test('count when they arrive, whatever the order', async () => {
    const world = new World();
    await world.start();
    const loop = world.loop();
    await loop.round();
    const changes = world.changes.splice(0);
    for (let i = 0; i < 200; i += 1) world.run(-0.4, { judged: false });
    changes.push(...world.changes.splice(0));
    await loop.round();
    expect(loop.outcomeOf('a1')).toMatchObject({ treated: { units: 0 }, heldBack: { units: 0 } });
    for (const change of changes.reverse()) world.changes.push(change);
    const steps = namesOf(await loop.round());
    expect(steps).toEqual(['roll_back', 'retest']);
    const { treated, heldBack } = (await world.adaptation())!.outcome!;
    expect(treated.units + heldBack.units).toBeLessThanOrEqual(200);
    expect(treated.mean!).toBeLessThan(heldBack.mean!);
  });

  test('that are revised change what is shown, not the evidence', async () => {
    const world = new World();
    await world.start();
    const loop = world.loop();
    for (let i = 0; i < 100; i += 1) world.run(0);
    await loop.round();
    const before = loop.outcomeOf('a1')!;
    // A person judges all of the treated a failure, long after.
    for (const run of world.runs) {
      if (run.exposures[0]!.variant === 'treated') {
        world.changes.push({ executionId: run.id, outcome: { reward: 0 } });
      }
    }
    expect(await loop.round()).toEqual([]);
    expect(loop.outcomeOf('a1')).toMatchObject({
      treated: { units: before.treated.units, mean: 0 },
      heldBack: before.heldBack,
    });
  });

  test('a unit that returns counts once', async () => {
    const world = new World();
    await world.start();
    const loop = world.loop();
    for (let i = 0; i < 100; i += 1) world.run(0, { unit: `user ${i % 7}` });
    await loop.round();
    const { treated, heldBack } = loop.outcomeOf('a1')!;
    expect(treated.units + heldBack.units).toBe(7);
  });
});

test('an adaptation that is to spare time is watched by what runs take, relative to the held back', async () => {
  const world = new World();
  await world.start();
  const adaptation = { ...(await world.adaptation())!, dimension: 'duration_ms', signals: [] };
  world.book.adaptations.set('a1', adaptation);
  const loop = world.loop();
  for (let i = 0; i < 300; i += 1) world.run(0, { slower: 0.6 });
  expect(namesOf(await loop.round())).toContain('proof');
  const { effect, interval } = (await world.adaptation())!.outcome!;
  expect(interval!.lower).toBeLessThan(-0.4);
  expect(interval!.upper).toBeGreaterThan(-0.4);
  expect(effect).toBeLessThan(-0.3);
  expect((await world.engine.explain('a1')).join(' ')).toMatch(/−?-?\d+\.\d % of duration_ms \[/);
  // The world turns, and the change makes runs slow.
  const steps: string[] = [];
  for (let i = 0; i < 40 && !steps.includes('roll_back'); i += 1) {
    for (let n = 0; n < 50; n += 1) world.run(0, { slower: 3 });
    steps.push(...namesOf(await loop.round()));
  }
  expect(steps).toContain('roll_back');
});

describe('a signal that gets worse', () => {
  async function pausedWorld(): Promise<{ world: World; loop: FeedbackLoop; steps: string[] }> {
    const world = new World();
    await world.start();
    const loop = world.loop();
    for (let i = 0; i < 600; i += 1) world.run(0.4, { slower: 2 });
    return { world, loop, steps: namesOf(await loop.round()) };
  }

  test('pauses the ramp and asks, and does not roll back', async () => {
    const { world, loop, steps } = await pausedWorld();
    // Proven better on its outcome, and yet not raised.
    expect(steps).toEqual(['proof', 'pause']);
    expect(await world.adaptation()).toMatchObject({
      status: 'rolling_out',
      trafficPercent: 50,
      pausedBy: 'latency',
    });
    const asked = world.book.audit.find(({ reason }) => reason.startsWith('paused'))!;
    expect(asked).toMatchObject({ actor: 'feedback loop', evidence: { signal: 'latency' } });
    expect(asked.reason).toBe('paused: latency got worse, somebody should look');
    expect(asked.evidence.e_value).toBeGreaterThanOrEqual(40);
    world.now += 10n * hour;
    for (let i = 0; i < 300; i += 1) world.run(0.4, { slower: 2 });
    expect(namesOf(await loop.round())).toEqual([]);
    await expect(world.engine.apply('a1', ann)).rejects.toThrow(/paused: latency got worse/);
  });

  test('who resumes it goes on, and the signal counts anew', async () => {
    const { world, loop } = await pausedWorld();
    await world.engine.resume('a1', 'ann', 'agreed with the owners of the budget');
    await expect(world.engine.resume('a1', 'ann', 'again')).rejects.toThrow(/not paused/);
    world.now += 1n;
    // Another process, which reads all runs from the start, does not ask again for what was answered.
    expect(namesOf(await world.loop().round())).toEqual(['raise']);
    expect((await world.adaptation())!.pausedBy).toBeNull();
    for (let i = 0; i < 1_500; i += 1) world.run(0.4, { slower: 2 });
    expect(namesOf(await loop.round())).toEqual(['pause']);
    expect(await world.adaptation()).toMatchObject({ status: 'active', pausedBy: 'latency' });
  });

  test('harm of the outcome is rolled back all the same', async () => {
    const world = new World();
    await world.start();
    const loop = world.loop();
    const steps: string[] = [];
    for (let i = 0; i < 40 && !steps.includes('retest'); i += 1) {
      for (let n = 0; n < 50; n += 1) world.run(-0.4, { slower: 2 });
      steps.push(...namesOf(await loop.round()));
    }
    expect(steps).toContain('roll_back');
  });

  test('what is not measured raises nothing and pauses nothing', async () => {
    const world = new World();
    await world.start();
    const loop = world.loop();
    for (let i = 0; i < 600; i += 1) world.run(0, { judged: false });
    world.changes.length = 0;
    for (const [i, run] of world.runs.entries()) world.runs[i] = { ...run, durationNano: null };
    world.now += 10n * hour;
    expect(await loop.round()).toEqual([]);
    expect(await world.adaptation()).toMatchObject({ trafficPercent: 50, pausedBy: null });
  });
});

test('who takes over knows what the one before knew', async () => {
  const world = new World();
  await world.start();
  const first = world.loop();
  for (let i = 0; i < 130; i += 1) world.run(0.1);
  await first.round();
  const second = world.loop();
  await second.round();
  expect(second.outcomeOf('a1')).toEqual(first.outcomeOf('a1'));
});

describe('the evidence that is stored', () => {
  test('gives each step of the loop again, bit for bit, whatever came late, in which order, and who wrote it', async () => {
    const world = new World();
    await world.start();
    let loop = world.loop();
    for (let n = 0; n < 400; n += 1) world.run(0.4);
    const steps = namesOf(await loop.round());
    for (let i = 0; i < 300 && !steps.includes('roll_back'); i += 1) {
      for (let n = 0; n < 9; n += 1) world.run(-0.2, { judged: n % 3 > 0, slower: 1.5 });
      // Outcomes of this round come in another order than their runs.
      world.changes.push(...world.changes.splice(-3).reverse());
      if (i % 4 === 3) loop = world.loop();
      world.now += 1_000_000_000n;
      steps.push(...namesOf(await loop.round()));
    }
    expect(steps).toEqual(
      expect.arrayContaining(['proof', 'raise', 'alert', 'pause', 'roll_back', 'retest']),
    );
    const replayed = await world.engine.replay('a1');
    expect(replayed.length).toBeGreaterThan(4);
    expect(replayed.filter(({ isSame }) => !isSame)).toEqual([]);
    const [last] = replayed.slice(-1);
    expect(last).toMatchObject({
      audit: { to: 'rolled_back' },
      replayed: { units: expect.any(Number) as number },
    });
    expect(last!.replayed['e_value']).toBeGreaterThanOrEqual(20);
  });

  test('that says otherwise is not the same: an outcome that is turned around is seen', async () => {
    const world = new World();
    await world.start();
    for (let n = 0; n < 150; n += 1) world.run(0.2);
    await world.loop().round();
    expect((await world.engine.replay('a1')).every(({ isSame }) => isSame)).toBe(true);
    const page = world.book.evidence[0]!;
    const entries = page.entries.map((entry) =>
      entry.kind === 'run' ? { ...entry, value: 1 - entry.value! } : entry,
    );
    world.book.evidence[0] = { ...page, entries };
    expect((await world.engine.replay('a1')).some(({ isSame }) => !isSame)).toBe(true);
  });

  test('holds no id of a unit or run', async () => {
    const world = new World();
    await world.start();
    for (let n = 0; n < 40; n += 1) world.run(0, { unit: `somebody-${n}` });
    await world.loop().round();
    expect(world.book.evidence.flatMap(({ entries }) => entries)).toHaveLength(41);
    expect(
      JSON.stringify(world.book.evidence, (_, value: unknown) =>
        typeof value === 'bigint' ? String(value) : value,
      ),
    ).not.toMatch(/somebody|run-/);
  });

  test('of two loops at once one goes on, and the other first reads what it missed', async () => {
    const world = new World();
    await world.start();
    const [first, second] = [world.loop(), world.loop()];
    for (let n = 0; n < 50; n += 1) world.run(0.1);
    await first.round();
    await second.round();
    for (let n = 0; n < 50; n += 1) world.run(0.1);
    await second.round();
    const rows = world.book.audit.length;
    // It knew 50 units, and writes at a place that is taken.
    await first.round();
    expect(world.book.audit).toHaveLength(rows);
    for (let n = 0; n < 50; n += 1) world.run(0.1);
    await first.round();
    expect(first.outcomeOf('a1')).toMatchObject({ effect: expect.any(Number) as number });
    const { treated, heldBack } = first.outcomeOf('a1')!;
    expect(treated.units + heldBack.units).toBe(150);
    expect((await world.engine.replay('a1')).every(({ isSame }) => isSame)).toBe(true);
  });
});
