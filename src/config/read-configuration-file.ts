import { readFileSync } from 'node:fs';
import { ConfigError } from '../errors';

const defaultFile = 'otel-evolution.json';

/** `EVOLUTION_CONFIG`, else `./otel-evolution.json` if it is there. @throws ConfigError that names the file */
export function readConfigurationFile(environment: Readonly<Record<string, string | undefined>>): {
  readonly path: string | null;
  readonly values: Readonly<Record<string, unknown>>;
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
  } catch {
    // What the parser says repeats the text, which may hold a password.
    throw new ConfigError(`${path} is not JSON.`, {
      hint: `Check it: node -p "require('./${path}')"`,
    });
  }
  throw new ConfigError(`${path} must hold one JSON object of settings.`);
}
