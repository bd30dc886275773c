import type { Session, SqlValue } from '../database/database';
import type { SqlType } from '../database/dialect';

/** A table as its rooms see it: typed columns by name, so that no row is matched by position anywhere else. */
export interface Table<C extends Readonly<Record<string, SqlType>>> {
  readonly name: string;
  readonly columns: C;
}

/** Values by column; all columns of the statement at hand. */
export type TableRow<C> = { readonly [N in keyof C]: SqlValue };

export function defineTable<const C extends Readonly<Record<string, SqlType>>>(
  name: string,
  columns: C,
): Table<C> {
  return { name, columns };
}

/** Inserts rows; with `skipping` those whose unique columns are taken are left out. Gives the named columns. */
export async function insertRows<C extends Readonly<Record<string, SqlType>>, R>(
  session: Session,
  { name, columns }: Table<C>,
  rows: readonly TableRow<C>[],
  { skipping = false, returning }: { readonly skipping?: boolean; readonly returning: string },
): Promise<R[]> {
  if (rows.length === 0) return [];
  const names = Object.keys(columns);
  return session.all<R>(
    `INSERT INTO ${name} (${names.join(', ')}) SELECT ${names.join(', ')} ` +
      `FROM ${session.dialect.rows(columns)} AS given WHERE true ` +
      `${skipping ? 'ON CONFLICT DO NOTHING ' : ''}RETURNING ${returning}`,
    [toJson(names, rows)],
  );
}

/** Sets the given columns of the rows with the given keys. */
export async function updateRows<C extends Readonly<Record<string, SqlType>>>(
  session: Session,
  { name, columns }: Table<C>,
  rows: readonly (TableRow<C> & { readonly key: number })[],
): Promise<void> {
  if (rows.length === 0) return;
  const names = Object.keys(columns);
  await session.run(
    `UPDATE ${name} SET ${names.map((column) => `${column} = given.${column}`).join(', ')} ` +
      `FROM ${session.dialect.rows({ key: 'bigint', ...columns })} AS given ` +
      `WHERE ${name}.key = given.key`,
    [toJson(['key', ...names], rows)],
  );
}

export async function deleteByKeys(
  session: Session,
  table: string,
  keys: readonly number[],
): Promise<void> {
  if (keys.length === 0) return;
  await session.run(`DELETE FROM ${table} WHERE ${session.dialect.inList('key', 'bigint')}`, [
    session.dialect.list(keys),
  ]);
}

function toJson(
  names: readonly string[],
  rows: readonly Readonly<Record<string, unknown>>[],
): string {
  return JSON.stringify(rows.map((row) => names.map((column) => row[column])));
}
