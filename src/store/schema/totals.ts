import type { Session } from '../database/database';
import type { Dialect } from '../database/dialect';

/** Tables whose rows are counted as they come and go: to count them at each question costs what is stored. */
const countedTables = [
  ...([
    'traces',
    'tasks',
    'executions',
    'spans',
    'span_links',
    'rewards',
    'tags',
    'frozen',
  ] as const),
];

/** `judged`: of the frozen those that have an outcome. */
export type Counted = (typeof countedTables)[number] | 'judged';

/**
 * The database counts itself, so that no statement can forget to. On Postgres each connection adds to a row of its own, since
 * one row for all would let every writer wait for the one before.
 */
export function totalsSchema(dialect: Dialect): readonly string[] {
  const { text, int64 } = dialect;
  return [
    `CREATE TABLE totals (name ${text} NOT NULL, slot ${int64} NOT NULL, rows ${int64} NOT NULL, ` +
      `PRIMARY KEY (name, slot))`,
    ...(dialect.name === 'sqlite' ? sqliteTriggers() : postgresTriggers(dialect)),
  ];
}

function sqliteTriggers(): readonly string[] {
  const add = (name: Counted, rows: string): string =>
    `BEGIN UPDATE totals SET rows = rows + ${rows} WHERE name = '${name}' AND slot = 0; END`;
  const judged = (row: 'OLD' | 'NEW'): string => `(${row}.outcome <> '{}')`;
  const trigger = (name: string, when: string, action: string): string =>
    `CREATE TRIGGER ${name} AFTER ${when} ${action}`;
  return [
    ...[...countedTables, 'judged'].map(
      (name) => `INSERT INTO totals (name, slot, rows) VALUES ('${name}', 0, 0)`,
    ),
    ...countedTables.flatMap((table) => [
      trigger(`${table}_added`, `INSERT ON ${table}`, add(table, '1')),
      trigger(`${table}_removed`, `DELETE ON ${table}`, add(table, '-1')),
    ]),
    trigger('judged_added', 'INSERT ON frozen', add('judged', judged('NEW'))),
    trigger(
      'judged_changed',
      'UPDATE OF outcome ON frozen',
      add('judged', `${judged('NEW')} - ${judged('OLD')}`),
    ),
    trigger('judged_removed', 'DELETE ON frozen', add('judged', `-${judged('OLD')}`)),
  ];
}

function postgresTriggers({ slot }: Dialect): readonly string[] {
  const add = (name: string, rows: string): string =>
    `INSERT INTO totals (name, slot, rows) VALUES (${name}, ${slot(1024)}, ${rows}) ` +
    `ON CONFLICT (name, slot) DO UPDATE SET rows = totals.rows + excluded.rows;`;
  const judged = (rows: string): string => `(SELECT count(*) FROM ${rows} WHERE outcome <> '{}')`;
  const body = (lines: string): string =>
    `RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${lines} RETURN NULL; END $$`;
  const when = (operation: string, lines: string): string =>
    `IF TG_OP = '${operation}' THEN ${lines} END IF; `;
  const trigger = (table: string, change: string, counter: string): string => {
    const tables = [
      ...(change === 'INSERT' ? [] : ['OLD TABLE AS before']),
      ...(change === 'DELETE' ? [] : ['NEW TABLE AS after']),
    ];
    return (
      `CREATE TRIGGER ${table}_${counter}_${change.toLowerCase()} AFTER ${change} ON ${table} ` +
      `REFERENCING ${tables.join(' ')} FOR EACH STATEMENT EXECUTE FUNCTION ${counter}()`
    );
  };
  return [
    `CREATE FUNCTION count_rows() ${body(
      when('INSERT', add('TG_TABLE_NAME', '(SELECT count(*) FROM after)')) +
        when('DELETE', add('TG_TABLE_NAME', '-(SELECT count(*) FROM before)')),
    )}`,
    `CREATE FUNCTION count_judged() ${body(
      when('INSERT', add(`'judged'`, judged('after'))) +
        when('UPDATE', add(`'judged'`, `${judged('after')} - ${judged('before')}`)) +
        when('DELETE', add(`'judged'`, `-${judged('before')}`)),
    )}`,
    ...countedTables.flatMap((table) =>
      ['INSERT', 'DELETE'].map((change) => trigger(table, change, 'count_rows')),
    ),
    ...['INSERT', 'UPDATE', 'DELETE'].map((change) => trigger('frozen', change, 'count_judged')),
  ];
}

/** How many rows there are, without counting them. */
export async function readTotals(session: Session): Promise<(name: Counted) => number> {
  const rows = await session.all<{ name: Counted; rows: number | string }>(
    'SELECT name, sum(rows) AS rows FROM totals GROUP BY name',
  );
  const totals = new Map(rows.map((row) => [row.name, Number(row.rows)]));
  return (name) => totals.get(name) ?? 0;
}
