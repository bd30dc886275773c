import { cpSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createEvolution, decide, type Evolution } from '../../src/index';
import { makeProgramFolder } from '../support/packed-library';
import { newFolder, runNode, type Ended } from '../support/run-program';

// examples/closed-loop as a user runs it: another process, the packed library, everything through spans.

const example = resolve(__dirname, '../../examples/closed-loop');
let ended: Ended;
let evolution: Evolution;
let programs: Awaited<ReturnType<typeof makeProgramFolder>>;

beforeAll(async () => {
  programs = await makeProgramFolder();
  cpSync(example, programs.folder, { recursive: true });
  const databaseUrl = `sqlite:${join(newFolder(), 'evolution.db')}`;
  ended = await runNode([join(programs.folder, 'agent.mjs'), databaseUrl, '1'], {
    env: { OTEL_LOG_LEVEL: 'error' },
  });
  evolution = await createEvolution({ databaseUrl });
}, 120_000);
afterAll(async () => {
  await evolution.close();
  programs.remove();
});

test('examples/closed-loop goes from a pattern to everybody, and back when the world changes', () => {
  expect([ended.stderr, ended.code]).toEqual(['', 0]);
  expect(ended.stdout).toContain('found      config:window=');
  expect(ended.stdout).toContain('proposed   window: head → tail');
  expect(ended.stdout).toMatch(/experiment ship: changed is better than control by \d+\.\d points/);
  expect(ended.stdout).toMatch(/alert {6}after \d+ runs; the world changed at \d+/);
  const [, rolledBack, changed] = /roll_back {2}after (\d+) runs; the world changed at (\d+)/.exec(
    ended.stdout,
  )!;
  expect(Number(rolledBack)).toBeGreaterThan(Number(changed));
  expect(Number(rolledBack) - Number(changed)).toBeLessThanOrEqual(800);
});

test('and another process reads back what happened: who, why, on which evidence', async () => {
  const [adaptation, ...others] = await evolution.adaptation.list();
  expect(others).toEqual([]);
  const { id, patternId } = adaptation!;
  // The retest that a roll-back opens, at the first stage with twice the hold-back.
  expect(adaptation).toMatchObject({
    knob: 'window',
    from: 'head',
    to: 'tail',
    status: 'rolling_out',
    trafficPercent: 5,
    holdBackPercent: 20,
    retests: 1,
  });
  const pattern = await evolution.learner.explain(patternId);
  expect(pattern.predicate.text).toMatch(/^config:window=/);
  const history = await evolution.adaptation.history(id);
  const steps = history.filter(({ reason }) => reason !== 'outcome');
  expect(steps.map(({ actor, from, to }) => [actor, from, to])).toEqual([
    ['closed-loop', null, 'proposed'],
    ['closed-loop', 'proposed', 'approved'],
    ['closed-loop', 'approved', 'active'],
    ['feedback loop', 'active', 'active'],
    ['feedback loop', 'active', 'active'],
    ['feedback loop', 'active', 'rolled_back'],
    ['feedback loop', 'rolled_back', 'rolling_out'],
  ]);
  const [, , adopted, closer, alerted, rolledBack] = steps;
  expect(adopted!.evidence.e_value).toBeGreaterThanOrEqual(20);
  expect(closer!.evidence).toMatchObject({ hold_back_percent: 20 });
  expect(alerted!.evidence).toMatchObject({ hold_back_percent: 50 });
  expect(rolledBack!.evidence.e_value).toBeGreaterThanOrEqual(20);
  // Over its whole life, the good days before the change included.
  expect(typeof rolledBack!.evidence.effect).toBe('number');
});

test('and computes each decision again, bit for bit, from what is stored', async () => {
  const [adaptation] = await evolution.adaptation.list();
  const steps = await evolution.adaptation.replay(adaptation!.id);
  expect(steps.filter(({ isSame }) => !isSame)).toEqual([]);
  expect(steps.map(({ audit: { to } }) => to)).toContain('rolled_back');
  const [experiment] = await evolution.experiments.list();
  const observations = await evolution.experiments.observations(experiment!.id);
  const { decision, winner, reason } = experiment!;
  expect(decide(observations, experiment!.rules)).toMatchObject({ decision, winner, reason });
});

test('every run that counted says so on its span', async () => {
  const [experiment] = await evolution.experiments.list();
  expect(experiment).toMatchObject({ status: 'decided', decision: 'ship', winner: 'changed' });
  const analysis = await evolution.experiments.analyze(experiment!.id);
  expect(analysis.excluded).toEqual([]);
  expect(analysis.sampleRatio.ok).toBe(true);
  const [before, after] = analysis.variants;
  expect(after!.lift!.interval.lower).toBeGreaterThan(0.2);
  expect(before!.units + after!.units).toBe(analysis.units);
});
