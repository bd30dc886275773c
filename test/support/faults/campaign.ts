import { setImmediate as nextTurn } from 'node:timers/promises';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { withEvolutionTracking } from '../../../src/instrumentation';
import type { SpanSink } from '../../../src/model/ports';
import { createEvolution, EvolutionSpanProcessor } from '../../../src/runtime';
import { agents, type AgentKind } from './agents';
import type { FaultPoint } from './instrument';

export interface CampaignResult {
  readonly points: number;
  /** Points that the agents reach. */
  readonly reached: number;
  readonly calls: number;
  /** Faults that came to pass, by kind. */
  readonly faults: Readonly<Record<string, number>>;
  /** Calls whose result, error or stream was another than without us, and what reached the process: the first ten. */
  readonly harm: readonly string[];
  readonly harmed: number;
}

type Kind = 'throw' | 'nonsense' | 'reject' | 'hang';

/** Their value is the application's own: only a throw can be told from it. */
const conduits =
  /(observe\w*|interceptMethods|wrapperOf|runIn\w*|runTracked|trackCall|trackObject|trackFunction|harmless|settlement|step|relay\w+|read|tracker\.\w+|observer\.run|context\.with|own\.run|iterator\.\w+)$/;

const nonsense: readonly unknown[] = [null, 17, '', Object.freeze({}), () => 3, Symbol('?'), NaN];

/** One fault at a time, at a point that the call at hand reaches, and what came of the call. */
export async function runCampaign(
  points: readonly FaultPoint[],
  options: { readonly calls: number; readonly seed: number },
): Promise<CampaignResult> {
  const faults = armed(points);
  let app = await setUp();
  const renew = async (): Promise<void> => {
    faults.disarm();
    await app.rest();
    await app.close();
    const { queueSize } = app.stats();
    if (queueSize > 0) note(`${queueSize} span(s) are in no counter after shutdown`);
    app = await setUp();
  };
  const harm: string[] = [];
  let harmed = 0;
  const note = (what: string): void => {
    harmed += 1;
    if (harm.length < 10) harm.push(what);
  };
  const uncaught = (error: unknown, origin: string): void =>
    note(`${origin} after ${faults.last()}: ${String(error)}`);
  process.on('uncaughtException', uncaught);

  const plain = new Map<AgentKind, string>();
  const reached = new Map<AgentKind, readonly number[]>();
  for (const kind of agents) {
    plain.set(kind, JSON.stringify(await kind.use(kind.make() as never)));
    faults.record();
    await app.call(kind);
    await app.rest();
    reached.set(kind, faults.recorded());
  }
  const random = mulberry(options.seed);
  for (let n = 0; n < options.calls; n += 1) {
    const kind = agents[n % agents.length]!;
    const ids = reached.get(kind)!;
    faults.arm(ids[Math.floor(random() * ids.length)]!, random);
    const came = JSON.stringify(await inTime(app.call(kind)));
    if (came !== plain.get(kind)) note(`${kind.name}, ${faults.last()}: ${came}`);
    if (n % 64 === 0) await app.rest();
    if (n % 500 === 499) await renew(); // a writer that hangs for good would hide what lies behind it
  }
  await renew();
  await app.close();
  process.off('uncaughtException', uncaught);
  return {
    points: points.length,
    reached: new Set([...reached.values()].flat()).size,
    calls: options.calls,
    faults: faults.counts(),
    harm,
    harmed,
  };
}

/** A task, a tracked agent in it, a neighbour's span, feedback and an evaluation, on the real SDK and a real sink. */
async function setUp() {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const evolution = await createEvolution({ databaseUrl: 'sqlite::memory:' });
  // Understood and redacted as always; stored by nobody, so that a hundred thousand calls take a minute.
  const sink: SpanSink = {
    accept: ({ spans }) => Promise.resolve({ accepted: spans.length, duplicates: 0, refused: [] }),
  };
  const processor = new EvolutionSpanProcessor({
    evolution: { ...evolution, sink },
    exportTimeoutMillis: 40,
    scheduledDelayMillis: 5,
    flushTimeoutMillis: 200,
    stallTimeoutMillis: 100,
  });
  const provider = new NodeTracerProvider({ spanProcessors: [processor] });
  provider.register();
  const { tracker } = evolution;
  const neighbour = provider.getTracer('neighbour');
  return {
    async call(kind: AgentKind): Promise<unknown> {
      const agent = withEvolutionTracking(kind.make(), {
        tracker,
        autoTags: true,
        captureContent: true,
        evaluate: () => 0.5,
      });
      return tracker.withTask({ type: 'fault' }, () => {
        neighbour.startSpan('neighbour').setAttribute('k', [1, 2]).end();
        return tracker.track('outer', () => kind.use(agent as never));
      });
    },
    async rest(): Promise<void> {
      for (let turn = 0; turn < 20; turn += 1) await nextTurn();
      // May be at fault itself, which is told to who waits.
      await Promise.race([tracker.background.settled(), nextTurn()]).catch(() => {});
    },
    stats: () => processor.stats(),
    async close(): Promise<void> {
      await provider.shutdown();
      // Waits for evaluations that a fault left hanging; rejects where the next fault meets it, as it may.
      void evolution.close().catch(() => {});
      trace.disable();
      context.disable();
    },
  };
}

/** An agent that never comes back is harmed, too. */
async function inTime(call: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise((resolve) => {
    timer = setTimeout(() => resolve('never came back'), 2_000);
  });
  try {
    return await Promise.race([call, timeUp]);
  } catch (error) {
    return String(error);
  } finally {
    clearTimeout(timer);
  }
}

/** The registry that every point asks; inert until something is armed. */
function armed(points: readonly FaultPoint[]) {
  let at = -1;
  let kind: Kind = 'throw';
  let value: unknown;
  let last = 'nothing';
  let seen: Set<number> | null = null;
  const counts: Record<string, number> = {};
  const shared = globalThis as { faultPoint?: (id: number) => unknown };
  shared.faultPoint = (id) => {
    seen?.add(id);
    if (id !== at) return undefined;
    at = -1;
    counts[kind] = (counts[kind] ?? 0) + 1;
    switch (kind) {
      case 'throw':
        throw new Error(`fault at ${points[id]!.name}`);
      case 'reject':
        return Promise.reject(new Error(`fault at ${points[id]!.name}`));
      case 'hang':
        return new Promise(() => {});
      case 'nonsense':
        return value;
    }
  };
  return {
    record: () => void (seen = new Set()),
    recorded(): readonly number[] {
      const ids = [...(seen ?? [])];
      seen = null;
      return ids;
    },
    arm(id: number, random: () => number): void {
      const { awaited, name } = points[id]!;
      const kinds: Kind[] = ['throw'];
      if (!conduits.test(name)) kinds.push('nonsense');
      if (awaited) kinds.push('reject', 'hang');
      kind = kinds[Math.floor(random() * kinds.length)]!;
      value = nonsense[Math.floor(random() * nonsense.length)];
      last = `${kind} at ${name}`;
      at = id;
    },
    disarm: () => void (at = -1),
    last: () => last,
    counts: () => counts,
  };
}

function mulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
