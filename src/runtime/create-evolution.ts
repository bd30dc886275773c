import type { Configuration, ConfigurationOptions } from '../model/configuration';
import { resolveConfiguration } from '../config';
import { createSpanTracker, type SpanTracker, stampOf } from '../instrumentation';
import type { SpanSink } from '../model/ports';
import type { OpenedStore } from '../store';
import {
  SpanQueueProcessor,
  tellOperator,
  tellOperatorOnce,
  withoutTracing,
  type RecordingProcessor,
} from '../otel';
import type { RedactionPolicy } from '../semantics';
import {
  redactExecution,
  redactExecutionChange,
  redactLinkClaim,
  redactReward,
  redactTags,
  redactTask,
  redactTaskChange,
} from '../semantics';
import type { Evolution, EvolutionLearner, FedEvolution, RecordingStore } from './evolution';
import { createAutoLearning, type AutoLearning } from './auto-learning';
import { closeFeeds, createFeeds, feedOf, type Feeds } from './feeds';
import { createSpool, trackerOptionsFor, type Spool } from './guest-intake';
import type { IngestSettings } from './ingest';
import { registerInstance } from './instance';
import { findPriorRuns } from './prior-runs';
import { openConfiguredStore } from './open-configured-store';
import { keepAtProcessEnd } from './process-end';
import { loadRedactionHook } from './redaction-hook';
import { retentionLimits } from './retention-limits';
import { replaySpool } from './spool';
import { spoolPath } from './spool-path';

/**
 * Opens the database (creating and migrating it if need be) and wires everything to it. Settings come
 * from `options`, then the configuration file, then the environment, then defaults.
 *
 * @throws ConfigError for a wrong setting, EvolutionError when the database cannot be opened.
 */
export function createEvolution(options: ConfigurationOptions = {}): Promise<Evolution> {
  return createWithIngest(options);
}

/** With what a thread needs to do the work of the sink. */
export interface EvolutionWithIngest extends FedEvolution {
  readonly ingest: { readonly store: OpenedStore; readonly settings: IngestSettings };
  readonly autoLearning: AutoLearning;
}

export async function createWithIngest(
  options: ConfigurationOptions,
): Promise<EvolutionWithIngest> {
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

/**
 * The same, of which the free functions know nothing.
 *
 * @param feeds - What will feed it, where that is known before it is open.
 */
export function openEvolution(
  options: ConfigurationOptions,
  feeds: Feeds = createFeeds(),
): Promise<EvolutionWithIngest> {
  // The connection pool and its timers must not be traced, nor hold on to the caller's context.
  return withoutTracing(() => open(options, feeds));
}

async function open(options: ConfigurationOptions, feeds: Feeds): Promise<EvolutionWithIngest> {
  const { values, warnings, sources } = resolveConfiguration(options);
  for (const warning of warnings) tellOperatorOnce(warning, warning);
  const store = await openConfiguredStore(values, { retention: retentionLimits(values, sources) });
  try {
    const evolution = await wire(store, options, values, feeds);
    await storeSpooled(values.databaseUrl, evolution.sink);
    return evolution;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** What a process that ended left behind; where that fails the file stays for the next time. */
async function storeSpooled(databaseUrl: string, sink: SpanSink): Promise<void> {
  const path = spoolPath(databaseUrl);
  if (path === null) return;
  try {
    await replaySpool(path, sink);
  } catch (error) {
    tellOperator('spool', `what is kept in ${path} could not be stored yet`, error);
  }
}

async function wire(
  opened: OpenedStore,
  options: ConfigurationOptions,
  values: Configuration,
  feeds: Feeds,
): Promise<EvolutionWithIngest> {
  const store = untraced(opened);
  const policy: RedactionPolicy = {
    captureContent: values.captureContent,
    contentKey: await store.contentKey(),
  };
  const settings = ingestSettings(values, policy);
  const { createIngestInTurns } = await import('./ingest-in-turns');
  const sink = createIngestInTurns(store, settings);
  const flush = (): Promise<void> => storeRecorded(tracker, feeds);
  const { learner, autoLearning } = await openLearning(store, options, values, flush);
  const { openInterventions } = await import('./interventions');
  const { close: closeInterventions, ...interventions } = await openInterventions(store, values);
  const spool = createSpool(values, () => policy);
  const processor = ownProcessor(sink, spool, feeds);
  const tracker = createSpanTracker({
    ...trackerOptionsFor({ feeds, processor, sink: () => Promise.resolve(sink) }),
    resolveSpanId: (spanId) => store.getSpan({ spanId }),
    findPriorRuns: (taskId) => findPriorRuns(store, taskId),
    captureContent: values.captureContent,
    propagate: values.propagate,
    learn: () => autoLearning.learn(),
  });
  const close = once(async () => {
    await tracker.background.settled();
    await autoLearning.close();
    await closeFeeds(feeds);
    await closeInterventions();
    await store.close();
  });
  const recording = recordingStore(store, sink, policy);
  return {
    store: recording,
    sink,
    ingest: { store, settings },
    ...{ tracker, learner, autoLearning, ...interventions },
    report: reportOn(recording, learner),
    feeding: { feeds, spool },
    close,
  };
}

function ingestSettings(
  { prices, redact }: Configuration,
  policy: RedactionPolicy,
): IngestSettings {
  return { policy, prices, hook: loadRedactionHook(redact) };
}

/** What this process has recorded and holds in its queues. */
async function storeRecorded(
  { background }: Pick<SpanTracker, 'background'>,
  feeds: Feeds,
): Promise<void> {
  await background.settled();
  await Promise.all(feeds.all.map((feed) => feed.forceFlush()));
}

async function openLearning(
  store: OpenedStore,
  options: ConfigurationOptions,
  values: Configuration,
  flush: () => Promise<void>,
): Promise<Pick<EvolutionWithIngest, 'learner' | 'autoLearning'>> {
  const { createLearner } = await import('./create-learner');
  const learner = createLearner(store, values, flush);
  return { learner, autoLearning: createAutoLearning(options, values, learner) };
}

/** Later calls join the first. */
function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  return () => (running ??= withoutTracing(work));
}

function reportOn(store: RecordingStore, learner: EvolutionLearner): Evolution['report'] {
  return (what, outputPath) =>
    withoutTracing(async () => {
      const { writeReport } = await import('./write-report');
      return writeReport({ store, learner }, what, outputPath);
    });
}

/** For the spans that no provider of the process brings; made when there is one. */
function ownProcessor(sink: SpanSink, spool: Spool | null, feeds: Feeds): RecordingProcessor {
  let made: SpanQueueProcessor | null = null;
  const queue = (): SpanQueueProcessor => {
    if (made !== null) return made;
    const processor = new SpanQueueProcessor(sink, { stamp: stampOf, spool: spool ?? undefined });
    const feed = feedOf('own', processor);
    const leave = keepAtProcessEnd(feed);
    feeds.add({ ...feed, shutdown: () => (leave(), processor.shutdown()) });
    made = processor;
    return made;
  };
  return {
    onStart: (span, parentContext) => queue().onStart(span, parentContext),
    onEnd: (span) => queue().onEnd(span),
  };
}

/** What is written by hand is redacted like what spans say. */
function recordingStore(
  store: OpenedStore,
  sink: SpanSink,
  policy: RedactionPolicy,
): RecordingStore {
  const recording: Partial<RecordingStore> = {
    recordSpan: (span) => sink.accept({ spans: [span] }),
    recordSpanBatch: (spans) => sink.accept({ spans }),
    recordReward: (reward) => store.recordReward(redactReward(reward, policy)),
    createTask: (task) => store.createTask(redactTask(task, policy)),
    updateTask: (id, change) => store.updateTask(id, redactTaskChange(change, policy)),
    createExecution: (execution) => store.createExecution(redactExecution(execution, policy)),
    updateExecution: (id, change) =>
      store.updateExecution(id, redactExecutionChange(change, policy)),
    createLink: (from, link) => store.createLink(from, redactLinkClaim(link, policy)),
    tagSpan: (address, tags) => store.tagSpan(address, redactTags(tags, policy)),
  };
  return Object.assign(Object.create(store) as RecordingStore, recording);
}

/** The same store, whose work an instrumented database driver does not trace. */
function untraced(store: OpenedStore): OpenedStore {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        const result = withoutTracing(() => Reflect.apply(value, target, args) as unknown);
        return isAsyncIterable(result) ? untracedIteration(result) : result;
      };
    },
  });
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** A generator works when it is asked for the next, in the context of who asks. */
function untracedIteration(iterable: AsyncIterable<unknown>): AsyncIterable<unknown> {
  return {
    [Symbol.asyncIterator]() {
      const inner = iterable[Symbol.asyncIterator]();
      return {
        next: () => withoutTracing(() => inner.next()),
        return: (value?: unknown) =>
          withoutTracing(async () => (await inner.return?.(value)) ?? { done: true, value }),
      };
    },
  };
}
