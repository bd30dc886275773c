import { InputError } from '../../errors';
import type { PageRequest } from '../../model/query';

/** What a list is sorted by; the last part makes it unique. */
export type CursorPart = string | number;

export interface PagePosition {
  readonly limit: number;
  /** Sort values of the last item of the page before. */
  readonly after: readonly CursorPart[] | null;
}

/**
 * Reads limit and cursor of a page request.
 *
 * @param list names the list, so that a cursor of another list is refused
 * @param shape kind of each part: `int` decimal 64-bit integer as text, `text`, `number`
 * @throws InputError for a limit outside 1..1,000 and for a cursor that this list did not give
 */
export function readPage(
  request: PageRequest,
  list: string,
  shape: readonly ('int' | 'text' | 'number')[],
): PagePosition {
  const limit = request.limit ?? 100;
  if (!Number.isInteger(limit) || limit < 1 || limit > maxLimit) {
    throw new InputError(`Expected a limit of 1 to ${maxLimit}, got ${String(limit)}.`);
  }
  if (request.cursor === undefined) return { limit, after: null };
  return { limit, after: decodeCursor(request.cursor, list, shape) };
}

const maxLimit = 1_000;

export function encodeCursor(list: string, parts: readonly CursorPart[]): string {
  return Buffer.from(JSON.stringify([list, ...parts])).toString('base64url');
}

function decodeCursor(
  cursor: string,
  list: string,
  shape: readonly ('int' | 'text' | 'number')[],
): readonly CursorPart[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw foreignCursor();
  }
  if (!Array.isArray(parsed) || parsed[0] !== list || parsed.length !== shape.length + 1) {
    throw foreignCursor();
  }
  const parts = parsed.slice(1) as unknown[];
  if (!parts.every((part, index) => fits(part, shape[index]!))) throw foreignCursor();
  return parts as CursorPart[];
}

function fits(part: unknown, kind: 'int' | 'text' | 'number'): boolean {
  if (kind === 'number') return typeof part === 'number';
  if (typeof part !== 'string') return false;
  return (
    kind === 'text' ||
    (/^-?\d{1,19}$/.test(part) && BigInt.asIntN(64, BigInt(part)) === BigInt(part))
  );
}

function foreignCursor(): InputError {
  return new InputError('Expected the cursor of a page of this same list.', {
    hint: 'Take next_cursor of the page before, unchanged, or leave the cursor out.',
  });
}
