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

/** Case does not matter; `wanted` is part of it, or at most two edits away (Damerau-Levenshtein). */
export function isLike(stored: string, wanted: string): boolean {
  const a = stored.toLowerCase();
  const b = wanted.toLowerCase();
  return a.includes(b) || editDistance(a, b, maxEdits) <= maxEdits;
}

const maxEdits = 2;

/**
 * Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment) between
 * two texts; anything above `max` counts as `max + 1`.
 */
export function editDistance(a: string, b: string, max: number): number {
  if (Math.abs(a.length - b.length) > max) return max + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(
        last[column]! + 1,
        current[column - 1]! + 1,
        last[column - 1]! + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, beforeLast[column - 2]! + 1);
      }
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return Math.min(last[b.length]!, max + 1);
}
