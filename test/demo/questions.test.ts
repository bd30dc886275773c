import type { InstalledPackage } from '../../src/demo/installed-packages';
import { drawKnobs } from '../../src/demo/knobs';
import { makeTasks } from '../../src/demo/questions';

const packages = Array.from({ length: 300 }, (_, i): InstalledPackage => {
  const name = `package-${i}`;
  const manifest = {
    name,
    version: '1.0.0',
    license: i % 5 === 0 ? 'ISC' : 'MIT',
    author: 'Ada',
    repository: `o/${name}`,
    ...(i % 2 === 0 ? { dependencies: { a: '1' } } : {}),
    ...(i % 10 === 0 ? { type: 'module' } : {}),
    ...(i % 20 === 0 ? { bin: './cli.js' } : {}),
  };
  return { name, version: '1.0.0', folder: `/nowhere/${name}`, manifest };
});

test('the same seed gives the same tasks, another seed others', () => {
  const tasks = makeTasks(packages, { seed: 1, executions: 400 });
  expect(makeTasks(packages, { seed: 1, executions: 400 })).toEqual(tasks);
  const reversed = makeTasks([...packages].reverse(), { seed: 1, executions: 400 });
  expect(reversed).toEqual(tasks);
  const ids = (seed: number): string[] =>
    makeTasks(packages, { seed, executions: 400 }).map(({ id }) => id);
  expect(ids(2)).not.toEqual(ids(1));
});

test('half of the tasks run three times, and the runs add up', () => {
  const tasks = makeTasks(packages, { seed: 3, executions: 400 });
  expect(tasks).toHaveLength(200);
  expect(new Set(tasks.map(({ id }) => id)).size).toBe(200);
  expect(tasks.filter(({ replications }) => replications === 3)).toHaveLength(100);
  expect(tasks.reduce((sum, { replications }) => sum + replications, 0)).toBe(400);
});

test('half of the licence questions are about packages that are not MIT', () => {
  const tasks = makeTasks(packages, { seed: 4, executions: 400 });
  const licences = tasks.filter(({ type }) => type === 'licence').map(({ truth }) => truth[0]);
  expect(licences.length).toBeGreaterThan(30);
  const others = licences.filter((licence) => licence !== 'MIT').length;
  expect(Math.abs(others - licences.length / 2)).toBeLessThanOrEqual(0.5);
});

test('every type is asked about, and every question has an answer', () => {
  const tasks = makeTasks(packages, { seed: 5, executions: 400 });
  expect(new Set(tasks.map(({ type }) => type)).size).toBe(6);
  for (const {
    truth,
    text,
    package: { name },
  } of tasks) {
    expect(truth.length).toBeGreaterThan(0);
    expect(text).toContain(name);
  }
});

test('few packages give fewer tasks, none gives none', () => {
  const few = makeTasks(packages.slice(0, 3), { seed: 1, executions: 400 });
  expect(few.length).toBeLessThan(20);
  expect(few.length).toBeGreaterThan(9);
  expect(makeTasks([], { seed: 1, executions: 400 })).toEqual([]);
});

describe('knobs', () => {
  const draws = Array.from({ length: 6_000 }, (_, i) => drawKnobs(7, `run-${i}`));

  test('are drawn evenly, with the probability that is logged', () => {
    for (const name of [
      'window',
      'scan',
      'first_file',
      'effort',
      'normalise',
      'greeting',
    ] as const) {
      const counts = new Map<string, number>();
      for (const { knobs } of draws) counts.set(knobs[name], (counts.get(knobs[name]) ?? 0) + 1);
      const probability = draws[0]?.propensities[name] ?? 0;
      expect(counts.size).toBe(Math.round(1 / probability));
      for (const count of counts.values()) {
        // Five standard deviations of a binomial count.
        const spread = 5 * Math.sqrt(draws.length * probability * (1 - probability));
        expect(Math.abs(count - draws.length * probability)).toBeLessThan(spread);
      }
    }
  });

  test('are drawn independently of each other', () => {
    const both = draws.filter(({ knobs }) => knobs.scan === 'import' && knobs.window === 'tail');
    const expected = draws.length / 9;
    expect(Math.abs(both.length - expected)).toBeLessThan(5 * Math.sqrt(expected));
  });

  test('depend on the seed and the run alone', () => {
    expect(drawKnobs(7, 'run-0')).toEqual(draws[0]);
    const other = Array.from({ length: 20 }, (_, i) => drawKnobs(8, `run-${i}`));
    expect(other).not.toEqual(draws.slice(0, 20));
  });
});
