import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { ConfigError, didYouMean } from '../errors';
import type {
  Configuration,
  ConfigurationKey,
  ConfigurationOptions,
  ConfigurationSource,
} from './configuration';
import { configurationKeys, configurationSchema, environmentVariables } from './configuration';

export interface ResolvedConfiguration {
  readonly values: Configuration;
  readonly sources: Readonly<Record<ConfigurationKey, ConfigurationSource>>;
  /** The configuration file that was read, if any. */
  readonly file: string | null;
  /** One line per environment variable that was set to something unusable. */
  readonly warnings: readonly string[];
  /** The settings that those variables would have set. */
  readonly passedOver: readonly ConfigurationKey[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const defaultFile = 'otel-evolution.json';

/**
 * Options, then the file (`EVOLUTION_CONFIG`, else `./otel-evolution.json` if it is there), then the
 * environment, then defaults. A wrong option or file throws `ConfigError`; a wrong environment
 * variable is reported in `warnings` and passed over.
 */
export function resolveConfiguration(
  options: ConfigurationOptions = {},
  environment: Environment = process.env,
): ResolvedConfiguration {
  const file = readConfigurationFile(environment);
  const fromOptions = validate(withoutUndefined(options), 'option');
  const fromFile = validate(file.values, `file ${file.path ?? ''}`);
  const { values: fromEnvironment, warnings, passedOver } = readEnvironment(environment);

  const sources = {} as Record<ConfigurationKey, ConfigurationSource>;
  for (const key of configurationKeys) {
    sources[key] =
      key in fromOptions
        ? 'option'
        : key in fromFile
          ? 'file'
          : key in fromEnvironment
            ? 'environment'
            : 'default';
  }
  const values = configurationSchema.parse({ ...fromEnvironment, ...fromFile, ...fromOptions });
  return { values: Object.freeze(values), sources, file: file.path, warnings, passedOver };
}

function readConfigurationFile(environment: Environment): {
  path: string | null;
  values: Record<string, unknown>;
} {
  const named = environment['EVOLUTION_CONFIG'];
  const path = named ?? defaultFile;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const absent = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    if (absent && named === undefined) return { path: null, values: {} };
    throw new ConfigError(`Cannot read the configuration file ${path}.`, {
      cause,
      hint: 'Unset EVOLUTION_CONFIG or let it name a readable JSON file.',
    });
  }
  try {
    const values: unknown = JSON.parse(text);
    if (typeof values === 'object' && values !== null && !Array.isArray(values)) {
      return { path, values: values as Record<string, unknown> };
    }
  } catch (cause) {
    throw new ConfigError(`${path} is not JSON: ${(cause as Error).message}`, { cause });
  }
  throw new ConfigError(`${path} must hold one JSON object of settings.`);
}

function readEnvironment(environment: Environment): {
  values: Record<string, unknown>;
  warnings: string[];
  passedOver: ConfigurationKey[];
} {
  const values: Record<string, unknown> = {};
  const warnings: string[] = [];
  const passedOver: ConfigurationKey[] = [];
  for (const [key, variable] of Object.entries(environmentVariables)) {
    const text = environment[variable];
    if (text === undefined || text === '') continue;
    try {
      Object.assign(values, validate({ [key]: parseText(key, text) }, variable));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      warnings.push(`${error.message} It is passed over.`);
      passedOver.push(key as ConfigurationKey);
    }
  }
  return { values, warnings, passedOver };
}

/** Taken as they are written: a token may be all digits. */
const textSettings: ReadonlySet<string> = new Set<ConfigurationKey>([
  'databaseUrl',
  'host',
  'token',
]);

function parseText(key: string, text: string): unknown {
  if (textSettings.has(key)) return text;
  if (text === 'true') return true;
  if (text === 'false') return false;
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function validate(values: Record<string, unknown>, where: string): Record<string, unknown> {
  const result = configurationSchema.partial().safeParse(values);
  if (result.success) {
    return Object.fromEntries(
      Object.keys(values).map((key) => [key, result.data[key as ConfigurationKey]]),
    );
  }
  throw new ConfigError(`${where}: ${describeIssue(result.error)}`);
}

function describeIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue?.code === 'unrecognized_keys' && issue.path.length === 0) {
    const key = issue.keys[0] ?? '';
    return `unknown setting "${key}".${didYouMean(key, configurationKeys)}`;
  }
  return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}.`;
}

function withoutUndefined(options: ConfigurationOptions): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
