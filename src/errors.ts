import { closest, distance } from 'fastest-levenshtein';
import { withoutCredentials } from './without-credentials';

/** Stable codes; every one is listed in the README. */
export type EvolutionErrorCode =
  | 'config_invalid'
  | 'argument_invalid'
  | 'input_refused'
  | 'format_unknown'
  | 'not_found'
  | 'ambiguous'
  | 'illegal_transition'
  | 'conflict'
  | 'driver_missing'
  | 'database_unavailable'
  | 'database_full'
  | 'database_damaged'
  | 'database_missing'
  | 'schema_newer'
  | 'migration_needed'
  | 'out_of_memory'
  | 'endpoint_unreachable'
  | 'closed';

/** An error that says what was expected, what came and, as `hint`, what to do; never a credential. */
export class EvolutionError extends Error {
  readonly code: EvolutionErrorCode;
  readonly hint: string | null;

  constructor(
    code: EvolutionErrorCode,
    message: string,
    options: { cause?: unknown; hint?: string } = {},
  ) {
    super(
      withoutCredentials(message),
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = new.target.name;
    this.code = code;
    this.hint = options.hint === undefined ? null : withoutCredentials(options.hint);
  }
}

/** A wrong option, environment variable or configuration file. */
export class ConfigError extends EvolutionError {
  constructor(message: string, options: { cause?: unknown; hint?: string } = {}) {
    super('config_invalid', message, options);
  }
}

/** Input that cannot be stored as it came; the caller's other input is not touched by it. */
export class InputError extends EvolutionError {
  constructor(
    message: string,
    options: { code?: EvolutionErrorCode; cause?: unknown; hint?: string } = {},
  ) {
    super(options.code ?? 'argument_invalid', message, options);
  }
}

export class NotFoundError extends EvolutionError {
  constructor(message: string, options: { hint?: string } = {}) {
    super('not_found', message, options);
  }
}

/** The database cannot take or answer this now; the same call may succeed later. */
export class StoreUnavailableError extends EvolutionError {
  constructor(
    message: string,
    options: { code?: EvolutionErrorCode; cause?: unknown; hint?: string } = {},
  ) {
    super(options.code ?? 'database_unavailable', message, options);
  }
}

/** A status change that the transition table does not allow. */
export class TransitionError extends EvolutionError {
  constructor(message: string, options: { hint?: string } = {}) {
    super('illegal_transition', message, options);
  }
}

/** @throws ConfigError that names the first key nobody knows, and the nearest one that is known. */
export function assertKnownKeys(what: string, given: object, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null) {
    throw new ConfigError(`${what}: expected an object of options, got ${String(given)}.`);
  }
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  throw new ConfigError(`${what}: unknown option "${unknown}".${didYouMean(unknown, known)}`);
}

/** ` Did you mean "…"?` when a known name is near, else the list of all known names. */
export function didYouMean(name: string, known: readonly string[]): string {
  const nearest = closest(name, known);
  return distance(name, nearest) <= Math.max(2, name.length / 3)
    ? ` Did you mean "${nearest}"?`
    : ` Known: ${known.join(', ')}.`;
}
