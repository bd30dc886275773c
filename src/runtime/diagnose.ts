import type { ConfigurationOptions } from '../model/configuration';
import { resolveConfiguration } from '../config';
import { parseDatabaseUrl } from '../database-url';
import { EvolutionError, StoreUnavailableError } from '../errors';
import type { EvolutionStore, MigrationStatus } from '../model/ports';
import { formatByteSize } from '../model/byte-size';
import type { Check, JobState, RetentionState } from '../model/ports-upkeep';
import { repairOf } from '../store';
import { formatInstant } from '../wire';
import { findDatabase, requireDatabase } from './find-database';
import { openConfiguredStore } from './open-configured-store';
import { dayMillis, retentionLimits } from './retention-limits';
import { findRewardFloods, floodSentence, type RewardFloods } from './reward-floods';

export interface DiagnoseOptions {
  /** Look for damage through all of a large database. @defaultValue false */
  readonly everything?: boolean | undefined;
}

/** Looks at Node, the configuration, the database and its schema; never throws. */
export async function diagnose(
  options: ConfigurationOptions,
  { everything = false }: DiagnoseOptions = {},
): Promise<readonly Check[]> {
  const configuration = await checkConfiguration(options);
  const checks = [checkNode(process.versions.node), configuration];
  return configuration.ok ? [...checks, ...(await checkDatabase(options, everything))] : checks;
}

/** The same of a database that is open and used, without looking for damage, which takes long; never throws. */
export async function diagnoseServed(
  store: DiagnosedStore,
  options: ConfigurationOptions = {},
): Promise<readonly Check[]> {
  return [
    checkNode(process.versions.node),
    await checkConfiguration(options),
    await check('database', () => Promise.resolve(`${store.dialect} answers, by ${store.driver}`)),
    ...(await checkContents(store)),
  ];
}

type DiagnosedStore = Pick<
  EvolutionStore,
  'dialect' | 'driver' | 'migrationStatus' | 'ping' | 'getTotals' | 'readJobs' | 'queryRewards'
>;

function checkConfiguration(options: ConfigurationOptions): Promise<Check> {
  return check('configuration', () => {
    const { file, warnings } = resolveConfiguration(options);
    return Promise.resolve([file === null ? 'no file' : `file ${file}`, ...warnings].join('; '));
  });
}

/** Exported for the test, which cannot change the Node it runs on. */
export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  return {
    name: 'node',
    ok,
    detail: `${version}, 20.19 or later is needed`,
    hint: ok ? null : 'Install Node 22 or 24.',
  };
}

async function checkDatabase(options: ConfigurationOptions, everything: boolean): Promise<Check[]> {
  const { values, sources } = resolveConfiguration(options);
  const { maxAgeMillis = null, maxBytes = null } = retentionLimits(values, sources) ?? {};
  const found: EvolutionStore[] = [];
  const opened = await check('database', async () => {
    const { name, state, isDefault } = await findDatabase(options);
    if (state === 'missing' && isDefault) {
      return `there is none yet at ${name}; the first command that writes makes it`;
    }
    await requireDatabase(options);
    const store = await openConfiguredStore(values, { migrate: 'never' });
    found.push(store);
    return `${store.dialect} answers, by ${store.driver}`;
  });
  const [open] = found;
  if (open === undefined) return [opened];
  try {
    const file = await check('damage', () => lookForDamage(open, options, everything));
    // Writing to what is damaged makes it worse.
    if (!file.ok) return [opened, file];
    return [opened, file, ...(await checkContents(open, { maxAgeMillis, maxBytes }))];
  } finally {
    await open.close();
  }
}

/** `limits`: of retention, where the store that was opened for the look does not keep them itself. */
async function checkContents(store: DiagnosedStore, limits?: RetentionLimits): Promise<Check[]> {
  return [
    await check('schema', async () => {
      const { current, latest } = await store.migrationStatus();
      return `version ${current} of ${latest}`;
    }),
    await check('write and read', async () => {
      await store.ping();
      return 'a row was written and read back';
    }),
    await check('contents', async () => {
      const { tasks, executions, spans } = await store.getTotals();
      return `${tasks} tasks, ${executions} executions, ${spans} spans`;
    }),
    await checkJobs(store, limits),
    await checkRewards(store),
  ];
}

async function lookForDamage(
  store: EvolutionStore,
  options: ConfigurationOptions,
  everything: boolean,
): Promise<string> {
  const address = parseDatabaseUrl(resolveConfiguration(options).values.databaseUrl);
  if (address.dialect === 'postgres') return 'the server looks after its own files';
  const { whole, problems } = await store.inspect(everything);
  if (problems.length > 0) {
    throw new StoreUnavailableError(
      `the file is damaged: ${problems.slice(0, 3).join('; ')}` +
        (problems.length > 3 ? `; and ${problems.length - 3} more` : ''),
      { code: 'database_damaged', hint: repairOf(address.file) },
    );
  }
  return whole
    ? 'none in any page or row'
    : 'none in the pages and in a part of the rows; --full looks at all';
}

/** What is done in the background, and what it could not do. */
async function checkJobs(store: DiagnosedStore, limits?: RetentionLimits): Promise<Check> {
  const name = 'background work';
  let jobs: JobState;
  try {
    jobs = await store.readJobs();
  } catch (error) {
    return failed(name, error);
  }
  const { backlog, failed: broke, errors, retention } = jobs;
  const waiting = backlog.traces + backlog.executions;
  const broken = broke.traces + broke.executions;
  const removed =
    retention.lastRunUnixNano === null
      ? 'nothing was removed so far'
      : `${retention.removedTraces} traces were removed so far, pruning last ran ${formatInstant(retention.lastRunUnixNano)}`;
  const detail = `${waiting} waiting to be derived; ${limitsText(limits ?? retention)}; ${removed}`;
  if (broken === 0) return { name, ok: true, detail, hint: null };
  const reasons = errors.map(({ traceId, reason }) => `trace ${traceId}: ${reason}`);
  return {
    name,
    ok: false,
    detail: `${broken} cannot be derived (${reasons.slice(0, 3).join('; ')}); ${detail}`,
    hint: 'Everything else goes on. Each is tried again when something new comes to it; `reinterpret` tries all.',
  };
}

type RetentionLimits = Pick<RetentionState, 'maxAgeMillis' | 'maxBytes'>;

function limitsText({ maxAgeMillis, maxBytes }: RetentionLimits): string {
  const limits = [
    ...(maxAgeMillis === null ? [] : [`traces of ${maxAgeMillis / dayMillis} days`]),
    ...(maxBytes === null ? [] : [`up to ${formatByteSize(maxBytes)}`]),
  ];
  return limits.length === 0
    ? 'retention keeps everything'
    : `retention keeps ${limits.join(', ')}`;
}

/** Whether one source judges the same things over and over. */
async function checkRewards(store: DiagnosedStore): Promise<Check> {
  const name = 'rewards';
  let found: RewardFloods;
  try {
    found = await findRewardFloods(store);
  } catch (error) {
    return failed(name, error);
  }
  const { looked, floods } = found;
  if (floods.length === 0) {
    const detail = looked === 0 ? 'none is stored' : `no source floods the latest ${looked}`;
    return { name, ok: true, detail, hint: null };
  }
  return {
    name,
    ok: false,
    detail: floods.map((flood) => floodSentence(flood, looked)).join(' '),
    hint: 'Send a judgement once, with an id that stays (a resend is then one); to correct it, send another that supersedes it.',
  };
}

async function check(name: string, look: () => Promise<string>): Promise<Check> {
  try {
    return { name, ok: true, detail: await look(), hint: null };
  } catch (error) {
    return failed(name, error);
  }
}

function failed(name: string, error: unknown): Check {
  const detail = error instanceof Error ? error.message : String(error);
  return { name, ok: false, detail, hint: error instanceof EvolutionError ? error.hint : null };
}

/** Runs what is pending, and says where the schema stands. */
export function runMigrations(options: ConfigurationOptions): Promise<MigrationStatus> {
  return withSchema(options, 'auto', (store) => store.migrationStatus());
}

/** Where the schema stands; changes nothing. @throws EvolutionError `database_missing` */
export async function migrationStatus(options: ConfigurationOptions): Promise<MigrationStatus> {
  await requireDatabase(options);
  return withSchema(options, 'unchecked', (store) => store.migrationStatus());
}

async function withSchema<T>(
  options: ConfigurationOptions,
  migrate: 'auto' | 'unchecked',
  read: (store: EvolutionStore) => Promise<T>,
): Promise<T> {
  const { values } = resolveConfiguration(options);
  const store = await openConfiguredStore(values, { migrate });
  try {
    return await read(store);
  } finally {
    await store.close();
  }
}
