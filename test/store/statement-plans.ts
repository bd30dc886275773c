import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import sqlite3 from 'sqlite3';
import { openStore } from '../../src/store';

/** Tables that have the more rows the longer a store is used. */
const growing: ReadonlySet<string> = new Set([
  ...['traces', 'spans', 'span_tags', 'span_links', 'span_matches', 'claims', 'rewards', 'tasks'],
  ...['executions', 'frozen', 'exposed', 'outcome_changes', 'ledger', 'audit', 'assignments'],
]);

/** Indexes of what waits for something, which are short however much is stored. */
const short: ReadonlySet<string> = new Set([
  ...['traces_dirty', 'executions_dirty', 'executions_open', 'frozen_unadmitted'],
]);

const known: readonly RegExp[] = [
  // Asked by a person who has nothing but the id of a span: along an index, and its text says so.
  /SELECT key FROM spans WHERE span_id = (\?|\$1) LIMIT 2/,
  // What tests try to do to the audit, in vain.
  /^(UPDATE|DELETE FROM) audit\b/,
  // A claim that names a trace and nothing else: its spans are sorted, and those of no other.
  /WHERE s\.carrier = 0 AND t\.trace_id = (\?|\$1) ORDER BY/,
];

interface Walk {
  readonly sql: string;
  readonly plan: string;
}

/**
 * Runs a suite, and then tells which of the statements of its stores (of `sqlite3` or `pg`) the database would carry out by walking a
 * table that grows: without an index, or along one that leaves nothing out with nothing that ends it. SQLite also tells
 * where rows are sorted for the sake of the first of them.
 */
export function withoutWalks(dialect: 'sqlite' | 'postgres', suite: () => void): void {
  const { seen, stop } = watchStatements(dialect);
  afterAll(stop);
  suite();
  it('no statement of all these walks a table that grows', async () => {
    const asked = [...seen].filter(
      (sql) =>
        /^\s*(SELECT|WITH|UPDATE|DELETE|INSERT)/.test(sql) && !known.some((form) => form.test(sql)),
    );
    expect(asked.length).toBeGreaterThan(50);
    const walk = `SELECT key FROM spans WHERE name = 'x'`;
    const found = await finders[dialect]([...asked, walk]);
    expect(found).toEqual([expect.objectContaining({ sql: walk })]);
  });
}

type Method = (this: unknown, ...given: unknown[]) => unknown;

/** Statements that were given to methods of a driver. */
function watch<T extends object>(driver: T, names: readonly (keyof T & string)[]) {
  const seen = new Set<string>();
  const watched = names.map((name) => {
    const methods = driver as Record<string, Method>;
    const original = methods[name]!;
    return jest.spyOn(methods, name).mockImplementation(function (
      this: unknown,
      ...given: unknown[]
    ) {
      const [asked] = given as [string | { readonly text: string }];
      seen.add(typeof asked === 'string' ? asked : asked.text);
      return original.apply(this, given);
    });
  });
  return { seen, stop: () => watched.forEach((spy) => spy.mockRestore()) };
}

/** Statements of all stores of this process (of `sqlite3` or `pg`) from now on. */
export function watchStatements(dialect: 'sqlite' | 'postgres') {
  return dialect === 'sqlite'
    ? watch(sqlite3.Database.prototype, ['prepare', 'all'])
    : watch(pg.Client.prototype, ['query']);
}

const finders = { sqlite: findSqliteWalks, postgres: findPostgresWalks };

async function findSqliteWalks(statements: readonly string[]): Promise<readonly Walk[]> {
  const folder = mkdtempSync(join(tmpdir(), 'otel-evolution-plans-'));
  const file = join(folder, 'plans.db');
  await (await openStore(`sqlite:${file}`)).close();
  const database = new sqlite3.Database(file);
  const ask = <Row>(sql: string): Promise<Row[]> =>
    new Promise((resolve, reject) => {
      database.all<Row>(sql, (error, rows) => (error ? reject(error) : resolve(rows)));
    });
  const walks: Walk[] = [];
  for (const sql of statements) {
    const plan = await ask<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
    for (const { detail } of plan) {
      if (
        detail === 'USE TEMP B-TREE FOR ORDER BY' &&
        /\bLIMIT 1\b/.test(sql) &&
        isOfGrowing(sql)
      ) {
        walks.push({ sql, plan: plan.map((step) => step.detail).join(', ') });
      }
      const [, name, index] = /^SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?/.exec(detail) ?? [];
      if (name === undefined || !growing.has(tableOf(sql, name))) continue;
      const ends = index === undefined ? inOrderOfKeys.test(sql) : /\bLIMIT\b/.test(sql);
      if (!ends && !short.has(index ?? '')) walks.push({ sql, plan: detail });
    }
  }
  await new Promise((resolve) => database.close(resolve));
  rmSync(folder, { recursive: true });
  return walks;
}

/** A page of all rows, or the last one: nothing is passed that does not belong to it. */
const inOrderOfKeys = /FROM (\w+)( AS \w+)? ORDER BY (\w+\.)?key (ASC |DESC )?LIMIT \d+/;

const isOfGrowing = (sql: string): boolean =>
  [...sql.matchAll(/\b(?:FROM|JOIN) (\w+)/g)].some(([, table]) => growing.has(table!));

/** A plan names what it walks by its alias. */
function tableOf(sql: string, alias: string): string {
  return new RegExp(`\\b(?:FROM|JOIN|UPDATE) (\\w+) AS ${alias}\\b`).exec(sql)?.[1] ?? alias;
}

/** What Postgres says of a step of a plan. */
interface Step {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly Step[];
}

/**
 * Plans for any values on tables that the planner takes for large, with every way to walk a table forbidden as in a write: one
 * that is left is one for which there is no index.
 */
async function findPostgresWalks(statements: readonly string[]): Promise<readonly Walk[]> {
  const url = new URL(process.env.TEST_PG_URL!);
  const schema = `plans_${process.pid}`;
  url.searchParams.set('schema', schema);
  await (await openStore(url.href)).close();
  const client = new pg.Client({ connectionString: process.env.TEST_PG_URL! });
  await client.connect();
  await client.query(`SET search_path = ${schema}`);
  // Within one transaction, so that the server does not count anew meanwhile.
  await client.query('BEGIN');
  for (const table of growing) await fill(client, table);
  // Of this schema alone: each table of the server would take a lock, and those that others left do not end.
  const { rows: own } = await client.query<{ name: string }>(
    'SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = current_schema()',
  );
  await client.query(`ANALYZE ${own.map(({ name }) => name).join(', ')}`);
  // Rows are counted by the pages that there are, at the density that was found last.
  await client.query(
    `UPDATE pg_class SET reltuples = 1e8 WHERE relnamespace = current_schema()::regnamespace AND relname = ANY($1)`,
    [[...growing]],
  );
  for (const way of ['seqscan', 'hashjoin', 'mergejoin']) {
    await client.query(`SET enable_${way} = off`);
  }
  const walks: Walk[] = [];
  for (const sql of statements) {
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Step }] }>(
      `EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${sql}`,
    );
    for (const plan of walksOf(rows[0]!['QUERY PLAN'][0].Plan, false)) walks.push({ sql, plan });
  }
  await client.query('ROLLBACK');
  await client.query(`DROP SCHEMA ${schema} CASCADE`);
  await client.end();
  return walks;
}

const rowsOfTable = 1_000;

/** Of these columns each row has a value of its own; what else is text has seven different ones, as names and kinds do. */
const named = /(^|_)(id|hash|identity|unit|subject)$/;

/** Rows of which nothing waits. */
async function fill(client: pg.Client, table: string): Promise<void> {
  const { rows: columns } = await client.query<{ name: string; type: string }>(
    `SELECT column_name AS name, data_type AS type FROM information_schema.columns ` +
      `WHERE table_schema = current_schema() AND table_name = $1`,
    [table],
  );
  const values = columns.map(({ name, type }) => {
    if (name === 'dirty') return '0';
    if (type !== 'text') return 'n';
    return named.test(name) && name !== 'agent_id' ? 'md5(n::text)' : `'x' || n % 7`;
  });
  await client.query(
    `INSERT INTO ${table} (${columns.map(({ name }) => name).join(', ')}) ` +
      `SELECT ${values.join(', ')} FROM generate_series(1, ${rowsOfTable}) AS n`,
  );
}

/** These hand a row on before they have seen the last one, so that a limit above them ends what is below. */
const streams: ReadonlySet<string> = new Set([
  ...['Limit', 'Nested Loop', 'LockRows', 'Subquery Scan', 'Append', 'Result', 'Incremental Sort'],
  ...['Index Scan', 'Index Only Scan'],
]);

function walksOf(step: Step, limited: boolean): readonly string[] {
  const { 'Node Type': type, 'Relation Name': table, 'Index Name': index = '' } = step;
  const ends = type === 'Limit' || (limited && streams.has(type));
  const isScan = table !== undefined && growing.has(table) && / Scan$/.test(type);
  const leavesOut = step['Index Cond'] !== undefined || type === 'Bitmap Heap Scan';
  const walks =
    isScan && !leavesOut && !short.has(index) && !(ends && index !== '')
      ? [`${type} on ${table} ${index}`]
      : [];
  const isBitmap = type === 'Bitmap Index Scan' && !leavesOut && !short.has(index);
  return [
    ...walks,
    ...(isBitmap ? [`${type} ${index}`] : []),
    ...(step.Plans ?? []).flatMap((part) => walksOf(part, ends)),
  ];
}
