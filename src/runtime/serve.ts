import { inspect } from 'node:util';
import { version } from '../../package.json';
import { createMetrics, createServer, RefusalLog, type Metrics } from '../api';
import type { Configuration, ConfigurationOptions } from '../model/configuration';
import { resolveConfiguration } from '../config';
import { parseDatabaseUrl } from '../database-url';
import { ConfigError } from '../errors';
import {
  createOtlpHandler,
  createWriteHealth,
  defaultOtlpLimits,
  type OtlpIntake,
  type WriteHealth,
} from '../otlp';
import type { OtlpObservation } from '../model/ports';
import { withoutCredentials } from '../without-credentials';
import { createWithIngest, type EvolutionWithIngest } from './create-evolution';
import { diagnoseServed } from './diagnose';
import type { Evolution } from './evolution';
import { startBackgroundLearning } from './background-learning';
import { IntakeThread } from './intake-thread';
import { createIngest } from './ingest';
import { LearningThread } from './learning-thread';
import { OutageSpool } from './outage-spool';
import { systemClock } from './system-clock';

export interface ServeOptions extends ConfigurationOptions {
  /** Hears one line per event worth knowing. */
  readonly log: (line: string) => void;
  /** Without them requests are decoded, and patterns learned, in the calling thread, and there is no dashboard. */
  readonly parts?: ServeParts | undefined;
}

/** Where the modules `intake-worker` and `learning-worker` lie, and the folder of the built dashboard. */
export interface ServeParts {
  readonly intake: URL;
  readonly learning: URL;
  readonly dashboard: URL;
}

export interface Service {
  /** e.g. `http://127.0.0.1:4319`. */
  readonly url: string;
  readonly evolution: Evolution;
  /** Refuses new requests, answers what has begun, closes the database. Later calls join the first. */
  close(): Promise<void>;
}

/**
 * Opens the database and listens: OTLP/HTTP on `/v1/traces` and `/v1/logs`, the API below `/api/v1`,
 * `/openapi.json`, `/healthz`, `/readyz`, `/metrics`, and the dashboard on `/`.
 *
 * @throws ConfigError for an address beyond loopback without a token, for a token that cannot be used
 * and for an address that cannot be listened on; EvolutionError when the database cannot be opened.
 */
export async function serve({ log, parts, ...options }: ServeOptions): Promise<Service> {
  const values = resolveServing(options);
  const feedback = values.feedback ?? true;
  const evolution = await createWithIngest({ ...options, feedback });
  const onError = (error: unknown): void => log(`error: ${describe(error)}`);
  const spool = await openSpool(values.spool, evolution, log).catch(async (error: unknown) => {
    await evolution.close();
    throw error;
  });
  const threads = startThreads(parts, evolution, spool, values, options, onError);
  const closeParts = (): Promise<void> => threads.close().finally(() => evolution.close());
  try {
    const metrics = metricsOf(evolution, spool);
    const health = createWriteHealth(monotonicMillis);
    const refusals = new RefusalLog(systemClock);
    const otlp = receiveOtlp(threads.sink, metrics, health, refusals);
    const server = await createServer({
      otlp,
      metrics,
      api: { ...servedFrom(evolution, threads, values, options), refusals },
      clock: systemClock,
      checkReady: () => checkReady(health, evolution, spool),
      onError,
      host: values.host,
      port: values.port,
      token: values.token,
      tokens: evolution.store,
      maxConnections: values.maxConnections,
      build: { ...packageBuild, database: evolution.store.dialect },
      dashboard: parts?.dashboard,
    });
    const learning = values.learn
      ? startBackgroundLearning(threads.learner, (error) => log(`learning: ${describe(error)}`))
      : null;
    const end = async (): Promise<void> => {
      try {
        await server.close();
      } finally {
        await learning?.stop();
        await closeParts();
      }
    };
    let ending: Promise<void> | null = null;
    return { url: server.url, evolution, close: () => (ending ??= end()) };
  } catch (error) {
    await closeParts();
    throw error;
  }
}

function metricsOf({ store }: Evolution, spool: OutageSpool | null): Metrics {
  const metrics = createMetrics(async () => ({ ...(await store.getTotals()) }));
  metrics.observeJobs(() => store.readJobs());
  if (spool !== null) metrics.observeSpool(() => spool.bytes);
  return metrics;
}

function servedFrom(
  evolution: Evolution,
  { answers: learner }: Threads,
  { externalLinks }: Configuration,
  options: ConfigurationOptions,
) {
  return {
    evolution: { ...evolution, learner },
    version,
    diagnose: () => diagnoseServed(evolution.store, options),
    externalLinks,
    corsOrigins: [],
  };
}

function receiveOtlp(
  sink: Threads['sink'],
  metrics: Metrics,
  health: ReturnType<typeof createWriteHealth>,
  refusals: RefusalLog,
): ReturnType<typeof createOtlpHandler> {
  const observe = (observed: OtlpObservation): void => {
    metrics.observeOtlp(observed);
    for (const { reason, count } of observed.reasons) refusals.add(observed.signal, reason, count);
  };
  const otlp = createOtlpHandler({ sink, observe, health, monotonicMillis });
  metrics.observeLoad(otlp.load);
  return otlp;
}

const packageBuild = { version, node: process.versions.node };

/** What `serve` does beside the thread that answers and stores. */
interface Threads {
  readonly sink: OtlpIntake | Evolution['sink'];
  readonly learner: { learnInBackground(): Promise<unknown> };
  /** Answers requests; a question of seconds waits for no look, and no request for it. */
  readonly answers: Evolution['learner'];
  close(): Promise<void>;
}

async function openSpool(
  folder: string | null,
  { ingest }: EvolutionWithIngest,
  log: ServeOptions['log'],
): Promise<OutageSpool | null> {
  return folder === null ? null : OutageSpool.open({ folder, store: ingest.store, log });
}

function startThreads(
  parts: ServeParts | undefined,
  { ingest: { store: opened, settings }, learner }: EvolutionWithIngest,
  spool: OutageSpool | null,
  values: Configuration,
  { redact: _, ...options }: ConfigurationOptions,
  onError: (error: unknown) => void,
): Threads {
  const store = spool ?? opened;
  const sink = createIngest(store, settings);
  if (parts === undefined) {
    return { sink, learner, answers: learner, close: async () => spool?.close() };
  }
  const { hook: __, ...rest } = settings;
  const { redact } = values;
  // A function cannot go to another thread; the module that a path names can.
  const intake =
    typeof redact === 'function'
      ? null
      : new IntakeThread(
          parts.intake,
          store,
          { ...rest, limits: defaultOtlpLimits, redact },
          onError,
        );
  // A database in memory is one connection's own.
  const { databaseUrl, learningMemoryMb } = values;
  const address = parseDatabaseUrl(databaseUrl);
  const inMemory = address.dialect === 'sqlite' && address.inMemory;
  const beside = (): LearningThread | null =>
    inMemory
      ? null
      : new LearningThread(
          parts.learning,
          { ...options, databaseUrl, feedback: false },
          learningMemoryMb,
        );
  const learning = beside();
  const answering = beside();
  return {
    sink: intake === null ? sink : intake.intake,
    learner: learning ?? learner,
    answers: answering?.inFrontOf(learner) ?? learner,
    async close() {
      await intake?.close();
      await learning?.close();
      await answering?.close();
      await spool?.close();
    },
  };
}

function resolveServing(options: ConfigurationOptions): Configuration {
  const { values, passedOver } = resolveConfiguration(options);
  if (values.token === null && passedOver.includes('token')) {
    // Without it anybody on this machine could write, though a token was asked for.
    throw new ConfigError('EVOLUTION_TOKEN is set, and too short to be used.', {
      hint: 'Set it to a secret of 16 characters or more, or unset it.',
    });
  }
  return values;
}

/** For so long a failed write is remembered though none has followed, ms. */
const failureRememberedMillis = 15_000;

/**
 * Ready is who can write. A probe that writes one small row passes on a disk that is too full for anything
 * else, so the last failed write counts until one went well, or until it is long ago. Who can spool can write.
 */
async function checkReady(
  { failure }: WriteHealth,
  { store }: Evolution,
  spool: OutageSpool | null,
): Promise<void> {
  if (spool?.takesOver === true) return;
  if (failure && monotonicMillis() - failure.atMillis < failureRememberedMillis) {
    throw failure.error;
  }
  await store.ping();
}

const monotonicMillis = (): number => performance.now();

function describe(error: unknown): string {
  return withoutCredentials(error instanceof Error ? inspect(error) : String(error));
}
