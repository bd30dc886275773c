import type { z } from 'zod';
import { didYouMean, InputError } from '../../errors';

/** Names that other tools send, and what is meant here. */
const hints: ReadonlyMap<string, string> = new Map([
  ['start_time', 'Send start_time_unix_nano: nanoseconds since 1970 (milliseconds × 1,000,000).'],
  ['end_time', 'Send end_time_unix_nano: nanoseconds since 1970 (milliseconds × 1,000,000).'],
  ['timestamp', 'Send timestamp_unix_nano: nanoseconds since 1970 (milliseconds × 1,000,000).'],
  ['role', 'The role is read from the attributes: send gen_ai.operation.name.'],
  ['tool', 'The tool is read from the attributes: send gen_ai.tool.name.'],
  ['model', 'The model is read from the attributes: send gen_ai.request.model.'],
]);

/**
 * The value by the schema.
 * @throws InputError that says where, what was expected and what came
 */
export function checked<T extends z.ZodType>(schema: T, value: unknown, what: string): z.output<T> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const { issues } = result.error;
  // A name that nobody knows is why another one is missing.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]!;
  throw toInputError(issue, schema, what);
}

function toInputError(issue: z.core.$ZodIssue, schema: z.ZodType, what: string): InputError {
  const place = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const known = place === '' ? Object.keys((schema as z.ZodObject).shape ?? {}) : [];
    const hint = hints.get(key);
    const near = known.length === 0 || hint !== undefined ? '' : didYouMean(key, known);
    return new InputError(`Unknown ${what} "${place === '' ? key : `${place}.${key}`}".${near}`, {
      ...(hint === undefined ? {} : { hint }),
    });
  }
  const came = issue.input === undefined ? 'nothing' : shortened(issue.input);
  const message =
    issue.message.replace(/^Invalid (input|option|string)(: |$)/, '') || 'not as expected';
  return new InputError(`${place === '' ? `The ${what}` : `"${place}"`}: ${message}, got ${came}.`);
}

function shortened(input: unknown): string {
  const text = JSON.stringify(input, (_key, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  return text === undefined ? typeof input : text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
