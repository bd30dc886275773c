import type { RawSearch } from '../url/search-params';
import { readText } from '../url/search-params';

/** Ids of two executions. */
export interface CompareSearch {
  readonly a?: string | undefined;
  readonly b?: string | undefined;
}

export function readCompareSearch(raw: RawSearch): CompareSearch {
  return { a: readText(raw, 'a'), b: readText(raw, 'b') };
}
