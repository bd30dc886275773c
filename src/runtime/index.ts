import type { ServedParts } from './create-evolution-api';
import type { EvolutionApi, EvolutionApiOptions } from '../api';
import type { ConformanceOptions, ConformanceResult } from '../conformance';
import type { ModelEndpoint, ResolvedConfiguration } from '../config';
import type { ConfigurationOptions } from '../model/configuration';
import type { ExperimentAnalysis } from '../model/experiment';
import type { ImportReport } from '../model/import-report';
import type { MigrationStatus } from '../model/ports';
import type { Check, Reinterpreted } from '../model/ports-upkeep';
import type { RegressionCheck } from '../model/regression-check';
import type { StoredToken } from '../model/token';
import { openEvolution } from './create-evolution';
import type { CheckRunsQuery, CompareRunsQuery } from './compare-runs';
import type { DiagnoseOptions } from './diagnose';
import type { Evolution, RecordingStore } from './evolution';
import type { ExportFormat, ExportQuery } from './export-spans';
import type { FoundDatabase } from './find-database';
import type { ImportOptions } from './import-files';
import type { IssuedToken, TokenRequest } from './issue-token';
import type { ReinterpretSettings } from './reinterpret';
import type { ServeOptions, Service } from './serve';

export type { Check } from '../model/ports-upkeep';
export type { ImportReport } from '../model/import-report';
export type {
  CandidatesQuery,
  CandidatesView,
  LearnSummary,
  Review,
  SelfAudit,
} from '../model/learned';
export type { EvolutionApi, EvolutionApiOptions } from '../api';
export type { ConformanceResult } from '../conformance';
export { createEvolution } from './create-evolution';
export type { Evolution, EvolutionLearner, RecordingStore } from './evolution';
export type {
  EvolutionExporterOptions,
  EvolutionSpanProcessorOptions,
} from './evolution-span-processor';
export type { EvolutionTarget } from './evolution-target';
export { EvolutionExporter, EvolutionSpanProcessor } from './evolution-span-processor';
export type { ExportFormat } from './export-spans';
export {
  findExecutionId,
  findReward,
  findSpan,
  findTask,
  findTraceId,
  readAllPages,
} from './find-by-prefix';
export type { FoundDatabase } from './find-database';
export {
  generateReport,
  getGlobalTracker,
  linkReward,
  queryByTags,
  queryRewardsForOperation,
  TrackEvolution,
  withEvolutionTracking,
  withTags,
} from './free-functions';
export type { ImportOptions, ImportProgress } from './import-files';
export type { ServeOptions, ServeParts, Service } from './serve';
export type {
  ExportResult,
  ReadableEvent,
  ReadableLink,
  ReadableResource,
  ReadableScope,
  ReadableSpan,
  SpanCounts,
  SpanExporterOptions,
  SpanQueueOptions,
  SpanQueueStats,
  StartedSpan,
} from '../otel';
export type { ServedParts } from './create-evolution-api';
export type { Feedback } from './feedback';
export { silenceNotices } from '../otel';
export { startSdk } from './start-sdk';
export type { ReportSelection, WrittenReport } from '../model/report';

/**
 * The store alone, without a tracker or a learner: spans come in raw, and are understood and redacted on
 * the way. @throws as `createEvolution`
 */
export async function openStore(databaseUrl: string): Promise<RecordingStore> {
  const evolution = await openEvolution({ databaseUrl });
  return Object.assign(Object.create(evolution.store) as RecordingStore, {
    close: () => evolution.close(),
  });
}

// What only the command line needs is loaded when it is called: an agent that imports this package
// loads no HTTP server, no importer and no validator.

/**
 * The REST API over an open `Evolution`, for any server of yours; see `EvolutionApiOptions`.
 *
 * @throws ConfigError for an option that cannot be used
 */
export async function createEvolutionAPI(
  evolution: ServedParts,
  options: EvolutionApiOptions = {},
): Promise<EvolutionApi> {
  return (await import('./create-evolution-api')).createEvolutionApi(evolution, options);
}

/** The OpenAPI document of `serve`, `/openapi.json`. */
export async function describeApi(): Promise<object> {
  return (await import('./create-evolution-api')).describeApi();
}

export async function serve(options: ServeOptions): Promise<Service> {
  return (await import('./serve')).serve(options);
}

export async function importFiles(
  evolution: Pick<Evolution, 'sink'>,
  options: Omit<ImportOptions, 'sink'>,
): Promise<ImportReport> {
  return (await import('./import-files')).importFiles({ ...options, sink: evolution.sink });
}

/** Every span that matches, as text in pieces. */
export async function* exportSpans(
  evolution: Pick<Evolution, 'store'>,
  format: ExportFormat,
  query: ExportQuery,
): AsyncIterable<string> {
  yield* (await import('./export-spans')).exportSpans(evolution, format, query);
}

/** Stored runs that were never assigned by us, one selection against another. */
export async function compareRuns(
  evolution: Pick<Evolution, 'store'>,
  query: CompareRunsQuery,
): Promise<ExperimentAnalysis> {
  return (await import('./compare-runs')).compareRuns(evolution, query);
}

/** The gate of a pipeline. */
export async function checkRuns(
  evolution: Pick<Evolution, 'store'>,
  query: CheckRunsQuery,
): Promise<RegressionCheck> {
  return (await import('./compare-runs')).checkRuns(evolution, query);
}

/** Whether there is a database to read; makes none. */
export async function findDatabase(options: ConfigurationOptions): Promise<FoundDatabase> {
  return (await import('./find-database')).findDatabase(options);
}

/** @throws EvolutionError `database_missing` where there is nothing to read */
export async function requireDatabase(options: ConfigurationOptions): Promise<void> {
  return (await import('./find-database')).requireDatabase(options);
}

/** Tries the rules of OTLP/HTTP against any endpoint. */
export async function runConformance(
  options: Omit<ConformanceOptions, 'fetch' | 'randomBytes'>,
): Promise<readonly ConformanceResult[]> {
  const { randomBytes } = await import('node:crypto');
  const conformance = await import('../conformance');
  return conformance.runConformance({ ...options, fetch: globalThis.fetch, randomBytes });
}

export async function diagnose(
  options: ConfigurationOptions,
  how?: DiagnoseOptions,
): Promise<readonly Check[]> {
  return (await import('./diagnose')).diagnose(options, how);
}

/** Makes a key to the API and stores it; only here its secret is told. */
export async function issueToken(
  evolution: Pick<Evolution, 'store'>,
  request: TokenRequest,
): Promise<IssuedToken> {
  return (await import('./issue-token')).issueToken(evolution, request);
}

/** @throws NotFoundError */
export async function revokeToken(
  evolution: Pick<Evolution, 'store'>,
  id: string,
): Promise<StoredToken> {
  return (await import('./issue-token')).revokeToken(evolution, id);
}

/** Reads every stored span again with the semantics, prices and redaction of today. */
export async function reinterpretStore(
  options: ConfigurationOptions,
  settings: ReinterpretSettings = {},
): Promise<Reinterpreted> {
  return (await import('./reinterpret')).reinterpretStore(options, settings);
}

/** Copies a SQLite database into a new file. @throws InputError for Postgres, with the command that does it there */
export async function backUp(options: ConfigurationOptions, file: string): Promise<void> {
  return (await import('./back-up')).backUp(options, file);
}

export async function runMigrations(options: ConfigurationOptions): Promise<MigrationStatus> {
  return (await import('./diagnose')).runMigrations(options);
}

export async function migrationStatus(options: ConfigurationOptions): Promise<MigrationStatus> {
  return (await import('./diagnose')).migrationStatus(options);
}

export async function resolveConfiguration(
  options: ConfigurationOptions,
): Promise<ResolvedConfiguration> {
  return (await import('../config')).resolveConfiguration(options);
}

export async function readModelEndpoint(): Promise<ModelEndpoint | null> {
  return (await import('../config')).readModelEndpoint();
}
