import { defineTable } from './table';
import { cleanText } from './text';

/** One row per service, name and kind of spans that came, and the last day, from 1970, on which one did. */
export const operationTable = defineTable('operations', {
  service: 'text',
  name: 'text',
  kind: 'bigint',
  seen_day: 'bigint',
});

/** So many characters of a service and of a name fit into one index of both databases. */
const maxListedName = 256;

/** A service or a name as the table has it. Cut first: that may leave half of a character. */
export const listedName = (name: string): string => cleanText(name.slice(0, maxListedName));
