import { hashText } from './content-hash';

/** Two versions of one span are told apart by this; columns and texts in the order of the row. */
export interface SpanVersion {
  readonly endTimeUnixNano: bigint | null;
  readonly content: string;
}

export function spanContent(
  columns: readonly (string | number | null)[],
  texts: readonly string[],
): string {
  return JSON.stringify([columns.map((value) => (value === null ? null : String(value))), texts]);
}

/**
 * Positive when `a` stays: finished beats unfinished, then the later end, then the larger content
 * hash. Zero for the same content. Any order of arrival ends in the same row.
 */
export function compareVersions(a: SpanVersion, b: SpanVersion): number {
  if (a.content === b.content) return 0;
  const endA = a.endTimeUnixNano ?? -1n;
  const endB = b.endTimeUnixNano ?? -1n;
  if (endA !== endB) return endA > endB ? 1 : -1;
  return hashText(a.content) > hashText(b.content) ? 1 : -1;
}
