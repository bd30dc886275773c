/**
 * What samplers and pipelines do to what is learned (LEARNING 3, "Sampling"): streams whose truth is known go through
 * five ways of keeping runs, drops that look at nothing, duplicates, and rewards that come late or are revised.
 *
 *   --streams N   of each cell (20); the issue asks for 1000
 *   --units N     runs that ended, before sampling (6000)
 *   --seed S      (1)
 *   --features N  behaviours of a stream (40)
 *   --cells TEXT  those whose name matches it, a regular expression; imports only without
 *   --only PART   `looks`; or `coverage` of weighted intervals, which takes a fiftieth of the time
 *
 * `said` is how the pipeline tells of it: `counted` by our processor's stamps, `policy` by the Collector's attribute
 * (declared in its order, the uniform policy first or last), `threshold` by the trace state, `nothing`. With `nothing`,
 * what depends on the outcome cannot be seen: no gate there. `covered`: weighted 95 % intervals of the success rate of
 * all runs that ended, and of what each of them is a sample of.
 */
import { parseArgs } from 'node:util';
import type { ClosedExecution } from '../../src/model/learning';
import type { Pattern } from '../../src/model/pattern';
import type { SamplingDeclaration } from '../../src/model/sampling';
import { readTau2AirlineRuns, readTauBenchRuns } from '../../test/support/bench-runs';
import { resolveLearningSettings } from '../../src/learning/units/learning-settings';
import { estimateOutcomes } from '../../src/learning/units/outcome-estimates';
import { collectUnits } from '../../src/learning/units/unit-collector';
import { createLab, mean, print, share, type Lab } from './harness';
import { declarationOf, policies, sayings, send, ways, type Keeping, type Said } from './samplers';
import { draws, makeStream, shuffled, type Stream } from './streams';

const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '20' },
    units: { type: 'string', default: '6000' },
    seed: { type: 'string', default: '1' },
    features: { type: 'string', default: '40' },
    cells: { type: 'string' },
    only: { type: 'string' },
  },
});
const [streams, units] = [Number(values.streams), Number(values.units)];

/** Runs a task that end: of those that the least part keeps several are left. */
const repeats = 60;

/** A tenth of the rewards come after the first look, a twentieth are revised then; in any order. */
async function learnLate(
  sent: readonly ClosedExecution[],
  sampling: SamplingDeclaration,
  seed: string,
): Promise<Lab> {
  const { uniform } = draws(seed);
  const final = sent.map((run) =>
    uniform() < 0.05 ? { ...run, outcome: { reward: uniform() < 0.5 ? 1 : 0 } } : run,
  );
  const lab = createLab(
    shuffled(
      sent.map((run) => (uniform() < 0.1 ? { ...run, outcome: {} } : run)),
      { uniform },
    ),
    { maxConjunctions: 0, sampling },
  );
  const half = lab.executions.length >> 1;
  lab.executions.splice(half);
  await lab.learn();
  lab.executions.splice(0, lab.executions.length, ...final);
  await lab.learn();
  return lab;
}

interface Count {
  falseClaim: number;
  wrongSign: number;
  found: number;
  refusedWithin200: number;
  covered: number;
  coveredOfAll: number;
}

const nothingYet = (): Count => ({
  ...{ falseClaim: 0, wrongSign: 0, found: 0, refusedWithin200: 0 },
  ...{ covered: 0, coveredOfAll: 0 },
});

interface Cell {
  readonly name: string;
  readonly keeping: Keeping;
  readonly said: Said;
}

const isTag = ({ predicate }: Pattern): boolean => predicate.text.startsWith('tag:');

/** One stream in which nothing moves the outcome and one with three facts, the same for all cells. */
async function measure(measured: readonly Cell[]): Promise<Map<Cell, Count>> {
  const counts = new Map(measured.map((cell) => [cell, nothingYet()] as const));
  const options = { features: Number(values.features), agents: 1, repeats, units };
  for (let s = 0; s < streams; s += 1) {
    const seed = `${values.seed}/${s}`;
    const nothing = makeStream({}, { ...options, effect: 0, seed: `${seed}/null` });
    const real = makeStream({}, { ...options, effect: 0.2, seed: `${seed}/real` });
    for (const [cell, count] of counts) {
      await countNull(cell, nothing.executions, `${seed}/${cell.name}`, count);
      await countFacts(cell, real, `${seed}/${cell.name}`, count);
    }
    // Who stops it after an hour has seen something.
    if ((s + 1) % 25 === 0) {
      const soFar = [...counts].map(([{ name }, count]) => [name, count] as const);
      console.error(`${s + 1} of ${streams}: ${JSON.stringify(Object.fromEntries(soFar))}`);
    }
  }
  return counts;
}

async function countNull(
  { keeping, said }: Cell,
  runs: readonly ClosedExecution[],
  seed: string,
  count: Count,
): Promise<void> {
  const sent = send(runs, keeping, said, `${seed}/null`);
  const lab = await learnLate(sent, declarationOf(keeping, said), `${seed}/late`);
  if (lab.withStatus('observed', 'confirmed').some(isTag)) count.falseClaim += 1;
}

async function countFacts(
  { keeping, said }: Cell,
  { executions, facts }: Stream,
  seed: string,
  count: Count,
): Promise<void> {
  const sent = send(executions, keeping, said, `${seed}/sent`);
  const sampling = declarationOf(keeping, said);
  const lab = await learnLate(sent, sampling, `${seed}/real-late`);
  const found = lab
    .withStatus('observed', 'confirmed')
    .filter(({ predicate }) => facts.includes(predicate.text));
  const sign = (text: string): number => (text === 'tag:f2' ? -1 : 1);
  if (found.some(({ predicate, effect }) => effect.estimate * sign(predicate.text) < 0)) {
    count.wrongSign += 1;
  }
  if (found.length === facts.length) count.found += 1;
  const early = createLab(sent.slice(0, 200), { maxConjunctions: 0, sampling });
  if (/nothing is learned/.test((await early.learn()).message)) count.refusedWithin200 += 1;
}

/** Weighted intervals, of streams of five behaviours. */
async function measureCoverage(counts: ReadonlyMap<Cell, Count>): Promise<void> {
  const options = { features: 5, agents: 1, repeats, units, effect: 0.2 };
  for (let s = 0; s < streams; s += 1) {
    const seed = `${values.seed}/coverage/${s}`;
    const { executions, rate } = makeStream({}, { ...options, seed });
    const ended = mean(executions.map(({ outcome }) => outcome['reward'] ?? 0));
    for (const [{ name, keeping, said }, count] of counts) {
      const sampling = declarationOf(keeping, said);
      const settings = resolveLearningSettings({ sampling });
      const table = await collectUnits(
        send(executions, keeping, said, `${seed}/${name}`),
        settings,
      );
      const { lower, upper } = estimateOutcomes(table, ['reward'])[0]?.interval ?? nowhere;
      if (lower <= ended && ended <= upper) count.coveredOfAll += 1;
      if (lower <= rate && rate <= upper) count.covered += 1;
    }
  }
}

const nowhere = { lower: 1, upper: 0 };

/** Real runs with a label planted in them, through each way of keeping: what else is claimed. */
async function measureImports(name: string, runs: readonly ClosedExecution[]): Promise<object> {
  const cells: Record<string, object> = {};
  for (const [policy, keeping] of Object.entries(policies)) {
    const count = { label: 0, wrongSign: 0, beside: 0, refused: 0 };
    for (let s = 0; s < streams; s += 1) {
      const { uniform } = draws(`${values.seed}/${name}/${policy}/${s}`);
      const planted = runs.map((run) => {
        const coin = uniform() < 0.5;
        const outcome = uniform() < 0.4 ? { reward: coin ? 1 : 0 } : run.outcome;
        return { ...run, outcome, tags: coin ? ['label'] : [] };
      });
      const lab = createLab(send(planted, keeping, 'policy', `${values.seed}/${name}/${s}`), {
        sampling: declarationOf(keeping, 'policy'),
      });
      const { message } = await lab.learn();
      if (/nothing is learned/.test(message)) count.refused += 1;
      const promoted = lab.withStatus('observed', 'confirmed');
      const label = promoted.find(({ predicate }) => predicate.text === 'tag:label');
      if (label !== undefined) count.label += 1;
      if (label !== undefined && label.effect.estimate < 0) count.wrongSign += 1;
      if (promoted.some((each) => each !== label)) count.beside += 1;
    }
    cells[policy] = count;
  }
  return { runs: runs.length, of: streams, cells };
}

const all = Object.entries(policies).flatMap(([policy, keeping]) => {
  const told = ways[policy] ?? sayings;
  return told.map((said): Cell => ({ name: `${policy}, ${said}`, keeping, said }));
});
const wanted = new RegExp(values.cells ?? '');
const chosen = all.filter(({ name }) => wanted.test(name));
const counts = await measure(values.only === 'coverage' ? [] : chosen);
for (const cell of chosen) if (!counts.has(cell)) counts.set(cell, nothingYet());
if (values.only !== 'looks') await measureCoverage(counts);
const cells = Object.fromEntries(
  [...counts].map(([{ name }, count]) => [
    name,
    Object.fromEntries(
      Object.entries(count)
        .filter(([key]) => values.only === undefined || isOf(values.only, key))
        .map(([key, hits]: [string, number]) => [key, share(hits, streams)]),
    ),
  ]),
);
function isOf(part: string, key: string): boolean {
  return key.startsWith('covered') === (part === 'coverage');
}
print({
  seed: values.seed,
  units,
  gate: 'false claim <= .05 and wrong sign 0 in every cell but `nothing`, covered >= .94 there; refusal >= .99 where counted',
  cells,
  ...(values.cells === undefined && values.only === undefined
    ? {
        imports: {
          tauBench: await measureImports('tau-bench', readTauBenchRuns()),
          tau2: await measureImports('tau2', readTau2AirlineRuns()),
        },
      }
    : {}),
});
