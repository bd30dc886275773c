import type { Dialect } from '../database/dialect';

/** Tables whose rows are counted as they come and go: to count them at each question costs what is stored. */
const countedTables = ['tasks', 'executions', 'spans', 'span_links', 'rewards', 'tags'] as const;

export type CountedTable = (typeof countedTables)[number];

/** So many writers count side by side; one of them alone never waits. */
const slots = 1024;

/**
 * The database counts itself, so that no statement can forget to. On Postgres each connection adds to a row of its own, since
 * one row for all would let every writer wait for the one before.
 */
export function totalsSchema({ name, text, int64 }: Dialect): readonly string[] {
  const table =
    `CREATE TABLE totals (name ${text} NOT NULL, slot ${int64} NOT NULL, rows ${int64} NOT NULL, ` +
    `PRIMARY KEY (name, slot))`;
  if (name === 'sqlite') {
    return [
      table,
      ...countedTables.flatMap((counted) => [
        `INSERT INTO totals (name, slot, rows) VALUES ('${counted}', 0, 0)`,
        ...(['INSERT', 'DELETE'] as const).map(
          (change) =>
            `CREATE TRIGGER ${counted}_${change.toLowerCase()}_counted AFTER ${change} ON ${counted} ` +
            `BEGIN UPDATE totals SET rows = rows ${change === 'INSERT' ? '+' : '-'} 1 ` +
            `WHERE name = '${counted}' AND slot = 0; END`,
        ),
      ]),
    ];
  }
  return [
    table,
    `CREATE FUNCTION count_rows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ` +
      `INSERT INTO totals (name, slot, rows) SELECT TG_TABLE_NAME, pg_backend_pid() % ${slots}, ` +
      `CASE TG_OP WHEN 'INSERT' THEN count(*) ELSE -count(*) END FROM changed HAVING count(*) > 0 ` +
      `ON CONFLICT (name, slot) DO UPDATE SET rows = totals.rows + excluded.rows; ` +
      `RETURN NULL; END $$`,
    ...countedTables.flatMap((counted) =>
      [
        ['INSERT', 'NEW'],
        ['DELETE', 'OLD'],
      ].map(
        ([change, rows]) =>
          `CREATE TRIGGER ${counted}_${change!.toLowerCase()}_counted AFTER ${change} ON ${counted} ` +
          `REFERENCING ${rows} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_rows()`,
      ),
    ),
  ];
}
