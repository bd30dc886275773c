import { InputError, NotFoundError, TransitionError } from '../../src/errors';
import {
  AssignmentDesk,
  createExperiments,
  decide,
  drawVariant,
  type Experiments,
} from '../../src/experiments';
import type { Exposure } from '../../src/model/span';
import type { ClosedExecution } from '../../src/model/learning';
import { seededRandom } from '../../src/stats';
import { feedOf } from '../support/exposed-feed';
import { makeExecution } from '../support/make-execution';
import { MemoryExperimentBook } from '../support/memory-experiments';

const start = 1_700_000_000_000_000_000n;
const hour = 3_600_000_000_000n;
const input = {
  name: 'retries',
  variants: [
    { name: 'control', config: { retries: 0 } },
    { name: 'two', config: { retries: 2 } },
  ],
  trafficSplit: [0.5, 0.5],
  successMetric: 'success',
};

class World {
  readonly book = new MemoryExperimentBook();
  now = start;
  runs: ClosedExecution[] = [];
  #ids = 0;
  readonly experiments: Experiments = this.open();

  open(): Experiments {
    return createExperiments({
      book: this.book,
      executions: { readExposed: (...asked) => feedOf(this.runs).readExposed(...asked) },
      clock: { nowUnixNano: () => this.now },
      newId: () => `exp-${(this.#ids += 1)}`,
      dimensions: () => Promise.resolve(['accuracy']),
    });
  }
}

function exposed(
  n: number,
  experimentId: string,
  variant: string,
  change: Partial<ClosedExecution> = {},
): ClosedExecution {
  const exposure: Exposure = { experimentId, variant, adaptationId: null, patternId: null };
  return makeExecution(n, { exposures: [exposure], ...change });
}

describe('assignment', () => {
  test('the same unit gets the same variant, in every process', async () => {
    const world = new World();
    const { id } = await world.experiments.create(input);
    const other = world.open();
    await other.refresh();
    for (let i = 0; i < 1_000; i += 1) {
      const { variant, config } = world.experiments.assignVariant(id, `task-${i}`);
      expect(other.assignVariant(id, `task-${i}`).variant).toBe(variant);
      expect(config).toEqual(input.variants.find(({ name }) => name === variant)!.config);
    }
  });

  test('shares come out as planned, and the span says what it was exposed to', async () => {
    const world = new World();
    const { id } = await world.experiments.create({ ...input, trafficSplit: [0.3, 0.7] });
    let control = 0;
    for (let i = 0; i < 20_000; i += 1) {
      if (world.experiments.assignVariant(id, `unit ${i}`).variant === 'control') control += 1;
    }
    expect(Math.abs(control / 20_000 - 0.3)).toBeLessThan(0.012);
    const { attributes, variant } = world.experiments.assignVariant(id, 'unit 1');
    expect(attributes).toEqual({
      'feature_flag.key': 'retries',
      'feature_flag.result.variant': variant,
      'evolution.experiment.id': id,
      'evolution.variant': variant,
    });
  });

  test('the stored assignment wins when the split changes, also in a process that starts later', async () => {
    const world = new World();
    const { id } = await world.experiments.create(input);
    const before = new Map<string, string>();
    for (let i = 0; i < 500; i += 1) {
      before.set(`t${i}`, world.experiments.assignVariant(id, `t${i}`).variant);
    }
    await world.experiments.changeSplit(id, [0.05, 0.95]);
    const later = world.open();
    await later.refresh();
    let fresh = 0;
    for (let i = 0; i < 500; i += 1) {
      expect(world.experiments.assignVariant(id, `t${i}`).variant).toBe(before.get(`t${i}`));
      expect(later.assignVariant(id, `t${i}`)).toMatchObject({
        variant: before.get(`t${i}`),
        source: 'stored',
      });
      if (later.assignVariant(id, `new ${i}`).variant === 'two') fresh += 1;
    }
    expect(fresh).toBeGreaterThan(450);
  });

  test('shares that changed and went back: who came in between keeps the shares it was drawn with', async () => {
    const world = new World();
    const { id } = await world.experiments.create(input);
    for (const [unit, split] of [
      ['early', [0.1, 0.9]],
      ['between', [0.5, 0.5]],
      ['late', [0.5, 0.5]],
    ] as const) {
      const { variant } = world.experiments.assignVariant(id, unit);
      world.runs.push(
        exposed(world.runs.length, id, variant, { taskId: unit, outcome: { reward: 1 } }),
      );
      await world.experiments.flush();
      if (unit !== 'late') await world.experiments.changeSplit(id, split);
    }
    const observations = await world.experiments.observations(id);
    expect(observations.map(({ propensities }) => propensities?.two)).toEqual([0.5, 0.9, 0.5]);
  });

  test('a store that is away is not noticed; what waits is stored when it is back', async () => {
    const world = new World();
    const { id } = await world.experiments.create(input);
    world.book.away = true;
    for (let i = 0; i < 2_500; i += 1) world.experiments.assignVariant(id, `t${i}`);
    await expect(world.experiments.flush()).rejects.toThrow('ECONNREFUSED');
    world.experiments.assignVariant(id, 'one more');
    world.book.away = false;
    expect(await world.experiments.flush()).toBe(0);
    expect(world.book.assignments.size).toBe(2_501);
  });

  test('of two processes that disagree the first to store is right, and the other learns of it', async () => {
    const world = new World();
    const experiment = await world.experiments.create(input);
    const unit = [...Array(100).keys()]
      .map((i) => `u${i}`)
      .find((one) => drawVariant(experiment, one, start).variant === 'two')!;
    const stale = world.open();
    await stale.refresh();
    await world.experiments.changeSplit(experiment.id, [0.999, 0.001]);
    expect((await world.experiments.assignStored(experiment.id, unit)).variant).toBe('control');
    expect(stale.assignVariant(experiment.id, unit).variant).toBe('two');
    expect(await stale.flush()).toBe(1);
    expect(stale.assignVariant(experiment.id, unit).variant).toBe('control');
  });

  test('the waiting list is bounded, and what it drops is counted', async () => {
    const world = new World();
    const experiment = await world.experiments.create(input);
    const desk = new AssignmentDesk({
      book: world.book,
      clock: { nowUnixNano: () => start },
      capacity: 10,
    });
    desk.adopt(experiment);
    for (let i = 0; i < 25; i += 1) desk.assign(experiment.id, `t${i}`);
    expect([desk.pending, desk.dropped]).toEqual([10, 15]);
  });

  test('an assignment costs the same when more units were forgotten than are known', async () => {
    const world = new World();
    const experiment = await world.experiments.create(input);
    const clock = { nowUnixNano: () => start };
    const desk = new AssignmentDesk({ book: world.book, clock, capacity: 50_000 });
    desk.adopt(experiment);
    const millisFor = (from: number): number => {
      const startedAt = performance.now();
      for (let i = from; i < from + 50_000; i += 1) desk.assign(experiment.id, `t${i}`);
      return performance.now() - startedAt;
    };
    const first = millisFor(0);
    // It took a hundred times as long.
    expect(millisFor(50_000)).toBeLessThan(10 * first + 100);
  });

  test('refuses a unit that is none, by name', async () => {
    const world = new World();
    const { id } = await world.experiments.create(input);
    expect(() => world.experiments.assignVariant(id, '')).toThrow(
      /1 to 512 characters, got 0 characters/,
    );
    expect(() => world.experiments.assignVariant(id, 'x'.repeat(10_240))).toThrow(
      /got 10240 characters/,
    );
    expect(() => world.experiments.assignVariant(id, undefined as never)).toThrow(InputError);
    expect(() => world.experiments.assignVariant('nobody', 'u')).toThrow(NotFoundError);
  });

  test('a clock that was set back does not move an assignment before the start', async () => {
    const world = new World();
    const { id } = await world.experiments.create(input);
    world.now = start - 1_000n * hour;
    expect(world.experiments.assignVariant(id, 'u').assignedAtUnixNano).toBe(start);
  });
});

describe('analysis', () => {
  const rate = { control: 0.5, two: 0.7 };

  async function run(
    units: number,
    change: (n: number) => Partial<ClosedExecution> = () => ({}),
  ): Promise<World & { id: string }> {
    const world = new World();
    const { id } = await world.experiments.create(input);
    const random = seededRandom('analysis');
    for (let n = 0; n < units; n += 1) {
      const { variant } = world.experiments.assignVariant(id, `task-${n}`);
      const reward = random() < rate[variant as 'control' | 'two'] ? 1 : 0;
      world.runs.push(exposed(n, id, variant, { outcome: { reward }, ...change(n) }));
    }
    world.now = start + 48n * hour;
    return Object.assign(world, { id });
  }

  test('from spans to a stored decision, once', async () => {
    const world = await run(800);
    const analysis = await world.experiments.analyze(world.id);
    expect(analysis).toMatchObject({
      status: 'decided',
      decision: 'ship',
      winner: 'two',
      wording: 'causes',
      metric: 'success',
      excluded: [],
    });
    expect(analysis.sampleRatio).toMatchObject({ ok: true, expected: { control: 400, two: 400 } });
    expect(analysis.variants[1]!.lift!.estimate).toBeGreaterThan(0.1);
    expect(analysis.variants[1]!.probabilityBest).toBeGreaterThan(0.99);
    const { units, lifts } = analysis.series.at(-1)!;
    expect([units, lifts[0]!.name]).toEqual([800, 'two']);
    const { lower } = analysis.variants[1]!.lift!.alwaysValidInterval;
    expect(lifts[0]!.interval.lower).toBeCloseTo(lower, 12);
    expect(world.book.audit.map(({ from, to, actor }) => [from, to, actor])).toEqual([
      [null, 'running', 'user'],
      ['running', 'decided', 'decision rule'],
    ]);
    // The same decision stands, and units of the winner's roll-out do not enter.
    world.runs.push(
      exposed(900, 'retries', 'two', {
        rootStartTimeUnixNano: world.now + hour,
        outcome: { reward: 0 },
      }),
    );
    const again = await world.experiments.analyze(world.id);
    expect(again).toMatchObject({ decision: 'ship', units: 800 });
    expect(world.book.audit).toHaveLength(2);
    expect(world.experiments.assignVariant(world.id, 'task-1').variant).toBe('two');
  });

  test('a signal that gets worse lets the decision stand and the winner wait for somebody', async () => {
    const world = new World();
    const { id } = await world.experiments.create({ ...input, signals: ['tokens'] });
    const random = seededRandom('signal');
    for (let n = 0; n < 800; n += 1) {
      const { variant } = world.experiments.assignVariant(id, `task-${n}`);
      const reward = random() < rate[variant as 'control' | 'two'] ? 1 : 0;
      const inputTokens = Math.round(1_000 * (1 + random()) * (variant === 'two' ? 2 : 1));
      world.runs.push(exposed(n, id, variant, { outcome: { reward }, inputTokens }));
    }
    world.now = start + 48n * hour;
    const analysis = await world.experiments.analyze(id);
    expect(analysis).toMatchObject({ decision: 'ship', winner: 'two', signals: ['tokens'] });
    expect(world.book.audit.at(-1)).toMatchObject({ evidence: { signals: 'tokens' } });
    const variants = (): string[] =>
      [1, 2, 3, 4, 5, 6].map((n) => world.experiments.assignVariant(id, `new-${n}`).variant);
    expect(new Set(variants())).toEqual(new Set(['control']));
    await world.experiments.rollOut(id, 'the budget allows it', 'ann');
    expect(new Set(variants())).toEqual(new Set(['two']));
    expect(world.book.audit.at(-1)).toMatchObject({
      actor: 'ann',
      reason: 'two to everybody: the budget allows it',
    });
    await expect(world.experiments.rollOut(id, 'again', 'ann')).rejects.toThrow(
      /rolled out already/,
    );
    const { id: running } = await world.experiments.create({ ...input, name: 'other', key: 'k' });
    await expect(world.experiments.rollOut(running, 'now', 'ann')).rejects.toThrow(/has no winner/);
  });

  test('mixed, unknown and sampled units are left out and counted', async () => {
    const world = await run(200);
    world.runs.push(
      exposed(300, world.id, 'control', { taskId: 'task-1', attempt: 2 }),
      exposed(301, world.id, 'two', { taskId: 'task-1', attempt: 3 }),
      exposed(302, world.id, 'three'),
      exposed(303, world.id, 'two', {
        sampling: { basis: 'policy', probability: 0.1, policy: 'failures', sequence: null },
      }),
      exposed(304, 'somebody else', 'three'),
    );
    const { excluded, units } = await world.experiments.analyze(world.id);
    expect(excluded).toEqual([
      { reason: 'unknown_variant', units: 1 },
      { reason: 'sampled_by_outcome', units: 1 },
      { reason: 'mixed_variant', units: 1 },
    ]);
    expect(units).toBe(199);
  });

  test('a unit without an outcome holds back those behind it until the horizon', async () => {
    const world = await run(100, (n) => (n === 60 ? { outcome: {} } : {}));
    world.now = start + hour;
    const waiting = await world.experiments.analyze(world.id);
    expect(waiting).toMatchObject({
      units: 60,
      excluded: [{ reason: 'awaiting_outcome', units: 40 }],
    });
    world.now = start + 25n * hour;
    const over = await world.experiments.analyze(world.id);
    expect(over).toMatchObject({ units: 99, excluded: [{ reason: 'no_outcome', units: 1 }] });
  });

  test('a reward that comes late or is revised counts at the next analysis', async () => {
    const world = await run(60);
    const before = await world.experiments.analyze(world.id);
    world.runs = world.runs.map((one) => ({ ...one, outcome: { reward: 1 } }));
    const after = await world.experiments.analyze(world.id);
    expect(after.variants.map(({ mean }) => mean)).toEqual([1, 1]);
    expect(before.variants[0]!.mean).toBeLessThan(1);
  });

  test('what a decision rests on stays as it was, whatever is revised or removed after it', async () => {
    const world = await run(2_000);
    const analysis = await world.experiments.analyze(world.id);
    expect(analysis.status).not.toBe('running');
    const { rules } = await world.experiments.get(world.id);
    world.runs = world.runs.slice(500).map((one) => ({ ...one, outcome: { reward: 1 } }));
    const again = decide(await world.experiments.observations(world.id), rules);
    expect(again).toMatchObject({ decision: analysis.decision, reason: analysis.reason });
  });

  test('retries of a task are not counted, replications are averaged', async () => {
    const world = new World();
    const { id } = await world.experiments.create({ ...input, successMetric: 'reward' });
    world.runs = [
      exposed(1, id, 'two', { taskId: 't', outcome: { reward: 0 } }),
      exposed(2, id, 'two', { taskId: 't', outcome: { reward: 0.5 }, replication: 1 }),
      exposed(3, id, 'two', { taskId: 't', outcome: { reward: 1 }, attempt: 2 }),
    ];
    const { variants } = await world.experiments.analyze(id);
    expect(variants[1]).toMatchObject({ units: 1, mean: 0.25 });
  });

  test('units are sessions or users where it says so; runs without one are counted', async () => {
    const world = new World();
    const { id } = await world.experiments.create({ ...input, unit: 'session' });
    world.runs = [
      exposed(1, id, 'two', { sessionId: 's', outcome: { reward: 1 } }),
      exposed(2, id, 'two', { sessionId: 's', outcome: { reward: 0 } }),
      exposed(3, id, 'control', { outcome: { reward: 0 } }),
    ];
    const analysis = await world.experiments.analyze(id);
    expect(analysis.excluded).toEqual([{ reason: 'no_session', units: 1 }]);
    expect(analysis.variants[1]).toMatchObject({ units: 1, mean: 0.5 });
  });

  test('the flag key of another provider is read as the experiment', async () => {
    const world = new World();
    const { id } = await world.experiments.create({ ...input, key: 'ld-flag' });
    world.runs = [exposed(1, 'ld-flag', 'two', { outcome: { reward: 1 } })];
    expect((await world.experiments.analyze(id)).units).toBe(1);
  });

  test('the days are over when the units say so, not when the host clock jumps', async () => {
    const world = await run(100);
    world.now = start + 10_000n * 24n * hour;
    expect((await world.experiments.analyze(world.id)).decision).toBe('continue');
    world.runs.push(
      exposed(5_000, world.id, 'two', {
        rootStartTimeUnixNano: start + 15n * 24n * hour,
        outcome: { reward: 1 },
      }),
    );
    expect(await world.experiments.analyze(world.id)).toMatchObject({
      status: 'decided',
      decision: 'no_decision',
      winner: null,
    });
  });

  test('stop ends it, and only once', async () => {
    const world = await run(10);
    await world.experiments.stop(world.id, 'not needed', 'ann');
    expect(world.book.audit.at(-1)).toMatchObject({
      actor: 'ann',
      from: 'running',
      to: 'stopped',
      reason: 'not needed',
    });
    await expect(world.experiments.stop(world.id, 'again')).rejects.toThrow(TransitionError);
    expect(world.experiments.assignVariant(world.id, 'new').variant).toBe('control');
  });
});
