import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  /SELECT key FROM spans WHERE span_id = \? LIMIT 2/,
  // What tests try to do to the audit, in vain.
  /^(UPDATE|DELETE FROM) audit\b/,
];

interface Walk {
  readonly sql: string;
  readonly plan: string;
}

/**
 * Runs a suite, and then tells which of the statements of its stores (of `sqlite3`) SQLite would carry out by walking a table
 * that grows: without an index, or along one that leaves nothing out with nothing that ends it.
 */
export function withoutWalks(suite: () => void): void {
  const statements = watchStatements();
  afterAll(() => statements.stop());
  suite();
  it('no statement of all these walks a table that grows', async () => {
    expect(await statements.walks()).toEqual([]);
  });
}

type Method = (this: unknown, ...given: unknown[]) => unknown;

function watchStatements(): { stop(): void; walks(): Promise<readonly Walk[]> } {
  const seen = new Set<string>();
  const watched = (['prepare', 'all'] as const).map((name) => {
    const methods = sqlite3.Database.prototype as unknown as Record<string, Method>;
    const original = methods[name]!;
    return jest.spyOn(sqlite3.Database.prototype, name).mockImplementation(function (
      this: unknown,
      ...given: unknown[]
    ) {
      seen.add(given[0] as string);
      return original.apply(this, given) as never;
    });
  });
  return {
    stop: () => watched.forEach((spy) => spy.mockRestore()),
    walks: () =>
      findWalks([...seen].filter((sql) => /^\s*(SELECT|WITH|UPDATE|DELETE|INSERT)/.test(sql))),
  };
}

async function findWalks(statements: readonly string[]): Promise<readonly Walk[]> {
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
    if (known.some((form) => form.test(sql))) continue;
    const plan = await ask<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
    for (const { detail } of plan) {
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

/** A plan names what it walks by its alias. */
function tableOf(sql: string, alias: string): string {
  return new RegExp(`\\b(?:FROM|JOIN|UPDATE) (\\w+) AS ${alias}\\b`).exec(sql)?.[1] ?? alias;
}
