import { z } from 'zod';
import type { EvolutionErrorCode } from '../errors';
import { EvolutionError } from '../errors';

/** RFC 9457, with our stable `code` and a hint. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string().meta({ description: 'Stable; the README lists all of them.' }),
    detail: z.string(),
    hint: z.string().nullable(),
    instance: z
      .string()
      .nullable()
      .meta({ description: 'The path of the request; `null` on the command line.' }),
  })
  .meta({
    id: 'Problem',
    examples: [
      {
        type: 'about:blank',
        title: 'Not Found',
        status: 404,
        code: 'not_found',
        detail: 'There is no task task-18.',
        hint: 'GET /api/v1/tasks lists them.',
        instance: '/api/v1/tasks/task-18',
      },
    ],
  });

export type Problem = z.infer<typeof problemSchema>;

/**
 * Never carries a stack or SQL, and to callers of HTTP no path: an error that is not ours says only that it happened, and the
 * repair of a damaged file, which names it, is for the command line (`instance` is `null`).
 */
export function toProblem(error: unknown, instance: string | null): Problem {
  if (!(error instanceof EvolutionError)) {
    return problem(
      500,
      'internal',
      'Something went wrong on our side; the log says what.',
      instance,
    );
  }
  const { code, message } = error;
  const hint = code === 'database_damaged' && instance !== null ? repairHint : error.hint;
  return problem(statusByCode[code], code, message, instance, hint);
}

const repairHint = 'On the machine of the database: otel-evolution doctor names the repair.';

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
  conflict: 409,
  driver_missing: 503,
  database_unavailable: 503,
  database_full: 503,
  database_damaged: 503,
  database_missing: 503,
  schema_newer: 503,
  migration_needed: 503,
  out_of_memory: 503,
  endpoint_unreachable: 502,
  closed: 503,
};

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};
