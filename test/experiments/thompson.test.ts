import { ConfigError } from '../../src/errors';
import { createExperiments, decide } from '../../src/experiments';
import type { ClosedExecution } from '../../src/model/learning';
import { seededRandom } from '../../src/stats';
import { feedOf } from '../support/exposed-feed';
import { makeExecution } from '../support/make-execution';
import { MemoryExperimentBook } from '../support/memory-experiments';

const start = 1_700_000_000_000_000_000n;
const hour = 3_600_000_000_000n;
const input = {
  name: 'prompts',
  variants: [{ name: 'a' }, { name: 'b' }, { name: 'c' }],
  trafficSplit: [0.34, 0.33, 0.33],
  successMetric: 'success',
  allocation: 'thompson',
  horizonHours: 0,
} as const;
const rates: Readonly<Record<string, number>> = { a: 0.4, b: 0.4, c: 0.7 };

class World {
  readonly book = new MemoryExperimentBook();
  readonly runs: ClosedExecution[] = [];
  now = start;
  #ids = 0;
  readonly experiments = this.open();

  open() {
    return createExperiments({
      book: this.book,
      executions: { readExposed: (...asked) => feedOf(this.runs).readExposed(...asked) },
      clock: { nowUnixNano: () => this.now },
      newId: () => `exp-${(this.#ids += 1)}`,
      dimensions: () => Promise.resolve([]),
    });
  }
}

/** `units` more, each assigned, run and judged; the shares follow every hundred. */
async function live(world: World, id: string, units: number, seed = 'thompson'): Promise<void> {
  const random = seededRandom(seed);
  const from = world.runs.length;
  for (let n = from; n < from + units; n += 1) {
    world.now += 1_000_000_000n;
    const { variant } = world.experiments.assignVariant(id, `task-${n}`);
    const exposure = { experimentId: id, variant, adaptationId: null, patternId: null };
    const reward = random() < rates[variant]! ? 1 : 0;
    const rootStartTimeUnixNano = world.now;
    world.runs.push(
      makeExecution(n, { exposures: [exposure], outcome: { reward }, rootStartTimeUnixNano }),
    );
    if (n % 100 === 99) {
      await world.experiments.flush();
      world.now += 2n * hour;
      await world.experiments.review();
    }
  }
}

test('shares follow the outcomes, never below the floor, each change in the audit', async () => {
  const world = new World();
  const { id } = await world.experiments.create({ ...input, floor: 0.06, minimumEffect: 0.5 });
  await live(world, id, 300);
  const { trafficSplit } = await world.experiments.get(id);
  expect(trafficSplit[2]).toBeGreaterThan(0.6);
  expect(Math.min(...trafficSplit)).toBeGreaterThanOrEqual(0.02);
  expect(trafficSplit.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  const changes = world.book.audit.filter(({ actor }) => actor === 'thompson');
  expect(changes.length).toBeGreaterThan(0);
  expect(changes.at(-1)!.reason).toMatch(/^split .* → /);
});

test('the propensity is stored with the assignment, and another process gives the same', async () => {
  const world = new World();
  const { id } = await world.experiments.create({ ...input, minimumEffect: 0.5 });
  await live(world, id, 250);
  const other = world.open();
  await other.refresh();
  for (const unit of ['task-3', 'task-120', 'task-249', 'a new one']) {
    const [here, there] = [world.experiments, other].map((one) => one.assignVariant(id, unit));
    expect(there!.variant).toBe(here!.variant);
    expect(there!.propensities).toEqual(here!.propensities);
  }
  await world.experiments.flush();
  const early = await world.book.getAssignment(id, 'task-3');
  const late = await world.book.getAssignment(id, 'task-249');
  expect(early!.propensities).toEqual({ a: 0.34, b: 0.33, c: 0.33 });
  expect(late!.propensities).not.toEqual(early!.propensities);
});

test('the decision and the estimates rest on what was logged; replayed, it is the same bit for bit', async () => {
  const world = new World();
  const { id, rules } = await world.experiments.create({
    ...input,
    floor: 0.3,
    minimumEffect: 0.02,
  });
  await live(world, id, 1_500);
  const analysis = await world.experiments.analyze(id);
  expect(analysis).toMatchObject({ decision: 'ship', winner: 'c' });
  // Most units got c, as they should: that is no broken assignment.
  expect(analysis.sampleRatio.ok).toBe(true);
  expect(analysis.sampleRatio.observed.c).toBeGreaterThan(2 * analysis.sampleRatio.observed.a!);
  const [a, , c] = analysis.variants;
  for (const [variant, rate] of [
    [a!, 0.4],
    [c!, 0.7],
  ] as const) {
    expect(variant.interval!.lower).toBeLessThan(rate);
    expect(variant.interval!.upper).toBeGreaterThan(rate);
  }
  expect(c!.lift!.interval.lower).toBeGreaterThan(0);

  const observations = await world.experiments.observations(id);
  expect(observations.some(({ propensities }) => (propensities?.c ?? 0) > 0.6)).toBe(true);
  const ledger = JSON.parse(JSON.stringify({ observations, rules })) as {
    observations: typeof observations;
    rules: typeof rules;
  };
  const replayed = decide(ledger.observations, ledger.rules);
  expect(replayed).toEqual(decide(observations, rules));
  expect(replayed).toMatchObject({ decision: 'ship', winner: 'c', reason: analysis.reason });
  const decided = world.book.audit.find(({ actor }) => actor === 'decision rule')!;
  expect(decided.evidence.e_value).toBe(replayed.arms[2]!.eValue);
});

test('the split is not set by hand, and a floor is one', async () => {
  const world = new World();
  const { id } = await world.experiments.create(input);
  await expect(world.experiments.changeSplit(id, [0.5, 0.25, 0.25])).rejects.toThrow(
    /follows the outcomes/,
  );
  await expect(world.experiments.create({ ...input, key: 'x', floor: 0 })).rejects.toThrow(
    /floor must be a number strictly between 0 and 1, got 0/,
  );
  const unknown = world.experiments.create({ ...input, key: 'y', allocation: 'ucb' as never });
  await expect(unknown).rejects.toThrow(ConfigError);
});
