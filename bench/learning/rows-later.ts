import { generateCandidates } from '../../src/learning/candidates/candidates';
import { resolveLearningSettings } from '../../src/learning/units/learning-settings';
import { outcomeColumn } from '../../src/learning/units/outcome-column';
import { randomisedLogE } from '../../src/learning/look/randomised-evidence';
import { collectUnits } from '../../src/learning/units/unit-collector';
import { createWorkbench } from '../../src/learning/comparison/workbench';
import type { ClosedExecution } from '../../src/model/learning';
import { createLab, share, type Lab } from './harness';
import type { RowOptions } from './rows';
import { draws, logistic, makeRun, numberReplications } from './streams';

/** Runs of 100 tasks; one behaviour moves the outcome by what `effectAt` says, twenty do nothing. */
function makeRuns(
  units: number,
  seed: string,
  effectAt: (unit: number) => number,
  { agents = 1, drift = false } = {},
): ClosedExecution[] {
  const { uniform, normal } = draws(seed);
  const hard = Array.from({ length: 100 }, () => 0.8 * normal());
  const runs = Array.from({ length: units }, (_, i): ClosedExecution => {
    const task = Math.floor(uniform() * 100);
    const agent = Math.floor(uniform() * agents);
    const time = drift ? 2 * (i / units - 0.5) : 0;
    const fact = uniform() < 0.4;
    const effect = effectAt(i);
    const rate = logistic((hard[task] ?? 0) + 0.8 * (agent - (agents - 1) / 2) + time);
    const room = Math.abs(effect);
    const chance = rate * (1 - room) + (fact ? Math.max(0, effect) : Math.max(0, -effect));
    return makeRun(i, {
      taskId: `task-${task}`,
      agent: { id: `agent-${agent}`, name: null, version: null, type: null },
      tags: [
        ...(fact ? ['fact'] : []),
        ...Array.from({ length: 20 }, (_, f) => `f${f}`).filter(() => uniform() < 0.3),
      ],
      outcome: { reward: uniform() < chance ? 1 : 0 },
    });
  });
  numberReplications(runs);
  return runs;
}

/** `learn` after every `step` units, as the background does. */
async function follow(
  runs: readonly ClosedExecution[],
  step: number,
  seen: (lab: Lab, units: number) => boolean,
): Promise<Lab> {
  const lab = createLab([], { maxConjunctions: 0 });
  for (let until = step; until <= runs.length; until += step) {
    lab.executions.push(...runs.slice(lab.executions.length, until));
    if (until === 250 || lab.looks.length > 0) await lab.learn();
    if (seen(lab, until)) break;
  }
  return lab;
}

const factOf = (lab: Lab) =>
  [...lab.patterns.values()].find(({ predicate }) => predicate.text === 'tag:fact');

export async function measureConfirmation({ streams, seed }: RowOptions): Promise<object> {
  const cells: Record<string, object> = {};
  const settings = [
    { name: '.2, one agent', effect: 0.2, agents: 1, by: [2_000, 4_000] },
    { name: '.3, one agent', effect: 0.3, agents: 1, by: [1_000] },
    { name: '.2, two agents', effect: 0.2, agents: 2, by: [2_000] },
    { name: 'nothing', effect: 0, agents: 1, by: [2_000] },
  ];
  for (const { name, effect, agents, by } of settings) {
    const confirmedAt: number[] = [];
    let falsely = 0;
    for (let s = 0; s < streams; s += 1) {
      const runs = makeRuns(Math.max(...by), `${seed}/3h/${name}/${s}`, () => effect, { agents });
      const lab = await follow(runs, 250, (now, units) => {
        if (factOf(now)?.status !== 'confirmed' || effect === 0) return false;
        confirmedAt.push(units);
        return true;
      });
      const wrong = lab
        .withStatus('confirmed')
        .some(
          ({ predicate: { text } }) =>
            text.startsWith('tag:') && (effect === 0 || text !== 'tag:fact'),
        );
      if (wrong) falsely += 1;
    }
    cells[name] = {
      confirmed: Object.fromEntries(
        by.map((units) => [units, share(confirmedAt.filter((at) => at <= units).length, streams)]),
      ),
      falselyConfirmed: share(falsely, streams),
    };
  }
  return {
    gate: '.2: .90 by 2,000, .98 by 4,000; .3: .90 by 1,000; two agents .80; false .01',
    cells,
  };
}

export async function measureDemotion({ streams, seed }: RowOptions): Promise<object> {
  const cells: Record<string, object> = {};
  const turn = 1_000;
  const shapes = [
    { name: 'reversal', after: -0.3, units: 2_600, agents: 1 },
    { name: 'reversal, two agents, drift', after: -0.3, units: 2_600, agents: 2 },
    { name: 'fade to 0', after: 0, units: 2_600, agents: 1 },
    { name: 'stays', after: 0.3, units: 3_000, agents: 1 },
  ];
  for (const { name, after, units, agents } of shapes) {
    const delays: number[] = [];
    let observed = 0;
    for (let s = 0; s < streams; s += 1) {
      const effectAt = (unit: number): number => (unit < turn ? 0.3 : after);
      const runs = makeRuns(units, `${seed}/3g/${name}/${s}`, effectAt, {
        agents,
        drift: agents > 1,
      });
      let wasObserved = false;
      await follow(runs, 50, (lab, now) => {
        const status = factOf(lab)?.status;
        if (now <= turn) wasObserved ||= status === 'observed' || status === 'confirmed';
        // A later look may find that it is none any more, before a window does.
        const gone = status === 'demoted' || (wasObserved && status === 'candidate');
        if (now <= turn || !gone) return false;
        delays.push(now - turn);
        return true;
      });
      if (wasObserved) observed += 1;
    }
    const sorted = [...delays].sort((a, b) => a - b);
    const quantile = (q: number): number | null => sorted[Math.floor(q * (observed - 1))] ?? null;
    cells[name] = {
      observed,
      ended: share(delays.length, Math.max(1, observed)),
      median: quantile(0.5),
      p90: quantile(0.9),
    };
  }
  return { gate: 'reversal 300, 400; fade 1,300, .70 within 1,600; stays .05 per 2,000', cells };
}

/** A knob that does nothing, drawn per run, two agents and drift: e at or above 20 at any of its blocks. */
export async function measureKnob({ streams, seed }: RowOptions): Promise<object> {
  let ever = 0;
  const settings = resolveLearningSettings();
  for (let s = 0; s < streams; s += 1) {
    const { uniform } = draws(`${seed}/3e/${s}`);
    const runs = makeRuns(2_000, `${seed}/3e/runs/${s}`, () => 0, { agents: 2, drift: true }).map(
      (run) => ({
        ...run,
        config: { knob: uniform() < 0.5 ? 'a' : 'b' },
        propensities: { knob: 0.5 },
      }),
    );
    let most = -Infinity;
    for (let until = 100; until <= runs.length; until += 50) {
      const table = await collectUnits(runs.slice(0, until));
      const bench = createWorkbench(table, settings);
      const column = outcomeColumn(table, 'reward', settings);
      const candidate = generateCandidates(table, { ...settings, maxConjunctions: 0 }).find(
        ({ predicate }) => predicate.text === 'config:knob=a',
      );
      if (candidate === undefined) continue;
      const comparison = bench.comparisonOf(candidate);
      most = Math.max(most, randomisedLogE({ candidate, column, comparison }, bench));
    }
    if (most >= Math.log(20)) ever += 1;
  }
  return { gate: 0.05, everAtLeastTwenty: share(ever, streams) };
}
