/**
 * Streams followed over the looks that fall due (250, 500, 1,000, … units), one part of LEARNING 5 each:
 *
 *   --part null      target 1: a false claim at any look; half of the behaviours confounded, levels that exclude
 *                    each other, behaviours that imply others
 *   --part planted   target 2: the mean over streams of the largest share of false heads at any look, ten facts
 *   --part poisoned  a random tenth of the rewards set against the one fact: heads of the wrong sign
 *   --streams N (20) --seed S (1) --features M (200) --effect E (.2) --units N (2000)
 */
import { parseArgs } from 'node:util';
import type { ClosedExecution } from '../../src/model/learning';
import type { Pattern } from '../../src/model/pattern';
import { createLab, mean, print, share } from './harness';
import { clamp, draws, logistic, makeRun, numberReplications } from './streams';

const { values } = parseArgs({
  options: {
    part: { type: 'string', default: 'null' },
    streams: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    features: { type: 'string', default: '200' },
    effect: { type: 'string', default: '.2' },
    units: { type: 'string', default: '2000' },
  },
});
const [streams, features, effect, units] = [
  values.streams,
  values.features,
  values.effect,
  values.units,
].map(Number) as [number, number, number, number];
const firstLook = 250;

interface World {
  /** Effect of each of the first behaviours. */
  readonly effects: readonly number[];
  readonly behaviours: number;
  /** Prevalence of each; drawn where there is none. */
  readonly prevalence?: number;
}

/** A hundred tasks, two agents, drift; odd behaviours are clean, even ones follow what makes success likely. */
function makeRuns({ effects, behaviours, prevalence }: World, seed: string): ClosedExecution[] {
  const { uniform, normal } = draws(seed);
  const hard = Array.from({ length: 100 }, () => 1.2 * normal());
  const bases = Array.from({ length: behaviours }, () => -2 + 2 * uniform());
  const follows = bases.map((_, f) =>
    f % 2 === 1 || f < effects.length ? 0 : (uniform() < 0.5 ? -1 : 1) * (0.6 + 0.6 * uniform()),
  );
  const runs = Array.from({ length: units }, (_, i): ClosedExecution => {
    const task = Math.floor(hard.length * uniform());
    const agent = Math.floor(2 * uniform());
    const common = hard[task]! + 1.2 * (agent - 0.5) + 2 * (i / units - 0.5);
    const chanceOf = (f: number): number =>
      prevalence !== undefined && f === 0 ? prevalence : logistic(bases[f]! + follows[f]! * common);
    const has = bases.map((_, f) => uniform() < chanceOf(f));
    const moved = effects.reduce((sum, by, f) => sum + (has[f] === true ? by : 0), 0);
    const room = Math.min(0.4, effects.reduce((sum, by) => sum + Math.abs(by), 0) / 2);
    const chance = clamp(logistic(common) * (1 - 2 * room) + room + moved);
    // Levels exclude each other and follow the difficulty; what implies is rarer than what it implies.
    const level = Math.floor(4 * clamp(logistic(common) + 0.3 * normal()) * 0.999);
    const implying = has.flatMap((present, f) =>
      f >= effects.length && f % 10 === 5 && present && uniform() < 0.5 ? [`implies-f${f}`] : [],
    );
    return makeRun(i, {
      taskId: `task-${task}`,
      agent: { id: `agent-${agent}`, name: null, version: null, type: null },
      tags: [
        ...has.flatMap((present, f) => (present ? [`f${f}`] : [])),
        `level-${level}`,
        ...implying,
      ],
      outcome: { reward: uniform() < chance ? 1 : 0 },
    });
  });
  numberReplications(runs);
  return runs;
}

const isTag = ({ predicate }: Pattern): boolean => predicate.text.startsWith('tag:');

/** The heads of behaviours after each look. */
async function follow(runs: readonly ClosedExecution[]): Promise<Pattern[][]> {
  const lab = createLab([]);
  const heads: Pattern[][] = [];
  for (let until = firstLook; until <= units; until *= 2) {
    lab.executions.push(...runs.slice(lab.executions.length, until));
    await lab.learn();
    heads.push(lab.withStatus('observed', 'confirmed').filter(isTag));
  }
  return heads;
}

async function measureNull(): Promise<object> {
  let claims = 0;
  for (let s = 0; s < streams; s += 1) {
    const runs = makeRuns({ effects: [], behaviours: features }, `${values.seed}/looks/null/${s}`);
    if ((await follow(runs)).some((heads) => heads.length > 0)) claims += 1;
  }
  return { target: 1, gate: 0.05, falseClaimAtAnyLook: share(claims, streams) };
}

async function measurePlanted(): Promise<object> {
  const effects = Array.from({ length: 10 }, (_, f) => (f % 2 === 0 ? effect : -effect));
  const facts = new Set(effects.map((_, f) => `f${f}`));
  // A set of behaviours with a fact among them goes with success indeed.
  const isTrue = ({ predicate }: Pattern): boolean =>
    predicate.terms.some(({ key }) => facts.has(key));
  const most: number[] = [];
  const recall: number[][] = [];
  for (let s = 0; s < streams; s += 1) {
    const runs = makeRuns({ effects, behaviours: features }, `${values.seed}/looks/plant/${s}`);
    const looks = await follow(runs);
    const falseShare = looks.map(
      (heads) => heads.filter((head) => !isTrue(head)).length / Math.max(1, heads.length),
    );
    most.push(Math.max(...falseShare));
    const isFound = (head: Pattern): boolean => facts.has(head.predicate.text.slice('tag:'.length));
    looks.forEach((heads, l) => (recall[l] ??= []).push(heads.filter(isFound).length / facts.size));
  }
  const middle = mean(most);
  const spread = Math.sqrt(mean(most.map((value) => (value - middle) ** 2)) / streams);
  return {
    target: 2,
    gate: '.05 + 2 standard errors',
    effect,
    meanOfLargestFalseShare: middle,
    standardError: spread,
    recallByLook: recall.map(mean),
  };
}

async function measurePoisoned(): Promise<object> {
  let [wrong, found] = [0, 0];
  for (let s = 0; s < streams; s += 1) {
    const { uniform } = draws(`${values.seed}/looks/poison/${s}`);
    const prevalence = 0.1 + 0.4 * uniform();
    const world = { effects: [0.3], behaviours: 20, prevalence };
    const runs = makeRuns(world, `${values.seed}/looks/poisoned/${s}`).map((run) =>
      uniform() < 0.1 ? { ...run, outcome: { reward: run.tags.includes('f0') ? 0 : 1 } } : run,
    );
    const heads = (await follow(runs)).flat();
    if (heads.some(({ effect: { estimate } }) => estimate < 0)) wrong += 1;
    if (heads.some(({ predicate }) => predicate.text === 'tag:f0')) found += 1;
  }
  return { gate: 0.05, wrongSign: share(wrong, streams), found: share(found, streams) };
}

const parts: Readonly<Record<string, () => Promise<object>>> = {
  null: measureNull,
  planted: measurePlanted,
  poisoned: measurePoisoned,
};
const measure = parts[values.part];
if (measure === undefined)
  throw new Error(`no part ${values.part}: ${Object.keys(parts).join(', ')}`);
print({ ...values, ...(await measure()) });
