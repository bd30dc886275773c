// One cluster per test run; TEST_PG_URL names a server of your own instead.
import { startPostgres } from './start-postgres.mjs';

export default async function postgresUp() {
  if (process.env.TEST_PG_URL) return;
  const postgres = await startPostgres();
  process.env.TEST_PG_URL = postgres.url;
  globalThis.testPostgres = postgres;
}
