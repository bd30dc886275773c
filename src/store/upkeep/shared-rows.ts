import type { Database, Session } from '../database/database';

/** Keys of rows that many spans share. */
export interface SharedRows {
  readonly resources: ReadonlySet<number>;
  readonly scopes: ReadonlySet<number>;
  readonly tags: ReadonlySet<number>;
}

export const noShared: SharedRows = { resources: new Set(), scopes: new Set(), tags: new Set() };

export function joinShared(a: SharedRows, b: SharedRows): SharedRows {
  const both = <T>(x: ReadonlySet<T>, y: ReadonlySet<T>): ReadonlySet<T> =>
    y.size === 0 ? x : new Set([...x, ...y]);
  return {
    resources: both(a.resources, b.resources),
    scopes: both(a.scopes, b.scopes),
    tags: both(a.tags, b.tags),
  };
}

type Shared = 'resources' | 'scopes';

/** How a row is called that no writer may find any more; the key keeps it unique. */
const retired = `'retired:' || key || ':' || hash`;
const restored = `substr(hash, length('retired:' || key || ':') + 1)`;

/**
 * Drops the given resources and scopes that no span refers to. First they are retired under names that no writer looks
 * for, and the caches of all writers are told, so that nobody refers to them anew; then all spans are looked through in
 * slices; then those in use get their names back and the others go. Whatever a killed process left retired is a
 * candidate next time.
 */
export async function dropUnused(
  database: Database,
  { resources, scopes }: SharedRows,
): Promise<void> {
  if (resources.size + scopes.size === 0) return;
  const retiredKeys = await database.write('exclusive', async (session) => ({
    resources: await retire(session, 'resources', resources),
    scopes: await retire(session, 'scopes', scopes),
  }));
  const unused = { resources: retiredKeys.resources, scopes: retiredKeys.scopes };
  for (let after = 0; unused.resources.size + unused.scopes.size > 0;) {
    const page = await database.read((session) => readPage(session, after));
    if (page.last === null) break;
    for (const key of page.resources) unused.resources.delete(key);
    for (const key of page.scopes) unused.scopes.delete(key);
    after = page.last;
  }
  await database.write('exclusive', async (session) => {
    for (const table of ['resources', 'scopes'] as const) {
      const { inList, list } = session.dialect;
      await session.run(`DELETE FROM ${table} WHERE ${inList('key', 'bigint')}`, [
        list([...unused[table]]),
      ]);
      // One that came anew under its own name meanwhile keeps it; the old row is as good under the other.
      await session.run(
        `UPDATE ${table} SET hash = ${restored} WHERE hash LIKE 'retired:%' AND NOT EXISTS ` +
          `(SELECT 1 FROM ${table} AS own WHERE own.hash = ${restored.replaceAll('hash', `${table}.hash`).replaceAll('key', `${table}.key`)})`,
      );
    }
  });
}

/** Spans that one look reads: two small columns of each. */
const spansAtOnce = 20_000;

async function readPage(
  session: Session,
  after: number,
): Promise<{
  readonly last: number | null;
  readonly resources: readonly number[];
  readonly scopes: readonly number[];
}> {
  const page = `SELECT key, resource_key, scope_key FROM spans WHERE key > ? ORDER BY key LIMIT ${spansAtOnce}`;
  const rows = await session.all<Record<'last' | 'resource_key' | 'scope_key', number | string>>(
    `SELECT max(key) AS last, resource_key, scope_key FROM (${page}) AS page GROUP BY resource_key, scope_key`,
    [after],
  );
  return {
    last: rows.length === 0 ? null : Math.max(...rows.map((row) => Number(row.last))),
    resources: rows.map((row) => Number(row.resource_key)),
    scopes: rows.map((row) => Number(row.scope_key)),
  };
}

async function retire(
  session: Session,
  table: Shared,
  keys: ReadonlySet<number>,
): Promise<Set<number>> {
  const { inList, list } = session.dialect;
  await session.run(
    `UPDATE ${table} SET hash = ${retired} WHERE ${inList('key', 'bigint')} AND hash NOT LIKE 'retired:%'`,
    [list([...keys])],
  );
  await forgetCaches(session);
  const rows = await session.all<{ key: number | string }>(
    `SELECT key FROM ${table} WHERE hash LIKE 'retired:%'`,
  );
  return new Set(rows.map((row) => Number(row.key)));
}

/** Makes every writer forget the keys that it remembers; see `readGeneration`. */
async function forgetCaches(session: Session): Promise<void> {
  await session.run(
    `INSERT INTO settings (name, value) VALUES ('shared_rows', '1') ON CONFLICT (name) ` +
      `DO UPDATE SET value = CAST(CAST(settings.value AS bigint) + 1 AS text)`,
  );
}

/**
 * Drops the given tags that no span, task or execution has. Nobody refers to a tag's row but spans, so the look at
 * these and the deletion are one transaction.
 */
export async function dropUnusedTags(database: Database, { tags }: SharedRows): Promise<void> {
  if (tags.size === 0) return;
  const shown = new Set<string>();
  for (const table of ['tasks', 'executions']) {
    for (let after: number | null = 0; after !== null;) {
      const from: number = after;
      after = await database.read(async (session) => {
        const rows = await session.all<{ key: number | string; tags: string }>(
          `SELECT key, tags FROM ${table} WHERE key > ? AND tags <> '[]' ORDER BY key LIMIT 5000`,
          [from],
        );
        for (const row of rows) for (const tag of JSON.parse(row.tags) as string[]) shown.add(tag);
        return rows.length < 5_000 ? null : Number(rows.at(-1)!.key);
      });
    }
  }
  await database.write('exclusive', async (session) => {
    const { inList, list } = session.dialect;
    const rows = await session.all<{ key: number | string; tag: string }>(
      `SELECT g.key, g.tag FROM tags AS g WHERE ${inList('g.key', 'bigint')} ` +
        `AND NOT EXISTS (SELECT 1 FROM span_tags AS st WHERE st.tag_key = g.key)`,
      [list([...tags])],
    );
    const unused = rows.filter(({ tag }) => !shown.has(tag)).map(({ key }) => Number(key));
    if (unused.length === 0) return;
    await session.run(`DELETE FROM tags WHERE ${inList('key', 'bigint')}`, [list(unused)]);
    await forgetCaches(session);
  });
}
