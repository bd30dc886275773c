import type { Page, PageRequest } from '../../model/query';
import { type CursorPart, encodeCursor, readPage } from './cursor';
import type { Session } from '../database/database';
import { type Conditions, join, noConditions } from './record-filter';

/** A list with a fixed order, read page by page from where the page before ended. */
export interface Keyset<R> {
  /** Names the list in its cursors. */
  readonly list: string;
  /** SELECT … FROM … without WHERE. */
  readonly select: string;
  /** Columns of the order; the last makes it unique. */
  readonly order: readonly { readonly column: string; readonly kind: 'int' | 'text' | 'number' }[];
  readonly direction: 'ASC' | 'DESC';
  /** Values of the order columns of a row, integers as text. */
  position(row: R): readonly CursorPart[];
}

export async function readKeyset<R>(
  session: Session,
  keyset: Keyset<R>,
  conditions: Conditions,
  request: PageRequest,
): Promise<{ readonly rows: readonly R[]; readonly nextCursor: Page<unknown>['nextCursor'] }> {
  const kinds = keyset.order.map(({ kind }) => kind);
  const { limit, after } = readPage(request, keyset.list, kinds);
  const all = join(conditions, after === null ? noConditions : beyond(keyset, after));
  const where = all.sql.length === 0 ? '' : ` WHERE ${all.sql.join(' AND ')}`;
  const order = keyset.order.map(({ column }) => `${column} ${keyset.direction}`).join(', ');
  // One more than asked tells whether there is a next page.
  const rows = await session.ask<R>(
    `${keyset.select}${where} ORDER BY ${order} LIMIT ${limit + 1}`,
    all.values,
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    rows: page,
    nextCursor:
      rows.length > limit && last !== undefined
        ? encodeCursor(keyset.list, keyset.position(last))
        : null,
  };
}

function beyond<R>({ order, direction }: Keyset<R>, after: readonly CursorPart[]): Conditions {
  const columns = order.map(({ column }) => column).join(', ');
  const places = order.map(({ kind }) => (kind === 'int' ? 'CAST(? AS bigint)' : '?')).join(', ');
  return {
    sql: [`(${columns}) ${direction === 'ASC' ? '>' : '<'} (${places})`],
    values: after,
  };
}
