import type { Configuration, ConfigurationOptions } from '../config';
import { diag } from '@opentelemetry/api';
import { createSpanTracker } from '../instrumentation';
import type { LearnSummary } from '../learning';
import { createPatternLearner } from '../learning';
import type { EvolutionStore } from '../model/ports';
import { withoutTracing } from '../otel';
import type { Evolution, EvolutionLearner, RecordingStore } from './evolution';
import { findPattern } from './find-pattern';
import { createIngest } from './ingest';
import { registerInstance } from './instance';
import { systemClock } from './system-clock';

/**
 * Opens the database (creating and migrating it if need be) and wires everything to it. Settings come
 * from `options`, then the configuration file, then the environment, then defaults.
 *
 * @throws ConfigError for a wrong setting, EvolutionError when the database cannot be opened.
 */
export async function createEvolution(options: ConfigurationOptions = {}): Promise<Evolution> {
  const evolution = await openEvolution(options);
  const registration = registerInstance({
    tracker: evolution.tracker,
    open: () => Promise.resolve(evolution),
  });
  return {
    ...evolution,
    close() {
      registration.forget();
      return evolution.close();
    },
  };
}

/** The same, of which the free functions know nothing. */
export function openEvolution(options: ConfigurationOptions): Promise<Evolution> {
  // The connection pool and its timers must not be traced, nor hold on to the caller's context.
  return withoutTracing(() => open(options));
}

async function open(options: ConfigurationOptions): Promise<Evolution> {
  const { resolveConfiguration } = await import('../config');
  const { values, warnings } = resolveConfiguration(options);
  for (const warning of warnings) diag.warn(`otel-evolution: ${warning}`);
  const { openStore } = await import('../store');
  const store = await openStore(values.databaseUrl, {
    clock: systemClock,
    successThreshold: values.successThreshold,
    sourceOrder: values.sourceOrder,
  });
  try {
    return await wire(store, values);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function wire(opened: EvolutionStore, values: Configuration): Promise<Evolution> {
  const store = untraced(opened);
  const sink = createIngest({
    store,
    policy: { captureContent: values.captureContent, contentKey: await store.contentKey() },
    prices: values.prices,
  });
  const recording: RecordingStore = Object.assign(Object.create(store) as EvolutionStore, {
    recordSpan: (span: Parameters<RecordingStore['recordSpan']>[0]) =>
      sink.accept({ spans: [span] }),
    recordSpanBatch: (spans: Parameters<RecordingStore['recordSpanBatch']>[0]) =>
      sink.accept({ spans }),
  });
  const learner = createLearner(store, values);
  const tracker = createSpanTracker({
    resolveSpanId: (spanId) => store.getSpan({ spanId }),
    captureContent: values.captureContent,
    learn: () => learner.learnInBackground(),
  });
  let closing: Promise<void> | null = null;
  return {
    store: recording,
    sink,
    tracker,
    learner,
    close() {
      closing ??= tracker.background.settled().then(() => store.close());
      return closing;
    },
  };
}

function createLearner(
  store: EvolutionStore,
  { successThreshold }: Configuration,
): EvolutionLearner {
  const learner = createPatternLearner({
    reader: store,
    memory: store,
    clock: systemClock,
    settings: { successThreshold },
  });
  const close = (rule: 'settled' | 'ended'): Promise<number> =>
    store.closeExecutions({ nowUnixNano: systemClock.nowUnixNano(), rule });
  const admitAndLearn = async (rule: 'settled' | 'ended'): Promise<LearnSummary> => {
    await close(rule);
    const cut = await store.admitCut(systemClock.nowUnixNano());
    const schedule = rule === 'ended' ? 'manual' : 'background';
    return learner.learn({ throughCut: cut.number, schedule });
  };
  return {
    learn: () => withoutTracing(() => admitAndLearn('ended')),
    learnInBackground: () => withoutTracing(() => admitAndLearn('settled')),
    candidates: (query) =>
      withoutTracing(async () => {
        await close('ended');
        return learner.candidates(query);
      }),
    queryPatterns: (query) => store.queryPatterns(query),
    explain: (id) => findPattern(store, id),
    review: (query) => withoutTracing(() => learner.review(query)),
  };
}

/** The same store, whose work an instrumented database driver does not trace. */
function untraced(store: EvolutionStore): EvolutionStore {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown =>
        withoutTracing(() => Reflect.apply(value, target, args) as unknown);
    },
  });
}
