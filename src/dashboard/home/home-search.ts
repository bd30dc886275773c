import type { RawSearch } from '../url/search-params';
import { readOneOf } from '../url/search-params';

/** Days that are looked at, beside as many before; absent: everything stored. */
export interface HomeSearch {
  readonly days?: '1' | '7' | '30' | undefined;
}

export function readHomeSearch(raw: RawSearch): HomeSearch {
  return { days: readOneOf(raw, 'days', ['1', '7', '30']) };
}
