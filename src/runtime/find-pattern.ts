import { InputError, NotFoundError } from '../errors';
import type { Pattern } from '../model/pattern';
import type { PatternBook } from '../model/ports-learning';

/**
 * The pattern with this id, or the only one whose id begins so.
 *
 * @throws NotFoundError for none, InputError (`ambiguous`) for several.
 */
export async function findPattern(
  store: Pick<PatternBook, 'getPattern' | 'queryPatterns'>,
  id: string,
): Promise<Pattern> {
  const exact = await store.getPattern(id);
  if (exact !== null) return exact;
  const found: Pattern[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.queryPatterns({ limit: 1000, cursor });
    found.push(...page.items.filter((pattern) => pattern.id.startsWith(id)));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  const [first, second] = found;
  if (first === undefined || id === '') {
    throw new NotFoundError(`There is no pattern ${id}.`, { hint: 'otel-evolution patterns' });
  }
  if (second === undefined) return first;
  throw new InputError(`${found.length} patterns begin with ${id}: ${first.id}, ${second.id}, ….`, {
    code: 'ambiguous',
  });
}
