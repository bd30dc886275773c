import type { ClosedExecution } from '../../src/model/learning';
import type { Pattern } from '../../src/model/pattern';
import { createLab, share } from './harness';
import type { RowOptions } from './rows';
import { draws, logistic, makeRun, makeStream, numberReplications } from './streams';

const isTag = ({ predicate }: Pattern): boolean => predicate.text.startsWith('tag:');
const promoted = ['observed', 'confirmed'] as const;

/**
 * A season of 400 units, so that an epoch is a quarter of it, by its amplitude in logits; the behaviours follow it
 * as they follow difficulty. Printed as a limit.
 */
export async function measureSeason({ streams, seed }: RowOptions): Promise<object> {
  const cells: Record<string, object> = {};
  for (const amplitude of [0.4, 0.8, 1.7]) {
    for (const units of [1_000, 2_000]) {
      let claims = 0;
      for (let s = 0; s < streams; s += 1) {
        const time = (at: number): number => amplitude * Math.sin((2 * Math.PI * at * units) / 400);
        const options = { features: 60, agents: 1, repeats: 5, effect: 0, units };
        const name = `${seed}/1c/${amplitude}/${units}/${s}`;
        const lab = createLab(makeStream({ time }, { ...options, seed: name }).executions);
        await lab.learn();
        if (lab.withStatus(...promoted).some(isTag)) claims += 1;
      }
      cells[`${amplitude} logits, ${units} units`] = share(claims, streams);
    }
  }
  return { gate: '.10 at an amplitude of .4', falseClaim: cells };
}

/** Tasks come once until 400 units are in, and return from then on; looks at 250, 500, 1,000 and 2,000. */
export async function measureBeginToRepeat({ streams, seed }: RowOptions): Promise<object> {
  let [claims, promotedUnadjusted, apart] = [0, 0, 0];
  for (let s = 0; s < streams; s += 1) {
    const pick = draws(`${seed}/1d/pick/${s}`);
    const options = { features: 60, agents: 1, repeats: 20, effect: 0, units: 2_000 };
    const stream = makeStream({ tasks: 'trial by trial' }, { ...options, seed: `${seed}/1d/${s}` });
    const runs = stream.executions.map((run, i) =>
      i < 400 && pick.uniform() < 0.9 ? { ...run, taskId: `once-${i}` } : run,
    );
    numberReplications(runs);
    const lab = createLab([]);
    for (const until of [250, 500, 1_000, 2_000]) {
      lab.executions.push(...runs.slice(lab.executions.length, until));
      await lab.learn();
    }
    if (lab.withStatus(...promoted).some(isTag)) claims += 1;
    if (lab.entries.some(({ status }) => status === 'unadjusted')) apart += 1;
    const unadjusted = lab.entries.filter(({ strata }) => strata.startsWith('task.type'));
    promotedUnadjusted += unadjusted.filter(
      ({ predicate, status }) =>
        predicate.startsWith('tag:') && (status === 'observed' || status === 'confirmed'),
    ).length;
  }
  return {
    gate: 0.05,
    adjustedClaim: share(claims, streams),
    behavioursPromotedFromUnadjusted: promotedUnadjusted,
    everListedApart: share(apart, streams),
  };
}

/** Ten settings given to tasks without regard to difficulty, 150 tasks of six runs; the first may have an effect. */
export async function measureSticky({ streams, seed }: RowOptions): Promise<object> {
  const found = { null: 0, effect: 0, beside: 0 };
  for (let s = 0; s < streams; s += 1) {
    for (const effect of [0, 0.2]) {
      const { uniform, normal } = draws(`${seed}/1e/${effect}/${s}`);
      const tasks = Array.from({ length: 150 }, () => ({
        hard: 0.8 * normal(),
        settings: Array.from({ length: 10 }, () => uniform() < 0.5),
      }));
      const runs = Array.from({ length: 900 }, (_, i): ClosedExecution => {
        const task = Math.floor(uniform() * 150);
        const { hard, settings } = tasks[task]!;
        const chance = logistic(hard) * (1 - effect) + (settings[0] === true ? effect : 0);
        return makeRun(i, {
          taskId: `task-${task}`,
          config: Object.fromEntries(settings.map((on, k) => [`s${k}`, on ? 'on' : 'off'])),
          outcome: { reward: uniform() < chance ? 1 : 0 },
        });
      });
      numberReplications(runs);
      const lab = createLab(runs);
      await lab.learn();
      const keys = lab.withStatus(...promoted).map(({ predicate }) => predicate.terms[0]?.key);
      if (effect === 0 && keys.length > 0) found.null += 1;
      if (effect > 0 && keys.includes('s0')) found.effect += 1;
      if (effect > 0 && keys.some((key) => key !== 's0')) found.beside += 1;
    }
  }
  return {
    gate: { falseClaim: 0.05, power: 0.9 },
    falseClaim: share(found.null, streams),
    power: share(found.effect, streams),
    falseBesideTheTrue: share(found.beside, streams),
  };
}

/** A knob of .2, one that agrees with it in .8 and does nothing, and a tool that is used under the working one. */
export async function measureCompanion({ streams, seed }: RowOptions): Promise<object> {
  const cells: Record<string, object> = {};
  for (const units of [1_000, 2_000]) {
    const found = { knob: 0, companion: 0, tool: 0 };
    for (let s = 0; s < streams; s += 1) {
      const { uniform, normal } = draws(`${seed}/1f/${units}/${s}`);
      const hard = Array.from({ length: units / 10 }, () => 0.8 * normal());
      const runs = Array.from({ length: units }, (_, i): ClosedExecution => {
        const task = Math.floor(uniform() * hard.length);
        const works = uniform() < 0.5;
        const companion = uniform() < 0.8 ? works : !works;
        const uses = uniform() < (works ? 0.7 : 0.2);
        const chance = logistic(hard[task] ?? 0) * 0.8 + (works ? 0.2 : 0);
        return makeRun(i, {
          taskId: `task-${task}`,
          config: { knob: works ? 'new' : 'old', companion: companion ? 'x' : 'y' },
          tags: [
            ...(uses ? ['tool'] : []),
            ...Array.from({ length: 40 }, (_, f) => `f${f}`).filter(() => uniform() < 0.3),
          ],
          outcome: { reward: uniform() < chance ? 1 : 0 },
        });
      });
      numberReplications(runs);
      const lab = createLab(runs);
      await lab.learn();
      const keys = lab.withStatus(...promoted).map(({ predicate }) => predicate.terms[0]?.key);
      if (keys.includes('knob')) found.knob += 1;
      if (keys.includes('companion')) found.companion += 1;
      if (keys.includes('tool')) found.tool += 1;
    }
    cells[units] = {
      workingKnob: share(found.knob, streams),
      companion: share(found.companion, streams),
      tool: share(found.tool, streams),
    };
  }
  return { gate: { workingKnob: [0.8, 0.95], companion: 0.03, tool: 0.03 }, cells };
}

/** Failures of runs with one behaviour lose their outcome; then a tenth missing at random; M = 160. */
export async function measureMissing({ streams, seed }: RowOptions): Promise<object> {
  const cells: Record<string, object> = {};
  const factSupports = [0.4, 0.25, 0.5];
  const options = { features: 160, agents: 1, repeats: 5, units: 1_000, factSupports };
  const lossOf = (run: ClosedExecution, lossy: string, loss: number): number =>
    run.tags.includes(lossy) && run.outcome['reward'] === 0 ? loss : 0;
  const lose = (runs: readonly ClosedExecution[], name: string, lossy: string, loss: number) => {
    const { uniform } = draws(`${seed}/2c/${name}`);
    return runs.map((run) =>
      uniform() < lossOf(run, lossy, loss) ? { ...run, outcome: {} } : run,
    );
  };
  for (const loss of [0.2, 0.4]) {
    let [claims, beside] = [0, 0];
    for (let s = 0; s < streams; s += 1) {
      const name = `${loss}/${s}`;
      const nothing = makeStream({}, { ...options, effect: 0, seed: `${seed}/2c/null/${name}` });
      const lab = createLab(lose(nothing.executions, name, 'f3', loss));
      await lab.learn();
      if (lab.withStatus(...promoted).some(isTag)) claims += 1;
      const real = makeStream({}, { ...options, effect: 0.2, seed: `${seed}/2c/fact/${name}` });
      const other = createLab(lose(real.executions, name, 'f3', loss));
      await other.learn();
      const texts = other.withStatus(...promoted).map(({ predicate }) => predicate.text);
      if (texts.includes('tag:f0')) beside += 1;
    }
    cells[loss] = { falseClaim: share(claims, streams), factBeside: share(beside, streams) };
  }
  let atRandom = 0;
  for (let s = 0; s < streams; s += 1) {
    const { uniform } = draws(`${seed}/2c/random/${s}`);
    const real = makeStream({}, { ...options, effect: 0.2, seed: `${seed}/2c/mar/${s}` });
    const runs = real.executions.map((run) => (uniform() < 0.1 ? { ...run, outcome: {} } : run));
    const lab = createLab(runs);
    await lab.learn();
    const texts = lab.withStatus(...promoted).map(({ predicate }) => predicate.text);
    if (texts.includes('tag:f0')) atRandom += 1;
  }
  return {
    gate: { falseClaim: 0.05, factBeside: 0.75, factMissingAtRandom: 0.9 },
    cells,
    factMissingAtRandom: share(atRandom, streams),
  };
}
