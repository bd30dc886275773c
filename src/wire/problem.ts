import type { EvolutionErrorCode } from '../errors';
import { EvolutionError } from '../errors';

/** RFC 9457, with our stable `code` and a hint. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly hint: string | null;
  /** The path of the request; `null` on the command line. */
  readonly instance: string | null;
}

/** Never carries a stack, SQL or a path: an error that is not ours says only that it happened. */
export function toProblem(error: unknown, instance: string | null): Problem {
  if (!(error instanceof EvolutionError)) {
    return problem(
      500,
      'internal',
      'Something went wrong on our side; the log says what.',
      instance,
    );
  }
  return problem(statusByCode[error.code], error.code, error.message, instance, error.hint);
}

export function problem(
  status: number,
  code: string,
  detail: string,
  instance: string | null,
  hint: string | null = null,
): Problem {
  const title = titles[status] ?? 'Error';
  return { type: 'about:blank', title, status, code, detail, hint, instance };
}

const statusByCode: Readonly<Record<EvolutionErrorCode, number>> = {
  config_invalid: 400,
  argument_invalid: 400,
  input_refused: 400,
  format_unknown: 400,
  ambiguous: 400,
  not_found: 404,
  illegal_transition: 409,
  driver_missing: 503,
  database_unavailable: 503,
  database_full: 503,
  schema_newer: 503,
  migration_needed: 503,
  closed: 503,
};

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};
