import { randomUUID } from 'node:crypto';
import { diag } from '@opentelemetry/api';
import {
  AdaptationEngine,
  createConfigurations,
  type AdaptationEngineOptions,
} from '../adaptation';
import type { Configuration } from '../model/configuration';
import { createExperiments, type Experiments } from '../experiments';
import type { Resolution, ResolveContext } from '../model/adaptation';
import type { AttributeValue } from '../model/attributes';
import type { ConfigurationDesk } from '../model/ports-adaptation';
import { withoutTracing } from '../otel';
import type { OpenedStore } from '../store';
import { openFeedback, type Feedback } from './feedback';
import { systemClock } from './system-clock';

/** How old the snapshots of `resolve` and `assignVariant` become in a process that uses them, ms. */
const refreshMillis = 10_000;

/** Rewards that are looked at for the names of dimensions. */
const latestRewards = 1_000;

export interface Interventions {
  readonly adaptation: AdaptationEngine;
  readonly experiments: Experiments;
  readonly feedback: Feedback;
  readonly configurations: ConfigurationDesk;
  /** Stores assignments that wait. */
  readonly close: () => Promise<void>;
}

/** What changes how agents run, over the store; snapshots are kept fresh from the first use on. */
export async function openInterventions(
  store: OpenedStore,
  { levers, approval, dimensions, feedback: inBackground }: Configuration,
): Promise<Interventions> {
  const newId = (): string => randomUUID();
  const experiments = createExperiments({
    book: store,
    executions: store,
    clock: systemClock,
    newId,
    dimensions: async () => [...(dimensions ?? []), ...(await seenDimensions(store))],
  });
  const upkeep = createUpkeep(async () => {
    await experiments.flush();
    await Promise.all([experiments.refresh(), adaptation.refresh()]);
  });
  const configurations = createConfigurations(store, systemClock);
  const adaptation = new FreshEngine(
    { book: store, clock: systemClock, newId, configurations, levers, approval },
    () => upkeep.begin(),
  );
  await upkeep.run();
  const feedback = openFeedback(store, { adaptation, experiments }, inBackground === true);
  return {
    adaptation,
    feedback,
    configurations,
    experiments: keptFresh(experiments, store, () => upkeep.begin()),
    async close() {
      await feedback.stop();
      await upkeep.stop();
      try {
        await experiments.flush();
      } catch (error) {
        diag.warn(
          'otel-evolution: assignments of experiments were not stored; the hash still gives them:',
          error,
        );
      }
    },
  };
}

/** Whose snapshot is kept fresh once it is used, and which close what has ended before they look. */
function keptFresh(experiments: Experiments, store: OpenedStore, onUse: () => void): Experiments {
  return {
    ...experiments,
    assignVariant(id, unit) {
      onUse();
      return experiments.assignVariant(id, unit);
    },
    analyze: (id) =>
      withoutTracing(async () => {
        await store.closeExecutions({ nowUnixNano: systemClock.nowUnixNano(), rule: 'ended' });
        return experiments.analyze(id);
      }),
    refresh: () => withoutTracing(() => experiments.refresh()),
  };
}

/** Whose snapshot is kept fresh once it is used. */
class FreshEngine extends AdaptationEngine {
  readonly #onUse: () => void;

  constructor(options: AdaptationEngineOptions, onUse: () => void) {
    super(options);
    this.#onUse = onUse;
  }

  override resolve(
    context: ResolveContext,
    config: Readonly<Record<string, AttributeValue>>,
  ): Resolution {
    this.#onUse();
    return super.resolve(context, config);
  }
}

/** One round at a time, which says once that it fails; `begin` repeats it until `stop`. */
function createUpkeep(refresh: () => Promise<void>): {
  run(): Promise<void>;
  begin(): void;
  stop(): Promise<void>;
} {
  let timer: NodeJS.Timeout | null = null;
  let round: Promise<void> | null = null;
  let stopped = false;
  let failing = false;
  const refreshOnce = async (): Promise<void> => {
    try {
      await withoutTracing(refresh);
      failing = false;
    } catch (error) {
      if (!failing) {
        diag.warn('otel-evolution: experiments and adaptations go on as last read:', error);
      }
      failing = true;
    } finally {
      round = null;
    }
  };
  const run = (): Promise<void> => (round ??= refreshOnce());
  return {
    run,
    begin() {
      if (timer !== null || stopped) return;
      timer = withoutTracing(() => setInterval(() => void run(), refreshMillis));
      timer.unref();
    },
    async stop() {
      stopped = true;
      if (timer !== null) clearInterval(timer);
      await round;
    },
  };
}

async function seenDimensions(store: OpenedStore): Promise<string[]> {
  const { items } = await store.queryRewards({ limit: latestRewards });
  return [...new Set(items.flatMap(({ name, dimensions }) => [name, ...Object.keys(dimensions)]))];
}
