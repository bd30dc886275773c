import { AdaptationEngine, FeedbackLoop, type FeedbackStep } from '../../../src/adaptation';
import { createExperiments, type Experiments } from '../../../src/experiments';
import type { Adaptation, Lever } from '../../../src/model/adaptation';
import type { Experiment } from '../../../src/model/experiment';
import type { SpanSink } from '../../../src/model/ports';
import { createIngest } from '../../../src/runtime/ingest';
import { openStore, type OpenedStore } from '../../../src/store';
import { makePattern } from '../../../test/support/make-pattern';
import { AGENTS, type Change, type World } from './world';

/** What the product is made of, over one database, by a clock that the world moves. */
export interface House {
  readonly store: OpenedStore;
  readonly sink: SpanSink;
  readonly engine: AdaptationEngine;
  readonly experiments: Experiments;
  readonly loop: FeedbackLoop;
  setNow(nowUnixNano: bigint): void;
}

export const START = 1_750_000_000_000_000_000n;

export function instantOf(day: number): bigint {
  return START + BigInt(Math.round(day * 86_400e6)) * 1_000n;
}

export async function openHouse(world: World, databaseUrl: string): Promise<House> {
  let now = START;
  const clock = { nowUnixNano: () => now };
  const store = await openStore(databaseUrl, { clock });
  const policy = { captureContent: false, contentKey: await store.contentKey() };
  const sink = createIngest(store, { policy, prices: {} });
  const experiments = createExperiments({
    ...{ book: store, executions: store, clock },
    newId: () => nextId,
    dimensions: () => Promise.resolve(['reward']),
  });
  const levers = world.changes.map(({ id }): Lever => ({
    ...{ knob: id, kind: 'config', initial: 'old', values: { oneOf: ['old', 'new'] } },
  }));
  const engine = new AdaptationEngine({
    ...{ book: store, clock, levers, approval: 'standing' },
    newId: () => nextId,
  });
  const loop = new FeedbackLoop({ engine, clock, feed: store, book: store });
  return { store, sink, engine, experiments, loop, setNow: (value) => (now = value) };
}

/** Ids follow from the world, so that a process which was killed and its successor mean the same. */
let nextId = '';

export interface Managed {
  readonly steps: readonly FeedbackStep[];
  /** Changes that went to everybody in this round. */
  readonly adopted: readonly string[];
}

/** One round of `serve`, and what an operator with a standing order does after it. */
export async function manage(house: House, world: World, day: number): Promise<Managed> {
  const { store, engine, experiments, loop } = house;
  await store.closeExecutions({ nowUnixNano: instantOf(day), rule: 'ended' });
  // Once a day: `serve` looks every ten seconds, which would only be sooner.
  if (Number.isInteger(day)) await experiments.review();
  const steps = await loop.round();
  const adopted: string[] = [];
  const [adaptations, tried] = [await engine.list(), await experiments.list()];
  for (const change of world.changes) {
    if (day < change.proposedOn) continue;
    const adaptation = adaptations.find(({ knob }) => knob === change.id);
    const own = tried.filter(({ key }) => key === change.id);
    const latest = own.at(-1);
    if (adaptation === undefined) await propose(house, change);
    else if (adaptation.status !== 'approved') continue;
    if (latest === undefined || mustTryAgain(latest, day)) await tryOut(house, change, own.length);
    else if (await conclude(house, adaptation ?? null, latest)) adopted.push(change.id);
  }
  return { steps, adopted };
}

/** A day after an experiment could not be trusted its cause is mended. */
function mustTryAgain({ status, decidedAtUnixNano }: Experiment, day: number): boolean {
  return status === 'invalid' && instantOf(day - 1) >= (decidedAtUnixNano ?? 0n);
}

async function propose({ engine }: House, { id, agent }: Change): Promise<void> {
  nextId = `adaptation-${id}`;
  const proposed = await engine.propose(
    makePattern({
      id: `pattern-${id}`,
      controllable: true,
      status: 'confirmed',
      context: { agentType: null, taskType: `agent-${agent}`, configRange: [], tags: [] },
      predicate: {
        text: `config:${id}=new`,
        terms: [{ kind: 'config', key: id, op: '=', value: 'new' }],
      },
    }),
  );
  if (proposed.kind === 'refused') throw new Error(proposed.reason);
}

async function tryOut({ experiments }: House, { id }: Change, before: number): Promise<void> {
  const version = `v${before + 1}`;
  nextId = `experiment-${id}-${version}`;
  await experiments.create({
    name: `${id} ${version}`,
    key: id,
    variants: [
      { name: 'old', config: { [id]: 'old' } },
      { name: 'new', config: { [id]: 'new' } },
    ],
    trafficSplit: [0.5, 0.5],
    successMetric: 'reward',
    durationDays: 60,
    rollOutWinner: false,
  });
}

async function conclude(
  { engine, experiments }: House,
  adaptation: Adaptation | null,
  latest: Experiment,
): Promise<boolean> {
  if (adaptation === null || latest.status === 'running' || latest.status === 'invalid')
    return false;
  if (latest.decision === 'ship') {
    await engine.adopt(adaptation.id, latest, await experiments.analyze(latest.id), 'operator');
    return true;
  }
  await engine.reject(adaptation.id, 'operator', latest.reason ?? latest.decision);
  return false;
}

export const agents = Array.from({ length: AGENTS }, (_, agent) => agent);
