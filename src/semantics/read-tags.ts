import type { SpanRecord } from '../model/span';
import { textOf } from './attribute-value';
import type { Findings } from './read-concepts';

/** Tags of the span and of what is around it, without repetition, in the order they came. */
export function readTags(
  record: SpanRecord,
  said: Findings,
  around: Findings | null,
): readonly string[] {
  const lightning = said.familyKeys?.get('lightningTag');
  if (said.tags === null && (around?.tags ?? null) === null && lightning === undefined) return [];
  const tags = new Set(said.tags);
  for (const key of lightning ?? []) {
    const tag = textOf(record.attributes[key]);
    if (tag !== null) tags.add(tag);
  }
  for (const tag of around?.tags ?? []) tags.add(tag);
  return [...tags];
}
