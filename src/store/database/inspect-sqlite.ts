import type { Inspection } from './damage';
import type { Session } from './database';
import { errorCode } from './dialect';

/** Up to here every page and every row is looked at, bytes. */
const wholeBytes = 2 ** 30;
/** Of a larger table the first and the last so many rows. */
const sampledRows = 50_000;
const rowsAtOnce = 2_000;
const problemsTold = 10;

/** Columns that hold JSON, whatever their table. */
const jsonColumns: ReadonlySet<string> = new Set([
  ...['attributes', 'body', 'config', 'evidence', 'explicit', 'exposures', 'flags', 'matches'],
  ...['meaning', 'outcome', 'propensities', 'rest', 'rewards', 'sampling', 'state', 'tags'],
]);

/**
 * Looks a file through: SQLite's own check of pages and indexes, and of each row that texts are UTF-8, JSON is JSON and
 * columns hold what they are declared to hold. What replaces one text by another, or one number, nobody can see: there
 * are no checksums.
 */
export async function inspectSqlite(session: Session, everything: boolean): Promise<Inspection> {
  const problems: string[] = [];
  let whole = everything;
  const look = async (what: string, find: () => Promise<void>): Promise<void> => {
    try {
      if (problems.length < problemsTold) await find();
    } catch (error) {
      if (!/^SQLITE_(CORRUPT|NOTADB|IOERR|ERROR)/.test(errorCode(error))) throw error;
      problems.push(`${what}: ${(error as Error).message}`);
    }
  };
  await look('pages', async () => {
    const [size] = await session.ask<{ bytes: number }>(
      `SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()`,
      [],
    );
    whole ||= size!.bytes <= wholeBytes;
    const check = whole ? 'integrity_check' : 'quick_check';
    const rows = await session.ask<Record<string, string>>(`PRAGMA ${check}(${problemsTold})`, []);
    const said = rows.map((row) => Object.values(row)[0]!);
    if (said.join() !== 'ok') problems.push(...said.map((text) => text.replaceAll('\n', '; ')));
  });
  let tables: readonly { readonly name: string }[] = [];
  await look('schema', async () => {
    tables = await session.ask(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`,
      [],
    );
  });
  for (const { name } of tables) {
    await look(`table ${name}`, () => inspectTable(session, name, whole, problems));
  }
  return { whole, problems: problems.slice(0, problemsTold) };
}

interface Column {
  readonly name: string;
  readonly type: string;
}

async function inspectTable(
  session: Session,
  table: string,
  whole: boolean,
  problems: string[],
): Promise<void> {
  const columns = await session.ask<Column>(
    `SELECT name, upper(type) AS type FROM pragma_table_info(?)`,
    [table],
  );
  const picks = columns.flatMap(({ name, type }, index) =>
    type === 'TEXT'
      ? [`"${name}" AS c${index}`, `length(CAST("${name}" AS BLOB)) AS b${index}`]
      : [`"${name}" AS c${index}`],
  );
  const [last] = await session.ask<{ row: number | null }>(
    `SELECT max(rowid) AS row FROM "${table}"`,
    [],
  );
  const lastRow = last!.row ?? 0;
  const gap = !whole && lastRow > 2 * sampledRows;
  for (let after = 0; ;) {
    const rows = await session.ask<Record<string, unknown>>(
      `SELECT rowid AS "row", ${picks.join(', ')} FROM "${table}" WHERE rowid > ? ORDER BY rowid LIMIT ${rowsAtOnce}`,
      [after],
    );
    for (const row of rows) {
      for (const [index, column] of columns.entries()) {
        const fault = faultOf(column, row[`c${index}`], row[`b${index}`]);
        if (fault === null) continue;
        problems.push(`table ${table}, row ${String(row.row)}: ${column.name} ${fault}`);
        if (problems.length >= problemsTold) return;
      }
    }
    if (rows.length < rowsAtOnce) return;
    after = Number(rows.at(-1)!.row);
    if (gap && after >= sampledRows) after = Math.max(after, lastRow - sampledRows);
  }
}

function faultOf({ name, type }: Column, value: unknown, bytes: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (type === 'TEXT') {
    if (typeof value !== 'string') return 'holds no text';
    if (Buffer.byteLength(value) !== bytes) return 'is no UTF-8';
    return jsonColumns.has(name) && !isJson(value) ? 'is no JSON' : null;
  }
  const isNumber = type === 'INTEGER' || type === 'REAL';
  return isNumber && typeof value !== 'number' ? 'holds no number' : null;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
