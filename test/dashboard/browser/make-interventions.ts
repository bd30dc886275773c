import type { Lever } from '../../../src/model/adaptation';
import type { AttributeValue } from '../../../src/model/attributes';
import type { Pattern } from '../../../src/model/pattern';
import { createEvolution, type Evolution } from '../../../src/runtime';
import { seededRandom } from '../../../src/stats';
import { makeReward } from '../../store/make-reward';
import { makePattern } from '../../support/make-pattern';
import { attributes, makeSpan, spanId, traceId } from '../../support/make-span';

type Stamp = Readonly<Record<string, AttributeValue>>;

interface MadeRun {
  readonly unit: string;
  readonly stamp: Stamp;
  readonly works: boolean;
  readonly millis: number;
}

const knobs = ['window', 'pace', 'tone', 'size', 'depth', 'reach'];
const levers: readonly Lever[] = knobs.map((knob) => ({
  knob,
  kind: 'config',
  values: { oneOf: ['short', 'long'] },
  initial: 'short',
}));
const ada = { name: 'ada', automatic: false };

/** Ids by name: experiments and adaptations in every state that a page has a way to show, by real spans. */
export async function makeInterventions(databaseUrl: string): Promise<Record<string, string>> {
  const evolution = await createEvolution({ databaseUrl, levers });
  try {
    const agents = new Agents(evolution);
    return { ...(await makeExperiments(agents)), ...(await makeAdaptations(agents)) };
  } finally {
    await evolution.close();
  }
}

class Agents {
  readonly evolution: Evolution;
  readonly random = seededRandom('interventions');
  #made = 0;
  #units = 0;

  constructor(evolution: Evolution) {
    this.evolution = evolution;
  }

  newUnit(): string {
    this.#units += 1;
    return `unit ${this.#units}`;
  }

  /** Runs that end now, with their rewards. */
  async send(runs: readonly MadeRun[]): Promise<void> {
    const now = BigInt(Date.now()) * 1_000_000n;
    const rewards: ReturnType<typeof makeReward>[] = [];
    const spans = runs.map(({ unit, stamp, works, millis }) => {
      this.#made += 1;
      const executionId = `run ${this.#made}`;
      rewards.push(
        makeReward({
          id: executionId,
          target: { kind: 'execution', executionId },
          value: works ? 1 : 0,
        }),
      );
      return makeSpan({
        traceId: traceId(0xe0000 + this.#made),
        spanId: spanId(1),
        name: 'invoke_agent writer',
        startTimeUnixNano: now,
        endTimeUnixNano: now + BigInt(Math.round(millis * 1e6)),
        attributes: attributes({
          ...stamp,
          'gen_ai.operation.name': 'invoke_agent',
          'agent.id': 'writer',
          'task.id': unit,
          'execution.id': executionId,
        }),
      });
    });
    await this.evolution.sink.accept({ spans, rewards });
  }
}

interface ExperimentPlan {
  readonly name: string;
  readonly units: number;
  /** Share of successes by variant, the control first. */
  readonly rates: Readonly<Record<string, number>>;
  /** Share of the last variant's runs that never arrive. */
  readonly lost?: number;
  /** How much slower the last variant is. */
  readonly slower?: number;
  /** How much longer the slowest twentieth may take, as a share. */
  readonly margin?: number;
}

async function makeExperiments(agents: Agents): Promise<Record<string, string>> {
  const ids: Record<string, string> = {};
  const plans: readonly ExperimentPlan[] = [
    { name: 'A longer plan', units: 1_100, rates: { short: 0.4, long: 0.8 }, margin: 0.3 },
    { name: 'Two tones', units: 160, rates: { short: 0.5, formal: 0.52, warm: 0.6 } },
    { name: 'A lossy rollout', units: 700, rates: { short: 0.5, long: 0.55 }, lost: 0.6 },
    { name: 'Slower answers', units: 600, rates: { short: 0.5, long: 0.62 }, slower: 1.6 },
    { name: 'Nobody came', units: 0, rates: { short: 0.5, long: 0.5 } },
  ];
  for (const plan of plans) ids[plan.name] = await makeExperiment(agents, plan);
  return ids;
}

async function makeExperiment(
  agents: Agents,
  { name, units, rates, lost = 0, slower = 1, margin = 0.1 }: ExperimentPlan,
): Promise<string> {
  const { experiments } = agents.evolution;
  const variants = Object.keys(rates);
  const { id } = await experiments.create({
    name,
    variants: variants.map((variant) => ({ name: variant, config: { [name]: variant } })),
    trafficSplit: variants.map(() => 1 / variants.length),
    successMetric: 'success',
    guardrails: [{ metric: 'latency', margin }],
    signals: ['errors'],
  });
  const runs: MadeRun[] = [];
  for (let i = 0; i < units; i += 1) {
    const unit = `${name} ${i}`;
    const { variant, attributes: stamp } = experiments.assignVariant(id, unit);
    const isLast = variant === variants.at(-1);
    if (isLast && agents.random() < lost) continue;
    runs.push({
      unit,
      stamp,
      works: agents.random() < rates[variant]!,
      millis: (800 + 400 * agents.random()) * (isLast ? slower : 1),
    });
  }
  if (runs.length > 0) await agents.send(runs);
  await experiments.analyze(id);
  return id;
}

/** As learning would find it in these runs. */
function findingAbout(knob: string): Pattern {
  return makePattern({
    id: `finding-${knob}`,
    status: 'confirmed',
    controllable: true,
    predicate: {
      text: `config:${knob}=long`,
      terms: [{ kind: 'config', key: knob, op: '=', value: 'long' }],
    },
  });
}

/** A finding in per cent, among those in points. */
function makeSaving(): Pattern {
  return makePattern({
    id: 'finding-saving',
    type: 'optimization',
    dimension: 'cost_usd',
    controllable: true,
    predicate: {
      text: 'config:engine=small',
      terms: [{ kind: 'config', key: 'engine', op: '=', value: 'small' }],
    },
    effect: {
      measure: 'relative_change',
      estimate: -0.333,
      interval: { lower: -0.352, upper: -0.314 },
      level: 0.95,
      adjusted: true,
    },
    support: {
      with: { n: 300, successes: 210, mean: 0.0066 },
      without: { n: 300, successes: 208, mean: 0.0099 },
    },
  });
}

async function makeAdaptations(agents: Agents): Promise<Record<string, string>> {
  const { adaptation, feedback, store } = agents.evolution;
  const ids: Record<string, string> = {};
  for (const knob of knobs) {
    await store.storePattern(findingAbout(knob));
    const proposed = await adaptation.propose(findingAbout(knob), 'ada');
    if (proposed.kind === 'refused') throw new Error(proposed.reason);
    ids[knob] = proposed.adaptation.id;
  }
  const id = (knob: string): string => ids[knob]!;
  await adaptation.reject(id('tone'), 'ada', 'Customers asked for the short one.');
  for (const knob of ['size', 'depth', 'reach']) {
    await adaptation.approve(id(knob), 'ada');
    await adaptation.apply(id(knob), ada);
  }
  await adaptation.approve(id('pace'), 'ada');
  await adaptation.deactivate(id('reach'), 'ada', 'The provider is down.');
  await agents.send(runsUnder(agents, { knob: 'size', units: 600, gain: 0.25 }));
  await feedback.run();
  // It harms, is taken away, and tried once more by itself.
  for (let batch = 0; batch < 2; batch += 1) {
    await agents.send(runsUnder(agents, { knob: 'depth', units: 1_000, gain: -0.6 }));
    await feedback.run();
  }
  const saving = makeSaving();
  await store.storePattern(saving);
  return {
    saving: saving.id,
    proposed: id('window'),
    approved: id('pace'),
    rejected: id('tone'),
    helps: id('size'),
    harms: id('depth'),
    deactivated: id('reach'),
  };
}

/** Runs of units that come for the first time, stamped with what one adaptation did to them. */
function runsUnder(
  agents: Agents,
  { knob, units, gain }: { readonly knob: string; readonly units: number; readonly gain: number },
): MadeRun[] {
  return Array.from({ length: units }).flatMap(() => {
    const unit = agents.newUnit();
    const { applied, notApplied } = agents.evolution.adaptation.resolve({ unit }, {});
    const got = applied.find((one) => one.knob === knob);
    const stamp = (got ?? notApplied.find((one) => one.knob === knob))?.attributes;
    if (stamp == null) return [];
    const works = agents.random() < 0.65 + (got === undefined ? 0 : gain);
    return [{ unit, stamp, works, millis: 1000 }];
  });
}
