/**
 * `TEST_PG_URL=… experiments/two-processes [units]`: two processes assign the same units at once on Postgres, and the split changes
 * half-way: each unit ends with one variant, which both know, and none is lost.
 */
import { fork } from 'node:child_process';
import pg from 'pg';
import { createEvolution, StoreUnavailableError, type Evolution } from '../../src/index';

const [role = '100000', ...rest] = process.argv.slice(2);

/** Assigned between two rounds of storing. */
const CHUNK = 2_000;

if (role === 'process') await assignAll(rest[0]!, rest[1]!, Number(rest[2]), rest[3] === 'changes');
else await measure(Number(role));

async function measure(units: number): Promise<void> {
  const server = process.env.TEST_PG_URL;
  if (server === undefined) throw new Error('TEST_PG_URL must name a PostgreSQL server.');
  const url = new URL(server);
  const schema = `two_processes_${process.pid}`;
  url.searchParams.set('schema', schema);
  const evolution = await createEvolution({ databaseUrl: url.href });
  const { id } = await evolution.experiments.create({
    name: 'two processes',
    variants: [{ name: 'a' }, { name: 'b' }],
    trafficSplit: [0.5, 0.5],
    successMetric: 'success',
  });
  const startedAt = performance.now();
  const answers = await Promise.all([
    runProcess(url.href, id, units, 'changes'),
    runProcess(url.href, id, units, 'follows'),
  ]);
  const seconds = (performance.now() - startedAt) / 1_000;
  const stored = new Map<string, string>();
  let rows = 0;
  for await (const { unit, variant } of evolution.store.readAssignments(id)) {
    stored.set(unit, variant);
    rows += 1;
  }
  const unitsOf = Array.from({ length: units }, (_, i) => `unit ${i}`);
  const differing = answers.map(
    (said) => unitsOf.filter((unit, i) => stored.get(unit) !== said[i]).length,
  );
  await evolution.close();
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(`DROP SCHEMA "${schema}" CASCADE`);
  await client.end();
  console.log(
    JSON.stringify({
      bench: 'experiments/two-processes',
      units,
      rows,
      twice: rows - stored.size,
      lost: unitsOf.filter((unit) => !stored.has(unit)).length,
      processDiffersFromStored: differing,
      shareOfB: [...stored.values()].filter((variant) => variant === 'b').length / stored.size,
      seconds,
    }),
  );
}

function runProcess(...[url, id, units, part]: [string, string, number, string]): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const child = fork(process.argv[1]!, ['process', url, id, String(units), part]);
    child.on('message', (message) => (said = typeof message === 'string' ? message : ''));
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve(said) : reject(new Error(`exit ${code}`))));
  });
}

/** As `serve` does: what cannot be stored just now waits for the next time. */
async function store(experiments: Evolution['experiments']): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await experiments.flush();
      return;
    } catch (error) {
      if (!(error instanceof StoreUnavailableError) || tries === 10) throw error;
    }
  }
}

/** Each process in an order of its own; says a letter a unit: what it would answer now. */
async function assignAll(
  databaseUrl: string,
  id: string,
  units: number,
  changes: boolean,
): Promise<void> {
  const evolution = await createEvolution({ databaseUrl });
  const { experiments } = evolution;
  const place = (i: number): number => (changes ? i : units - 1 - i);
  for (let i = 0; i < units; i += 1) {
    experiments.assignVariant(id, `unit ${place(i)}`);
    if (i % CHUNK === CHUNK - 1) await store(experiments);
    if (changes && i === Math.floor(units / 4)) await experiments.changeSplit(id, [0.2, 0.8]);
  }
  await store(experiments);
  await experiments.refresh();
  const letters = Array.from(
    { length: units },
    (_, i) => experiments.assignVariant(id, `unit ${i}`).variant,
  );
  await store(experiments);
  process.send!(letters.join(''));
  await evolution.close();
}
