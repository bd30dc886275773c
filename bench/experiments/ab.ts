/**
 * LEARNING targets 5 and 6: an A/B test that is checked after every unit.
 * `experiments/ab null [runs] [units]` · `power [runs]` · `guardrails [runs]` · `delayed [runs] [units]`; seeds are fixed, one JSON object comes out.
 * `delayed`: outcomes come 0 to 500 units after their unit, failures of treatment last, a tenth never, which is known after 500; the
 * stop is told in units that were assigned by then.
 */
import { Decider, decisionRules } from '../../src/experiments';
import type {
  DecisionRules,
  ExperimentDecision,
  Guardrail,
  Observation,
} from '../../src/model/experiment';
import { normalQuantile, seededRandom } from '../../src/stats';
import { median, shareOf } from '../measure/share';

const arms = [
  { name: 'control', share: 0.5 },
  { name: 'treatment', share: 0.5 },
];

interface World {
  readonly control: number;
  readonly treatment: number;
  /** Added to the error rate (base .05), and factors on cost and latency, of treatment. */
  readonly harm?: { readonly errors?: number; readonly latency?: number; readonly cost?: number };
  readonly missing?: number;
  /** Units until an outcome is there, at most, and until one that is not there counts as missing. */
  readonly horizon?: number;
}

interface Run {
  readonly decision: ExperimentDecision;
  readonly units: number;
}

const guardrails: readonly Guardrail[] = [
  { metric: 'errors', kind: 'mean', higherIsBetter: false, margin: 0.02, role: 'guardrail' },
  { metric: 'cost', kind: 'ratio_of_means', higherIsBetter: false, margin: 0.1, role: 'guardrail' },
  {
    metric: 'latency',
    kind: 'ratio_of_p95',
    higherIsBetter: false,
    margin: 0.1,
    role: 'guardrail',
  },
];

function observe(world: World, random: () => number, unit: number, measured: boolean): Observation {
  const treated = random() < 0.5;
  const value = random() < (treated ? world.treatment : world.control) ? 1 : 0;
  const missing = world.missing !== undefined && random() < world.missing;
  const observation = {
    unit: String(unit),
    arm: treated ? 'treatment' : 'control',
    value: missing ? null : value,
  };
  if (!measured) return observation;
  const harm = treated ? (world.harm ?? {}) : {};
  const logNormal = (deviation: number): number => Math.exp(deviation * normalQuantile(random()));
  return {
    ...observation,
    measures: {
      errors: random() < 0.05 + (harm.errors ?? 0) ? 1 : 0,
      cost: 0.01 * logNormal(0.6) * (harm.cost ?? 1),
      latency: 1_000 * logNormal(0.5) * (harm.latency ?? 1),
    },
  };
}

function run(world: World, rules: DecisionRules, seed: string): Run {
  const random = seededRandom(seed);
  const decider = new Decider(rules);
  const measured = rules.guardrails.length > 0;
  const waiting: { readonly observation: Observation; readonly finalAt: number }[] = [];
  let next = 0;
  for (let unit = 1; ; unit += 1) {
    const observation = observe(world, random, unit, measured);
    waiting.push({ observation, finalAt: unit + delayOf(world, random, observation) });
    // A unit waits for its outcome, and those behind it wait with it (`readUnits`).
    for (; next < waiting.length && waiting[next]!.finalAt <= unit; next += 1) {
      const decision = decider.add(waiting[next]!.observation);
      if (decision !== 'continue') return { decision, units: unit };
    }
  }
}

function delayOf(
  { horizon = 0 }: World,
  random: () => number,
  { arm, value }: Observation,
): number {
  if (horizon === 0 || value === null) return horizon;
  const isLast = arm === 'treatment' && value === 0;
  return Math.floor(horizon * (isLast ? 0.5 + 0.5 * random() : random()));
}

function many(what: string, world: World, rules: DecisionRules, runs: number): object {
  const results = Array.from({ length: runs }, (_, i) => run(world, rules, `${what}-${i}`));
  const shipped = results.filter(({ decision }) => decision === 'ship').map(({ units }) => units);
  const of = (decision: ExperimentDecision): number =>
    results.filter((result) => result.decision === decision).length;
  return {
    what,
    ship: shareOf(shipped.length, runs),
    shipBy2000: shareOf(shipped.filter((units) => units <= 2_000).length, runs),
    shipBy3000: shareOf(shipped.filter((units) => units <= 3_000).length, runs),
    medianStop: median(shipped),
    keep_control: of('keep_control'),
    no_decision: of('no_decision'),
    invalid: of('invalid'),
  };
}

const [mode = 'power', runsText, unitsText] = process.argv.slice(2);
const runs = Number(runsText ?? 200);
const untilCap = decisionRules({ arms, cap: Number(unitsText ?? 10_000), minimumEffect: 1e-9 });
const modes: Readonly<Record<string, () => object[]>> = {
  null: () =>
    [0.05, 0.5, 0.9].map((p) => many(`null ${p}`, { control: p, treatment: p }, untilCap, runs)),
  delayed: () =>
    [
      ...[0.05, 0.5, 0.9].map((p) => ({ control: p, treatment: p })),
      { control: 0.5, treatment: 0.6 },
    ].map((world) =>
      many(
        `${world.control} against ${world.treatment}, 10 % missing, the others 0 to 500 units late`,
        { ...world, missing: 0.1, horizon: 500 },
        untilCap,
        runs,
      ),
    ),
  power: () => [
    many('.5 against .6', { control: 0.5, treatment: 0.6 }, decisionRules({ arms }), runs),
  ],
  guardrails: () => {
    const rules = decisionRules({ arms, guardrails });
    const world = { control: 0.5, treatment: 0.6 };
    return [
      many('three guardrails unharmed', world, rules, runs),
      many('error rate +.05', { ...world, harm: { errors: 0.05 } }, rules, runs),
      many('p95 +25 %', { ...world, harm: { latency: 1.25 } }, rules, runs),
      many('cost +25 %', { ...world, harm: { cost: 1.25 } }, rules, runs),
    ];
  },
};
const chosen = modes[mode];
if (chosen === undefined) throw new Error(`Which? ${Object.keys(modes).join(', ')}`);
const startedAt = performance.now();
const results = chosen();
console.log(
  JSON.stringify(
    {
      bench: `experiments/ab ${mode}`,
      runs,
      results,
      seconds: (performance.now() - startedAt) / 1000,
    },
    null,
    2,
  ),
);
