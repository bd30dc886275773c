import type { ExperimentInput } from '../../src/model/experiment';
import { ConfigError } from '../../src/errors';
import { changeSplit, createExperiment } from '../../src/experiments';

const input: ExperimentInput = {
  name: 'retries',
  variants: [
    { name: 'control', config: { retries: 0 } },
    { name: 'two', config: { retries: 2 } },
  ],
  trafficSplit: [0.5, 0.5],
  successMetric: 'success',
};
const around = { id: 'e1', nowUnixNano: 1_000n, running: [], dimensions: ['accuracy'] };
const create = (change: object, running = around.running): unknown =>
  createExperiment({ ...input, ...change }, { ...around, running });

test('defaults are those of the method', () => {
  const experiment = createExperiment(input, around);
  expect(experiment).toMatchObject({
    id: 'e1',
    key: 'retries',
    version: 1,
    unit: 'task',
    status: 'running',
    decision: 'continue',
    durationDays: 14,
    horizonHours: 24,
  });
  expect(experiment.rules).toMatchObject({
    alpha: 0.05,
    cap: 3_000,
    minimumUnitsPerArm: 100,
    sampleRatioLimit: 1_000,
  });
});

test('guardrails by name get their kind, direction and margin; a signal only asks', () => {
  const { rules } = createExperiment(
    { ...input, guardrails: ['cost', 'latency', 'errors', 'accuracy'], signals: ['tokens'] },
    around,
  );
  expect(rules.guardrails).toEqual([
    {
      metric: 'cost',
      kind: 'ratio_of_means',
      higherIsBetter: false,
      margin: 0.1,
      role: 'guardrail',
    },
    {
      metric: 'latency',
      kind: 'ratio_of_p95',
      higherIsBetter: false,
      margin: 0.1,
      role: 'guardrail',
    },
    { metric: 'errors', kind: 'mean', higherIsBetter: false, margin: 0.02, role: 'guardrail' },
    { metric: 'accuracy', kind: 'mean', higherIsBetter: true, margin: 0.02, role: 'guardrail' },
    {
      metric: 'tokens',
      kind: 'ratio_of_means',
      higherIsBetter: false,
      margin: 0.1,
      role: 'signal',
    },
  ]);
});

const long = 'x'.repeat(10_240);
const bad: readonly [string, object, RegExp][] = [
  [
    'a split that does not sum to 1',
    { trafficSplit: [0.5, 0.4] },
    /sum to 1, got 0\.5 \+ 0\.4 = 0\.9/,
  ],
  [
    'a split of the wrong length',
    { trafficSplit: [1] },
    /one share per variant \(2\), got 1 shares/,
  ],
  ['a share of 0', { trafficSplit: [1, 0] }, /strictly between 0 and 1, got 1/],
  ['a share that is no number', { trafficSplit: [NaN, 0.5] }, /got NaN/],
  [
    'one variant',
    { variants: [{ name: 'a' }], trafficSplit: [1] },
    /from two to 20, the control first, got 1/,
  ],
  ['two of one name', { variants: [{ name: 'a' }, { name: 'a' }] }, /"a" twice/],
  [
    'an unknown metric',
    { successMetric: 'sucess' },
    /unknown metric "sucess"\. Did you mean "success"\?/,
  ],
  ['an unknown guardrail', { guardrails: ['p95'] }, /guardrail names the unknown metric "p95"/],
  [
    'weights that do not sum to 1',
    { successMetric: { weights: { reward: 0.5, accuracy: 0.4 } } },
    /sum to 1/,
  ],
  [
    'a weight of an unknown dimension',
    { successMetric: { weights: { tone: 1 } } },
    /unknown metric "tone"/,
  ],
  ['an empty name', { name: '  ' }, /name must be a text of 1 to 200 characters/],
  ['a name of 10 kB', { name: long }, /got 10240 characters/],
  ['a duration of 0', { durationDays: 0 }, /durationDays/],
  ['an endless horizon', { horizonHours: Infinity }, /horizonHours/],
  ['a unit nobody knows', { unit: 'company' }, /one of task, session, user, got "company"/],
  [
    'a misspelt option',
    { trafficsplit: [1] },
    /unknown option "trafficsplit"\. Did you mean "trafficSplit"/,
  ],
];
test.each(bad)('refuses %s', (_, change, message) => {
  expect(() => create(change)).toThrow(ConfigError);
  expect(() => create(change)).toThrow(message);
});

describe('overlapping experiments', () => {
  const running = [createExperiment(input, around)];

  test('one key', () => {
    const other = { variants: [{ name: 'a' }, { name: 'b' }] };
    expect(() => create(other, running as never)).toThrow(
      /the key "retries" is under test in "retries" \(e1\)/,
    );
  });

  test('one setting, another key', () => {
    expect(() => create({ name: 'other' }, running as never)).toThrow(
      /the setting "retries" is under test/,
    );
  });

  test('one that has ended is not in the way', () => {
    const ended = running.map((one) => ({ ...one, status: 'stopped' as const }));
    expect(() => create({}, ended as never)).not.toThrow();
  });
});

test('the split may change while it runs, and must stay one', () => {
  const experiment = createExperiment(input, around);
  expect(changeSplit(experiment, [0.1, 0.9]).trafficSplit).toEqual([0.1, 0.9]);
  expect(() => changeSplit(experiment, [0.1, 0.1])).toThrow(/sum to 1/);
  expect(() => changeSplit(experiment, [0.2, 0.3, 0.5])).toThrow(/one share per variant \(2\)/);
  expect(() => changeSplit({ ...experiment, status: 'decided' }, [0.1, 0.9])).toThrow(
    /no longer changes/,
  );
});
