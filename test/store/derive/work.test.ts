import { readDirty } from '../../../src/store/derive/work';
import { openSqlite } from '../../../src/store/database/sqlite-database';
import { resolveStoreOptions } from '../../../src/store/store-options';
import type { Session } from '../../../src/store/database/database';
import { readJobs } from '../../../src/store/upkeep/jobs';
import { createHarness, interpreted } from '../contract/harness';

describe('what is dirty', () => {
  const harness = createHarness('sqlite');
  afterAll(() => harness.dispose());

  it('is found by an index: a look read every trace and execution there is', async () => {
    const url = harness.newUrl();
    await (await harness.openAt(url)).write({ spans: [interpreted()], rewards: [] });
    const other = await harness.connect(url);
    await other.raw('UPDATE traces SET dirty = 2');
    const file = url.slice('sqlite:'.length);
    const database = await openSqlite({ file, inMemory: false }, resolveStoreOptions({}));
    const plans: string[] = [];
    await database.read(async (session) => {
      const explained: Session = {
        ...session,
        async all(sql, values = []) {
          const plan = await session.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, values);
          plans.push(...plan.map(({ detail }) => detail));
          return session.all(sql, values);
        },
      };
      expect(await readDirty(explained, new Set())).not.toBeNull();
      const counters = { slices: 0, failures: 0, lastSliceMillis: 0, unlistedSpans: 0 };
      await readJobs(explained, counters, 0, {});
    });
    await database.close();
    const ofTables = plans.filter((step) => /^(SCAN|SEARCH) (t|e|traces|executions)\b/.test(step));
    expect(ofTables.length).toBeGreaterThan(4);
    for (const step of ofTables) expect(step).toMatch(/INDEX (traces|executions)_(dirty|open)/);
  });
});
