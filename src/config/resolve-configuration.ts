import { ConfigError, didYouMean } from '../errors';
import { withoutCredentials } from '../without-credentials';
import type { Configuration, ConfigurationOptions } from '../model/configuration';
import type { ConfigurationKey, ConfigurationSource } from './configuration';
import { configurationKeys, configurationSettings } from './configuration';
import { linksOfText } from './external-links';
import { readConfigurationFile } from './read-configuration-file';

export interface ResolvedConfiguration {
  readonly values: Configuration;
  readonly sources: Readonly<Record<ConfigurationKey, ConfigurationSource>>;
  /** The configuration file that was read, if any. */
  readonly file: string | null;
  /** One line per environment variable that was set to something unusable, or that nobody knows. */
  readonly warnings: readonly string[];
  /** The settings that those variables would have set. */
  readonly passedOver: readonly ConfigurationKey[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Options, then the file (`EVOLUTION_CONFIG`, else `./otel-evolution.json` if it is there), then the
 * environment, then defaults. A wrong environment variable is reported in `warnings` and passed over, unless going on
 * without it would write elsewhere.
 *
 * @throws ConfigError that names every wrong setting at once
 */
export function resolveConfiguration(
  options: ConfigurationOptions = {},
  environment: Environment = process.env,
): ResolvedConfiguration {
  const file = readConfigurationFile(environment);
  const fromOptions = checkAll(options, 'option');
  const fromFile = checkAll(file.values, `file ${file.path ?? ''}`);
  const fromEnvironment = checkEnvironment(environment);
  const faults = [...fromOptions.faults, ...fromFile.faults];
  const overruled = { ...fromFile.values, ...fromOptions.values };
  const warnings = [...fromEnvironment.unknown];
  const passedOver: ConfigurationKey[] = [];
  for (const { key, fault } of fromEnvironment.faults) {
    if (key in overruled) continue;
    if (configurationSettings[key].mustHold) faults.push(fault);
    else {
      warnings.push(`${fault} It is passed over.`);
      passedOver.push(key);
    }
  }
  refuse(faults);

  const sources = {} as Record<ConfigurationKey, ConfigurationSource>;
  const values: Record<string, unknown> = {};
  for (const key of configurationKeys) {
    const [source, value] = firstOf(key, [
      ['option', fromOptions.values],
      ['file', fromFile.values],
      ['environment', fromEnvironment.values],
    ]);
    sources[key] = source;
    values[key] = value;
  }
  return {
    values: Object.freeze(values as unknown as Configuration),
    sources,
    file: file.path,
    warnings,
    passedOver,
  };
}

type GuestSetting = 'databaseUrl' | 'captureContent' | 'redact' | 'propagate';

/**
 * What a guest must know before the database is open: its process may end in the next line. A wrong configuration gives
 * what was said in code, else the defaults; it is told when the database is opened.
 */
export function readGuestSettings(
  options: Pick<ConfigurationOptions, GuestSetting>,
  environment: Environment = process.env,
): Pick<Configuration, GuestSetting> {
  try {
    return resolveConfiguration(options, environment).values;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { databaseUrl = configurationSettings.databaseUrl.fallback } = options;
    return {
      databaseUrl,
      captureContent: options.captureContent ?? false,
      redact: options.redact ?? null,
      propagate: options.propagate ?? configurationSettings.propagate.fallback,
    };
  }
}

function firstOf(
  key: ConfigurationKey,
  candidates: readonly [ConfigurationSource, Readonly<Record<string, unknown>>][],
): [ConfigurationSource, unknown] {
  for (const [source, values] of candidates) if (key in values) return [source, values[key]];
  return ['default', configurationSettings[key].fallback];
}

function refuse(faults: readonly string[]): void {
  if (faults.length === 0) return;
  const [first = ''] = faults;
  throw new ConfigError(
    faults.length === 1
      ? first
      : `${faults.length} settings cannot be used:\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
    { hint: '`otel-evolution config` shows what is in force, and where it comes from.' },
  );
}

interface CheckedValues {
  readonly values: Readonly<Record<string, unknown>>;
  readonly faults: readonly string[];
}

/** Undefined is not set. */
function checkAll(given: object, where: string): CheckedValues {
  if (typeof given !== 'object' || given === null) {
    return {
      values: {},
      faults: [`${where}: expected an object of settings, came ${String(given)}.`],
    };
  }
  const values: Record<string, unknown> = {};
  const faults: string[] = [];
  for (const [key, value] of Object.entries(given) as [string, unknown][]) {
    if (value === undefined) continue;
    if (!isKey(key)) {
      faults.push(`${where}: unknown setting "${key}".${didYouMean(key, configurationKeys)}`);
      continue;
    }
    const checked = configurationSettings[key].check(value);
    if ('value' in checked) values[key] = checked.value;
    else faults.push(`${where}: ${fault(key, key, checked.expected, value)}`);
  }
  return { values, faults };
}

interface CheckedEnvironment {
  readonly values: Readonly<Record<string, unknown>>;
  readonly faults: readonly { readonly key: ConfigurationKey; readonly fault: string }[];
  /** One line per variable that looks like ours and is not. */
  readonly unknown: readonly string[];
}

function checkEnvironment(environment: Environment): CheckedEnvironment {
  const values: Record<string, unknown> = {};
  const faults: { key: ConfigurationKey; fault: string }[] = [];
  for (const key of configurationKeys) {
    const { variable, check } = configurationSettings[key];
    const given = variable === undefined ? undefined : environment[variable];
    if (variable === undefined || given === undefined || given === '') continue;
    const checked = check(parseText(key, given));
    if ('value' in checked) values[key] = checked.value;
    else faults.push({ key, fault: fault(key, variable, checked.expected, given) });
  }
  return { values, faults, unknown: unknownVariables(environment) };
}

/** Read elsewhere, or by tests. */
const otherVariables = [
  'EVOLUTION_CONFIG',
  'EVOLUTION_DISABLED',
  'EVOLUTION_STDERR',
  'EVOLUTION_DATA_DIR',
];

function unknownVariables(environment: Environment): string[] {
  const known = [...configurationKeys.flatMap(variableOf), ...otherVariables];
  return Object.keys(environment)
    .filter((name) => name.startsWith('EVOLUTION_') && !known.includes(name))
    .map((name) => `${name} is no variable of otel-evolution.${didYouMean(name, known)}`);
}

function variableOf(key: ConfigurationKey): string[] {
  const { variable } = configurationSettings[key];
  return variable === undefined ? [] : [variable];
}

/** Taken as they are written: a token may be all digits. */
const textSettings: ReadonlySet<ConfigurationKey> = new Set([
  'databaseUrl',
  'host',
  'sqliteDriver',
  'token',
  'redact',
  'retention',
  'spool',
]);

function parseText(key: ConfigurationKey, given: string): unknown {
  if (textSettings.has(key)) return given;
  if (key === 'externalLinks') return linksOfText(given);
  if (given === 'true') return true;
  if (given === 'false') return false;
  return /^-?\d+(\.\d+)?$/.test(given) ? Number(given) : given;
}

/** Of a secret not even a part is repeated. */
const secrets: ReadonlySet<ConfigurationKey> = new Set(['databaseUrl', 'token']);

function fault(key: ConfigurationKey, name: string, expected: string, came: unknown): string {
  const shown = secrets.has(key) ? '' : `, came ${withoutCredentials(JSON.stringify(came) ?? '')}`;
  return `${name}: expected ${expected}${shown}.`;
}

function isKey(key: string): key is ConfigurationKey {
  return Object.hasOwn(configurationSettings, key);
}
