import type { EvolutionErrorCode } from '../errors';
import { EvolutionError } from '../errors';

/** 2 (cancelled) and 4 (auth) are kept for the commands that will need them. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  badArgument: 3,
  unreachable: 5,
  someRefused: 6,
  migrationNeeded: 7,
  regression: 8,
  interrupted: 130,
} as const;

const byErrorCode: Readonly<Record<EvolutionErrorCode, number>> = {
  config_invalid: exitCodes.badArgument,
  argument_invalid: exitCodes.badArgument,
  format_unknown: exitCodes.badArgument,
  ambiguous: exitCodes.badArgument,
  input_refused: exitCodes.someRefused,
  not_found: exitCodes.failure,
  illegal_transition: exitCodes.failure,
  conflict: exitCodes.failure,
  driver_missing: exitCodes.unreachable,
  database_unavailable: exitCodes.unreachable,
  database_full: exitCodes.unreachable,
  database_damaged: exitCodes.unreachable,
  database_missing: exitCodes.unreachable,
  schema_newer: exitCodes.migrationNeeded,
  migration_needed: exitCodes.migrationNeeded,
  out_of_memory: exitCodes.failure,
  endpoint_unreachable: exitCodes.unreachable,
  closed: exitCodes.failure,
};

export function exitCodeOf(error: unknown): number {
  return error instanceof EvolutionError ? byErrorCode[error.code] : exitCodes.failure;
}
