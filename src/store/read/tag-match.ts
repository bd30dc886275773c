import { distance } from 'fastest-levenshtein';
import type { RecordFilter } from '../../model/query';
import type { Session } from '../database/database';
import { cleanText } from '../schema/text';

/**
 * Turns wanted tags into groups of stored ones: a record matches when it has a tag of every group.
 * `all`: each tag by itself; `any`: one group; `prefix` and `fuzzy`: for each wanted tag the stored
 * tags that start with it, or that are like it.
 */
export async function tagGroups(
  session: Session,
  tags: readonly string[],
  match: NonNullable<RecordFilter['tagMatch']>,
): Promise<readonly (readonly string[])[]> {
  const wanted = tags.map(cleanText);
  if (match === 'any') return [wanted];
  if (match === 'all') return wanted.map((tag) => [tag]);
  const rows = await session.all<{ tag: string }>('SELECT tag FROM tags');
  const fits = match === 'prefix' ? startsWith : isLike;
  return wanted.map((tag) => rows.map((row) => row.tag).filter((stored) => fits(stored, tag)));
}

const startsWith = (stored: string, wanted: string): boolean => stored.startsWith(wanted);

/** Case does not matter; `wanted` is part of it, or at most two edits away (Levenshtein; a swap is two). */
export function isLike(stored: string, wanted: string): boolean {
  const a = stored.toLowerCase();
  const b = wanted.toLowerCase();
  return a.includes(b) || isNear(a, b);
}

const maxEdits = 2;

function isNear(a: string, b: string): boolean {
  return Math.abs(a.length - b.length) <= maxEdits && distance(a, b) <= maxEdits;
}
